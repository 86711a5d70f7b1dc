//! Calls to the OS keyring: off the caller's thread, with an end to waiting, and with a second try on a new connection.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use keyring_core::{CredentialStore, Error};
use zeroize::Zeroizing;

use crate::custody::platform;
use crate::error::KeyError;

type Connect =
    dyn Fn(Option<&Arc<CredentialStore>>) -> keyring_core::Result<Connected> + Send + Sync;

/// A store, and whether it was opened just now: one that was open before may have died unnoticed.
pub(crate) struct Connected {
    pub(crate) store: Arc<CredentialStore>,
    pub(crate) new: bool,
}

/// The entries of one service in the OS keyring.
pub(crate) struct Vault {
    service: String,
    patience: Duration,
    connect: Box<Connect>,
    link: Mutex<Link>,
}

/// The connection in use, and the store of the one before it, which failed and is not to be taken again.
#[derive(Default)]
struct Link {
    open: Option<Connection>,
    lost: Option<Arc<CredentialStore>>,
}

#[derive(Clone)]
struct Connection {
    store: Arc<CredentialStore>,
    /// Held while entries are read, changed and written back. Belongs to the connection, so that a call which hangs in a
    /// dead one does not block those that come after it.
    turn: Arc<Mutex<()>>,
}

impl Vault {
    /// `connect` is given the store that was lost, if there was one.
    pub(crate) fn new(
        service: String,
        patience: Duration,
        connect: impl Fn(Option<&Arc<CredentialStore>>) -> keyring_core::Result<Connected>
        + Send
        + Sync
        + 'static,
    ) -> Self {
        Self {
            service,
            patience,
            connect: Box::new(connect),
            link: Mutex::default(),
        }
    }

    pub(crate) fn service(&self) -> &str {
        &self.service
    }

    pub(crate) fn set_patience(&mut self, patience: Duration) {
        self.patience = patience;
    }

    /// Runs `work` on a thread of its own and waits for it.
    ///
    /// Of its own, because the Secret Service client starts a runtime and panics inside another one. `work` may run
    /// twice: a keyring that was restarted refuses the old connection.
    pub(crate) fn run<T: Send + 'static>(
        self: &Arc<Self>,
        work: impl Fn(&Entries<'_>) -> Result<T, KeyError> + Send + 'static,
    ) -> Result<T, KeyError> {
        let (vault, given_up) = (Arc::clone(self), Arc::new(AtomicBool::new(false)));
        let watched = Arc::clone(&given_up);
        let (answer, answered) = mpsc::sync_channel(1);
        thread::Builder::new()
            .name("keyring".to_owned())
            .spawn(move || {
                // Nobody listens any more when the wait was given up; the answer is dropped, and wiped.
                answer.send(vault.attempt(&watched, &work)).ok();
            })
            .map_err(KeyError::NoThread)?;
        match answered.recv_timeout(self.patience) {
            Ok(result) => result,
            Err(RecvTimeoutError::Timeout) => {
                given_up.store(true, Ordering::SeqCst);
                self.lose(|_| true);
                Err(KeyError::KeyringSilent {
                    seconds: self.patience.as_secs(),
                })
            }
            Err(RecvTimeoutError::Disconnected) => Err(KeyError::KeyringFailed {
                detail: "The keyring's client stopped in the middle of a call".to_owned(),
            }),
        }
    }

