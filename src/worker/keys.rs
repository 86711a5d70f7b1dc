//! Keys and tokens: every call blocks, so each one has a blocking thread.

use std::sync::Arc;

use chrono::Utc;
use ota_keys::{
    AccessToken, Custody, KeyInfo, KeyName, KeyringCustody, Password, SecretKey, TokenVault as _,
};

use crate::model::Fault;

/// The OS keyring, off the runtime's threads.
#[derive(Clone)]
pub(super) struct Keys {
    custody: Arc<KeyringCustody>,
}

impl Keys {
    pub(super) fn new() -> Self {
        Self {
            custody: Arc::new(KeyringCustody::new()),
        }
    }

    /// For a signer, which loads the key when it is needed, on a thread of its own.
    pub(super) fn custody(&self) -> Arc<dyn Custody> {
        Arc::clone(&self.custody) as Arc<dyn Custody>
    }

    async fn blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce(&KeyringCustody) -> Result<T, Fault> + Send + 'static,
    ) -> Result<T, Fault> {
        let custody = Arc::clone(&self.custody);
        tokio::task::spawn_blocking(move || work(&custody))
            .await
            .unwrap_or_else(|error| Err(Fault::local(format!("A key was not touched: {error}"))))
    }

    pub(super) async fn list(&self) -> Result<Vec<KeyInfo>, Fault> {
        self.blocking(|custody| {
            let keys = custody.list()?;
            if keys.is_empty() {
                // A locked keyring says that it holds nothing, too.
                custody.check()?;
            }
            Ok(keys)
        })
        .await
    }

    /// Whether the keyring is open.
    pub(super) async fn check(&self) -> Result<(), Fault> {
        self.blocking(|custody| Ok(custody.check()?)).await
    }

    pub(super) async fn load(&self, name: String) -> Result<SecretKey, Fault> {
        self.blocking(move |custody| Ok(custody.load(&key_name(&name)?)?))
            .await
    }

    pub(super) async fn generate(&self, name: String) -> Result<KeyInfo, Fault> {
        self.blocking(move |custody| {
            Ok(custody.create(&key_name(&name)?, &ota_keys::generate()?, Utc::now())?)
        })
        .await
    }

    pub(super) async fn import(
        &self,
        path: std::path::PathBuf,
        name: String,
        password: Option<Password>,
    ) -> Result<KeyInfo, Fault> {
        self.blocking(move |custody| {
            let name = key_name(&name)?;
            let key = ota_keys::import_file(&path, password.as_ref())?;
            Ok(custody.create(&name, &key, Utc::now())?)
        })
        .await
    }

    pub(super) async fn back_up(
        &self,
        name: String,
        path: std::path::PathBuf,
        password: Password,
    ) -> Result<KeyInfo, Fault> {
        self.blocking(move |custody| {
            Ok(ota_keys::back_up(
                custody,
                &key_name(&name)?,
                &password,
                &path,
                Utc::now(),
            )?)
        })
        .await
    }

    pub(super) async fn rename(&self, from: String, to: String) -> Result<KeyInfo, Fault> {
        self.blocking(move |custody| Ok(custody.rename(&key_name(&from)?, &key_name(&to)?)?))
            .await
    }

    pub(super) async fn delete(&self, name: String, typed: String) -> Result<(), Fault> {
        self.blocking(move |custody| Ok(custody.delete(&key_name(&name)?, &typed)?))
            .await
    }

    pub(super) async fn token(&self, server: String) -> Result<Option<AccessToken>, Fault> {
        self.blocking(move |custody| Ok(custody.load_token(&server)?))
            .await
    }

    pub(super) async fn save_token(&self, server: String, token: AccessToken) -> Result<(), Fault> {
        self.blocking(move |custody| Ok(custody.save_token(&server, &token)?))
            .await
    }

    pub(super) async fn delete_token(&self, server: String) -> Result<(), Fault> {
        self.blocking(move |custody| Ok(custody.delete_token(&server)?))
            .await
    }
}

fn key_name(text: &str) -> Result<KeyName, Fault> {
    text.trim()
        .parse()
        .map_err(|error: ota_keys::KeyNameError| Fault::local(error.to_string()))
}
