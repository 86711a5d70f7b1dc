//! One method for each operation of the server.

mod apps;
mod channels;
mod device;
mod releases;

use std::sync::Arc;

use ota_api::{ActivityEntry, ActivityPage, Session, paths};
use ota_keys::AccessToken;
use ota_model::AppSlug;
use reqwest::Method;

use crate::error::ClientError;
use crate::http::Http;

pub use device::{DeviceAnswer, DeviceAsk};

/// The most that a page of the activity log has.
const ACTIVITY_PAGE: u64 = 1000;

/// A server and the right to talk to it. Cheap to clone; all clones share their connections.
#[derive(Debug, Clone)]
pub struct Client {
    pub(crate) http: Arc<Http>,
}

impl Client {
    /// A client of the server at `url`. Sends nothing yet.
    ///
    /// Refuses plain http, which would show the token to everyone on the way, except to this computer itself.
    pub fn new(url: &str, token: &AccessToken) -> Result<Self, ClientError> {
        Ok(Self {
            http: Arc::new(Http::new(url, token)?),
        })
    }

    /// The address of the server, without a slash at its end.
    pub fn url(&self) -> &str {
        self.http.base()
    }

    /// Host and port of the server, as messages name it.
    pub fn server(&self) -> &str {
        self.http.server()
    }

    /// Who am I, and what server is this?
    pub async fn session(&self) -> Result<Session, ClientError> {
        self.http
            .json(self.http.request(Method::GET, paths::SESSION))
            .await
    }

    /// The activity log of an app, the newest first: entries below `before`, at most 1,000 of them.
    pub async fn activity(
        &self,
        app: &AppSlug,
        before: Option<u64>,
        limit: u64,
    ) -> Result<ActivityPage, ClientError> {
        let mut request = self
            .http
            .request(Method::GET, &paths::activity(app))
            .query(&[("limit", limit)]);
        if let Some(before) = before {
            request = request.query(&[("before", before)]);
        }
        self.http.json(request).await
    }

    /// Every entry of an app above `known`, the oldest first: what [`crate::verify_chain`] takes.
    pub async fn activity_since(
        &self,
        app: &AppSlug,
        known: u64,
    ) -> Result<Vec<ActivityEntry>, ClientError> {
        let mut entries = Vec::new();
        let mut before = None;
        loop {
            let page = self.activity(app, before, ACTIVITY_PAGE).await?;
            let whole_page = page.entries.len();
            entries.extend(
                page.entries
                    .into_iter()
                    .filter(|entry| entry.statement.entry > known),
            );
            before = page.next.filter(|next| *next > known + 1);
            if before.is_none() || whole_page == 0 {
                entries.reverse();
                return Ok(entries);
            }
        }
    }
}
