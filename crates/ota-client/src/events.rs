//! Changes as they happen.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use futures_util::stream::{self, Stream};
use ota_api::{CheckEvent, ServerEvent, paths};
use reqwest::{Method, Response, header};

use crate::client::Client;
use crate::error::ClientError;
use crate::http::Http;
use crate::sse::{Event, Parser};

/// The server sends something every 15 seconds; a connection that is silent for longer is dead.
const SILENCE: Duration = Duration::from_secs(40);
const FIRST_WAIT: Duration = Duration::from_millis(250);
const LONGEST_WAIT: Duration = Duration::from_secs(30);

/// What [`Client::events`] tells.
#[derive(Debug)]
pub enum LiveEvent {
    /// The stream stands, or some events were missed: read again what you show.
    Resync,
    /// Something happened.
    Activity(Box<ServerEvent>),
    /// Devices of an app checked.
    Check(Box<CheckEvent>),
    /// The connection is lost. It is tried again after `again_in`; when there is none, the server refused and nothing
    /// follows.
    Lost {
        /// Why.
        error: ClientError,
        /// When it is tried again.
        again_in: Option<Duration>,
    },
}

impl Client {
    /// Changes of all apps as they happen. Connects again by itself, later and later while that fails, and each time
    /// begins with [`LiveEvent::Resync`]. Ends only when the server refuses the token.
    pub fn events(&self) -> impl Stream<Item = LiveEvent> + Send + use<> {
        let listener = Listener {
            http: Arc::clone(&self.http),
            connection: None,
            ready: VecDeque::new(),
            wait: Next::Now,
        };
        stream::unfold(listener, |mut listener| async move {
            let event = listener.next().await?;
            Some((event, listener))
        })
    }
}

struct Listener {
    http: Arc<Http>,
    connection: Option<(Response, Parser)>,
    ready: VecDeque<LiveEvent>,
    wait: Next,
}

/// When to connect.
#[derive(Clone, Copy)]
enum Next {
    Now,
    After(Duration),
    Never,
}

impl Listener {
    async fn next(&mut self) -> Option<LiveEvent> {
        loop {
            if let Some(event) = self.ready.pop_front() {
                return Some(event);
            }
            let result = match self.connection.take() {
                Some(connection) => self.read(connection).await,
                None => self.connect().await?,
            };
            if let Err(error) = result {
                return Some(self.lost(error));
            }
        }
    }

    /// `None` when the stream has ended.
    async fn connect(&mut self) -> Option<Result<(), ClientError>> {
        match self.wait {
            Next::Now => {}
            Next::After(wait) => tokio::time::sleep(wait).await,
            Next::Never => return None,
        }
        let request = self
            .http
            .request(Method::GET, paths::EVENTS)
            .header(header::ACCEPT, "text/event-stream");
        // Each part of the stream has a limit of its own instead.
        let request = request.timeout(Duration::from_hours(24));
        let answer = tokio::time::timeout(SILENCE, self.http.accepted(request)).await;
        Some(match answer {
            Ok(Ok(response)) => {
                self.connection = Some((response, Parser::default()));
                Ok(())
            }
            Ok(Err(error)) => Err(error),
            Err(_) => Err(self.silent()),
        })
    }

    async fn read(
        &mut self,
        (mut response, mut parser): (Response, Parser),
    ) -> Result<(), ClientError> {
        let part = match tokio::time::timeout(SILENCE, response.chunk()).await {
            Err(_) => return Err(self.silent()),
            Ok(Err(error)) => return Err(ClientError::exchange(self.http.server(), error)),
            Ok(Ok(None)) => {
                // Ended in order: the server stops, or the token expired. Connecting again tells which.
                self.wait = Next::After(FIRST_WAIT);
                return Ok(());
            }
            Ok(Ok(Some(part))) => part,
        };
        let not_events =
            |_| ClientError::unexpected(self.http.server(), "its events cannot be read");
        let events = parser.feed(&part).map_err(not_events)?;
        if !events.is_empty() {
            // Only a stream that says something counts as connected.
            self.wait = Next::Now;
        }
        self.ready.extend(events.iter().filter_map(understand));
        self.connection = Some((response, parser));
        Ok(())
    }

    fn silent(&self) -> ClientError {
        ClientError::unreachable(self.http.server(), "no answer in time")
    }

    fn lost(&mut self, error: ClientError) -> LiveEvent {
        if matches!(&error, ClientError::Refused(problem) if (400..500).contains(&problem.status)) {
            self.wait = Next::Never;
            return LiveEvent::Lost {
                error,
                again_in: None,
            };
        }
        let wait = match self.wait {
            Next::After(wait) => wait.saturating_mul(2).min(LONGEST_WAIT),
            Next::Now | Next::Never => FIRST_WAIT,
        };
        self.wait = Next::After(wait);
        LiveEvent::Lost {
            error,
            again_in: Some(wait),
        }
    }
}

/// Names that are not known here come from newer servers.
fn understand(event: &Event) -> Option<LiveEvent> {
    match event.name.as_str() {
        "resync" => Some(LiveEvent::Resync),
        "activity" => {
            Some(serde_json::from_str(&event.data).map_or(LiveEvent::Resync, LiveEvent::Activity))
        }
        // One that cannot be read costs nothing: the next one says the same and more.
        "check" => serde_json::from_str(&event.data).ok().map(LiveEvent::Check),
        _ => None,
    }
}
