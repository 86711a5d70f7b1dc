//! The connection to a server: the one inside the app, or one that somebody runs.

use std::time::{Duration, Instant};

use chrono::{TimeDelta, Utc};
use futures_util::StreamExt as _;
use ota_api::Role;
use ota_client::{Client, LiveEvent};
use ota_keys::AccessToken;
use ota_server::{Config, Server};
use tokio_util::sync::{CancellationToken, DropGuard};

use super::Out;
use super::clock::millis;
use super::keys::Keys;
use super::settings::Folders;
use crate::model::{Connected, Event, Fault, FaultKind, ProbeAnswer, Probed, ServerChoice};

/// The keyring's name for the token of the server inside the app: its port changes.
const EMBEDDED: &str = "switchtower:embedded";
/// A token that cannot be kept in the keyring is good for one sitting.
const SITTING: TimeDelta = TimeDelta::days(7);
/// An address that is being typed is not waited for longer.
const PROBE_PATIENCE: Duration = Duration::from_secs(5);

/// The server inside the app. Dropping it stops the server.
pub(super) struct Embedded {
    url: String,
    /// A token for this sitting, where the keyring keeps none.
    sitting: Option<AccessToken>,
    _stop: DropGuard,
}

/// A connection that stands. Dropping it ends the event stream.
pub(super) struct Link {
    pub(super) client: Client,
    pub(super) connected: Connected,
    _stream: DropGuard,
}

/// Starts the server inside the app, if it does not run.
async fn embedded<'a>(
    running: &'a mut Option<Embedded>,
    folders: &Folders,
    keys: &Keys,
) -> Result<&'a mut Embedded, Fault> {
    if running.is_none() {
        let config = Config {
            data: folders.server(),
            listen: ([127, 0, 0, 1], 0).into(),
            public_url: None,
        };
        // The same port as last time where it is free: apps on this computer may be set up for it.
        let port = last_port(folders);
        let server = match port {
            Some(port) => {
                let again = Config {
                    listen: ([127, 0, 0, 1], port).into(),
                    ..config.clone()
                };
                match Server::bind(&again).await {
                    Ok(server) => server,
                    Err(_) => Server::bind(&config).await?,
                }
            }
            None => Server::bind(&config).await?,
        };
        remember_port(folders, server.address().port());
        let url = format!("http://{}", server.address());
        let sitting = embedded_token(&server, keys).await?;
        let stop = CancellationToken::new();
        let until = stop.clone();
        tokio::spawn(async move {
            if let Err(error) = server.serve(until).await {
                tracing::error!("The server inside the app stopped: {error:#}");
            }
        });
        *running = Some(Embedded {
            url,
            sitting,
            _stop: stop.drop_guard(),
        });
    }
    running
        .as_mut()
        .ok_or_else(|| Fault::local("The server inside the app did not start"))
}

/// Makes a token unless the keyring has a good one. Returns it if the keyring cannot keep it.
async fn embedded_token(server: &Server, keys: &Keys) -> Result<Option<AccessToken>, Fault> {
    let kept = match keys.token(EMBEDDED.to_owned()).await {
        Ok(Some(_)) => return Ok(None),
        // Asked before a token is made: one that nobody keeps would be good for ever.
        Ok(None) => keys.check().await,
        Err(fault) => Err(fault),
    };
    // Not silently: the Keys screen says what is the matter with the keyring.
    if let Err(fault) = &kept {
        tracing::warn!("The keyring keeps no token: {}", fault.message);
    }
    let until = kept.is_err().then(|| Utc::now() + SITTING);
    let token = server
        .create_token("This computer", Role::Admin, until)
        .await?;
    let token = AccessToken::new(token);
    if kept.is_err() {
        return Ok(Some(token));
    }
    keys.save_token(EMBEDDED.to_owned(), token).await?;
    Ok(None)
}

fn port_file(folders: &Folders) -> std::path::PathBuf {
    folders.server().join("port")
}

fn last_port(folders: &Folders) -> Option<u16> {
    fs_err::read_to_string(port_file(folders))
        .ok()?
        .trim()
        .parse()
        .ok()
}

fn remember_port(folders: &Folders, port: u16) {
    if let Err(error) = fs_err::write(port_file(folders), port.to_string()) {
        tracing::warn!("The port was not remembered: {error}");
    }
}

