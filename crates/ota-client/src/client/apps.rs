//! Apps and the keys they trust.

use ota_api::{App, AppOverview, Checks, CreateApp, TrustKey, TrustedKey, UpdateApp, paths};
use ota_model::AppSlug;
use reqwest::Method;

use super::Client;
use crate::error::ClientError;

impl Client {
    /// The apps of the server.
    pub async fn apps(&self) -> Result<Vec<App>, ClientError> {
        self.http
            .json(self.http.request(Method::GET, paths::APPS))
            .await
    }

    /// Makes an app with the channels hotfix, staging, beta and production.
    pub async fn create_app(&self, app: &CreateApp) -> Result<App, ClientError> {
        self.http
            .json(self.http.request(Method::POST, paths::APPS).json(app))
            .await
    }

    /// An app with its channels and keys.
    pub async fn app(&self, app: &AppSlug) -> Result<AppOverview, ClientError> {
        self.http
            .json(self.http.request(Method::GET, &paths::app(app)))
            .await
    }

    /// Changes the name or the default channel of an app.
    pub async fn update_app(&self, app: &AppSlug, change: &UpdateApp) -> Result<App, ClientError> {
        self.http
            .json(
                self.http
                    .request(Method::PATCH, &paths::app(app))
                    .json(change),
            )
            .await
    }

    /// Which devices of an app asked since the server started.
    pub async fn checks(&self, app: &AppSlug) -> Result<Checks, ClientError> {
        self.http
            .json(self.http.request(Method::GET, &paths::checks(app)))
            .await
    }

    /// Removes an app that never had a release.
    pub async fn remove_app(&self, app: &AppSlug) -> Result<(), ClientError> {
        self.http
            .done(self.http.request(Method::DELETE, &paths::app(app)))
            .await
    }

    /// The keys that an app trusts, the newest first.
    pub async fn keys(&self, app: &AppSlug) -> Result<Vec<TrustedKey>, ClientError> {
        self.http
            .json(self.http.request(Method::GET, &paths::keys(app)))
            .await
    }

    /// Trusts a public key. [`Client::trust_key`] makes the signed empty bundle that goes with it.
    pub async fn add_key(&self, app: &AppSlug, key: &TrustKey) -> Result<TrustedKey, ClientError> {
        self.http
            .json(self.http.request(Method::POST, &paths::keys(app)).json(key))
            .await
    }
}