    fn attempt<T>(
        &self,
        given_up: &AtomicBool,
        work: &impl Fn(&Entries<'_>) -> Result<T, KeyError>,
    ) -> Result<T, KeyError> {
        let open = self.link().open.clone();
        let (connection, new) = match open {
            Some(connection) => (connection, false),
            None => self.connect()?,
        };
        let result = self.work_with(&connection, given_up, work);
        if !matches!(
            result,
            Err(KeyError::KeyringFailed { .. } | KeyError::KeyringAbsent { .. })
        ) {
            return result;
        }
        self.lose(|open| Arc::ptr_eq(&open.store, &connection.store));
        if new {
            return result;
        }
        let (connection, _) = self.connect()?;
        self.work_with(&connection, given_up, work)
    }

    fn work_with<T>(
        &self,
        connection: &Connection,
        given_up: &AtomicBool,
        work: &impl Fn(&Entries<'_>) -> Result<T, KeyError>,
    ) -> Result<T, KeyError> {
        let _turn = connection
            .turn
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        work(&Entries {
            store: &connection.store,
            service: &self.service,
            given_up,
        })
    }

    /// A connection, and whether it is a new one.
    fn connect(&self) -> Result<(Connection, bool), KeyError> {
        let lost = self.link().lost.clone();
        let Connected { store, new } = (self.connect)(lost.as_ref())
            .map_err(|error| platform::explain(error, "", Duration::ZERO))?;
        let mut link = self.link();
        // Two calls that connect at once share one connection, and so its turn.
        let connection = link.open.get_or_insert_with(|| Connection {
            store,
            turn: Arc::default(),
        });
        Ok((connection.clone(), new))
    }

    /// Takes the open connection out of use, if it is the one that is meant.
    fn lose(&self, is_meant: impl FnOnce(&Connection) -> bool) {
        let mut link = self.link();
        if let Some(connection) = link.open.take_if(|open| is_meant(open)) {
            link.lost = Some(connection.store);
        }
    }

    fn link(&self) -> MutexGuard<'_, Link> {
        self.link.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The entries, for the duration of one call.
pub(crate) struct Entries<'a> {
    store: &'a Arc<CredentialStore>,
    service: &'a str,
    given_up: &'a AtomicBool,
}

impl Entries<'_> {
    /// The content of an entry, if there is one.
    pub(crate) fn get(&self, name: &str) -> Result<Option<Zeroizing<Vec<u8>>>, KeyError> {
        let secret = self.call(name, keyring_core::Entry::get_secret)?;
        Ok(secret.map(Zeroizing::new))
    }

    /// [`Entries::get`] for an entry that is text.
    pub(crate) fn get_text(&self, name: &str) -> Result<Option<Zeroizing<String>>, KeyError> {
        let Some(bytes) = self.get(name)? else {
            return Ok(None);
        };
        match std::str::from_utf8(&bytes) {
            Ok(text) => Ok(Some(Zeroizing::new(text.to_owned()))),
            Err(_) => Err(KeyError::KeyringDamaged {
                entry: name.to_owned(),
            }),
        }
    }

    /// Writes an entry, in place of what it held.
    pub(crate) fn set(&self, name: &str, content: &str) -> Result<(), KeyError> {
        match self.call(name, |entry| entry.set_secret(content.as_bytes()))? {
            Some(()) => Ok(()),
            None => Err(KeyError::KeyringFailed {
                detail: format!("The entry “{name}” went away while it was written"),
            }),
        }
    }

    /// Removes an entry, if there is one.
    pub(crate) fn remove(&self, name: &str) -> Result<(), KeyError> {
        self.call(name, keyring_core::Entry::delete_credential)
            .map(drop)
    }

    /// What `work` does with an entry; `None` when there is no such entry.
    fn call<T>(
        &self,
        name: &str,
        work: impl FnOnce(&keyring_core::Entry) -> keyring_core::Result<T>,
    ) -> Result<Option<T>, KeyError> {
        // Who gave up was told that nothing more is changed.
        if self.given_up.load(Ordering::SeqCst) {
            return Err(KeyError::KeyringSilent { seconds: 0 });
        }
        let started = Instant::now();
        match self
            .store
            .build(self.service, name, None)
            .and_then(|entry| work(&entry))
        {
            Ok(value) => Ok(Some(value)),
            Err(Error::NoEntry) => Ok(None),
            Err(error) => Err(platform::explain(error, name, started.elapsed())),
        }
    }
}