/// Connects and begins to listen.
pub(super) async fn connect(
    running: &mut Option<Embedded>,
    server: ServerChoice,
    token: Option<AccessToken>,
    folders: &Folders,
    keys: &Keys,
    out: &Out,
) -> Result<Link, Fault> {
    let (url, name, sitting) = match &server {
        ServerChoice::Embedded => {
            let embedded = embedded(running, folders, keys).await?;
            (
                embedded.url.clone(),
                EMBEDDED.to_owned(),
                embedded.sitting.clone(),
            )
        }
        ServerChoice::Remote { url } => (url.clone(), url.clone(), None),
    };
    let (given, sitting_token) = (token.clone(), sitting.clone());
    let token = match token.or(sitting) {
        Some(token) => token,
        None => kept_token(keys, &name, &url).await?,
    };
    let client = Client::new(&url, &token)?;
    let asked = Instant::now();
    let session = match client.session().await {
        Ok(session) => session,
        Err(error) => {
            let fault = Fault::from(&error);
            if fault.kind == FaultKind::Token && server == ServerChoice::Embedded {
                // Its data folder was replaced: the next try makes a new token.
                *running = None;
                keys.delete_token(name).await?;
            }
            return Err(fault);
        }
    };
    let latency_ms = millis(asked);
    if let Some(token) = given {
        keys.save_token(name.clone(), token).await?;
    }
    let token_kept = sitting_token.is_none() && !keys.is_of_this_sitting(&name);
    let stop = CancellationToken::new();
    tokio::spawn(listen(client.clone(), out.clone(), stop.clone()));
    let connected = Connected {
        server,
        url,
        session,
        latency_ms,
        token_kept,
    };
    Ok(Link {
        client,
        connected,
        _stream: stop.drop_guard(),
    })
}

/// The token of an earlier time. Where none can be had, one is asked for: whoever has no keyring can go on with it.
async fn kept_token(keys: &Keys, name: &str, url: &str) -> Result<AccessToken, Fault> {
    let hint = "Paste a token, or ask whoever runs the server for one".to_owned();
    let (message, hint) = match keys.token(name.to_owned()).await {
        Ok(Some(token)) => return Ok(token),
        Ok(None) => (format!("The keyring has no access token for {url}"), hint),
        Err(fault) => (
            format!(
                "The access token for {url} cannot be read: {}",
                fault.message
            ),
            format!(
                "{hint}. It is kept until you close Switchtower if the keyring does not take it"
            ),
        ),
    };
    Err(Fault {
        message,
        hint: Some(hint),
        kind: FaultKind::Token,
    })
}

/// Passes on what happens on the server.
async fn listen(client: Client, out: Out, stop: CancellationToken) {
    let mut events = Box::pin(client.events());
    loop {
        let event = tokio::select! {
            () = stop.cancelled() => return,
            event = events.next() => event,
        };
        let event = match event {
            None => return,
            Some(LiveEvent::Resync) => Event::Stream {
                at: Utc::now(),
                fault: None,
            },
            Some(LiveEvent::Activity(event)) => Event::Changed(event),
            Some(LiveEvent::Check(event)) => Event::Checked {
                at: Utc::now(),
                event,
            },
            Some(LiveEvent::Lost { error, .. }) => Event::Stream {
                at: Utc::now(),
                fault: Some(Fault::from(&error)),
            },
        };
        out.send(event).await;
    }
}

/// Asks an address what it is. Without a token, a server of ours refuses in its own words.
pub(super) async fn probe(url: String, token: Option<AccessToken>) -> Probed {
    let given = token.is_some();
    let result = async {
        let client = Client::new(&url, &token.unwrap_or_else(|| AccessToken::new("swt_none")))?;
        match tokio::time::timeout(PROBE_PATIENCE, client.session()).await {
            Err(_) => Err(Fault {
                message: format!("{} does not answer", client.server()),
                hint: None,
                kind: FaultKind::Unreachable,
            }),
            Ok(Ok(session)) => Ok(ProbeAnswer {
                session: Some(session),
                token_fault: None,
            }),
            Ok(Err(error)) => {
                let fault = Fault::from(&error);
                if fault.kind == FaultKind::Token {
                    Ok(ProbeAnswer {
                        session: None,
                        token_fault: Some(fault).filter(|_| given),
                    })
                } else {
                    Err(fault)
                }
            }
        }
    }
    .await;
    Probed { url, result }
}
