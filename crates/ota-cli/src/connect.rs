//! Which server, and the right to talk to it.

use std::env;

use anyhow::Context as _;
use ota_client::Client;
use ota_keys::AccessToken;

use crate::cli::Global;
use crate::failure::Usage;

const TOKEN: &str = "SWITCHTOWER_TOKEN";

/// A client of the server that was named. Sends nothing yet.
pub(crate) fn client(global: &Global) -> anyhow::Result<Client> {
    let server = global
        .server
        .as_deref()
        .filter(|server| !server.trim().is_empty())
        .ok_or_else(|| {
            Usage::new(
                "No server is named",
                "Give its address with --server or SWITCHTOWER_SERVER",
            )
        })?;
    Ok(Client::new(server, &token(global)?)?)
}

fn token(global: &Global) -> anyhow::Result<AccessToken> {
    let text = match &global.token_file {
        Some(path) => {
            fs_err::read_to_string(path).context("The file with the access token cannot be read")?
        }
        None => env::var(TOKEN).unwrap_or_default(),
    };
    // Wiped from memory with the value that it becomes.
    let token = AccessToken::new(text);
    if token.reveal().trim().is_empty() {
        let hint = "Put it into SWITCHTOWER_TOKEN, or into a file and name that with --token-file";
        return Err(Usage::new("There is no access token", hint).into());
    }
    Ok(token)
}
