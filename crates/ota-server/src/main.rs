//! `switchtower-server`: the update server as a program.

use std::io::Write as _;
use std::net::SocketAddr;
use std::path::PathBuf;

use anyhow::Context as _;
use chrono::{DateTime, Utc};
use clap::{Parser, Subcommand};
use ota_api::Role;
use ota_server::{Config, Server};
use serde_json::json;
use tokio_util::sync::CancellationToken;
use tracing_subscriber::EnvFilter;

/// The Switchtower update server: one program, one data folder.
#[derive(Parser)]
#[command(version, propagate_version = true)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Serve the admin API and the feeds. Prints one JSON line with the URL when it is ready.
    Serve {
        /// Folder of the database and the bundles; made if it is not there.
        #[arg(long, env = "SWITCHTOWER_DATA")]
        data: PathBuf,
        /// Address and port; port 0 takes a free one.
        #[arg(long, env = "SWITCHTOWER_LISTEN", default_value = "127.0.0.1:7420")]
        listen: SocketAddr,
        /// The base of every URL that devices are given, such as `https://ota.example.net`.
        #[arg(long, env = "SWITCHTOWER_PUBLIC_URL", value_parser = public_url)]
        public_url: Option<String>,
    },
    /// Access tokens.
    #[command(subcommand)]
    Token(TokenCommand),
    /// Print the OpenAPI document of the admin API.
    Openapi,
}

#[derive(Subcommand)]
enum TokenCommand {
    /// Make an access token and print it, once.
    Create {
        /// The server's data folder.
        #[arg(long, env = "SWITCHTOWER_DATA")]
        data: PathBuf,
        /// Who will use it: a person or a job.
        #[arg(long)]
        name: String,
        /// `viewer`, `designer`, `support`, `release_manager` or `admin`.
        #[arg(long)]
        role: Role,
        /// When it stops working, such as `2027-01-31T12:00:00Z`; never if absent.
        #[arg(long)]
        expires_at: Option<DateTime<Utc>>,
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
}

fn public_url(text: &str) -> Result<String, String> {
    let url = url::Url::parse(text)
        .map_err(|error| format!("{error}; write it as https://ota.example.net"))?;
    if !matches!(url.scheme(), "http" | "https")
        || url.query().is_some()
        || url.fragment().is_some()
    {
        return Err(
            "it begins with https:// (or http:// on this machine) and has no query".to_owned(),
        );
    }
    Ok(text.trim_end_matches('/').to_owned())
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    tracing_subscriber::fmt()
        .with_writer(std::io::stderr)
        .with_env_filter(
            EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info,sqlx=warn")),
        )
        .init();
    match Cli::parse().command {
        Command::Serve {
            data,
            listen,
            public_url,
        } => {
            serve(Config {
                data,
                listen,
                public_url,
            })
            .await
        }
        Command::Token(TokenCommand::Create {
            data,
            name,
            role,
            expires_at,
            json,
        }) => {
            let token = ota_server::create_token(&data, &name, role, expires_at)
                .await
                .context("No token was made")?;
            if json {
                print_line(&json!({ "token": token, "name": name, "role": role }).to_string())
            } else {
                print_line(&token)
            }
        }
        Command::Openapi => print_line(&ota_server::openapi().to_pretty_json()?),
    }
}

async fn serve(config: Config) -> anyhow::Result<()> {
    let server = Server::bind(&config)
        .await
        .context("The server did not start")?;
    print_line(&json!({ "url": format!("http://{}", server.address()), "public_url": server.public_url() }).to_string())?;
    let stop = CancellationToken::new();
    let stopping = stop.clone();
    tokio::spawn(async move {
        asked_to_stop().await;
        stopping.cancel();
    });
    server.serve(stop).await?;
    Ok(())
}

/// Ctrl C, or what a service manager sends.
async fn asked_to_stop() {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let Ok(mut terminate) = signal(SignalKind::terminate()) {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = tokio::signal::ctrl_c() => {}
            }
            return;
        }
    }
    // Without a handler the signal ends the process at once, which the store survives.
    drop(tokio::signal::ctrl_c().await);
}

fn print_line(line: &str) -> anyhow::Result<()> {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{line}")?;
    Ok(out.flush()?)
}
