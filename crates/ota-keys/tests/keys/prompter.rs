//! The window that asks for the keyring's password, played by a test: gnome-keyring calls it over D-Bus just as it calls
//! the one of the desktop.

#![expect(
    clippy::needless_pass_by_value,
    clippy::unused_self,
    clippy::used_underscore_binding,
    reason = "zbus's macro wants the arguments of each D-Bus method like this"
)]

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use zbus::blocking::{Connection, connection};
use zbus::message::Header;
use zbus::zvariant::{OwnedObjectPath, OwnedValue, Value};

/// What the person at the window does.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Answer {
    /// Reads it, and closes the window.
    No,
    /// Has not seen the window.
    Nothing,
}

/// Plays until it is dropped.
pub(crate) struct Prompter {
    asked: Arc<AtomicUsize>,
    _connection: Connection,
}

impl Prompter {
    pub(crate) fn start(answer: Answer) -> Self {
        let asked = Arc::new(AtomicUsize::new(0));
        let window = Window {
            answer,
            asked: Arc::clone(&asked),
        };
        let connection = connection::Builder::session()
            .and_then(|builder| builder.serve_at("/org/gnome/keyring/Prompter", window))
            .and_then(|builder| builder.name("org.gnome.keyring.SystemPrompter"))
            .and_then(connection::Builder::build)
            .unwrap();
        Self {
            asked,
            _connection: connection,
        }
    }

    /// How often a question was shown.
    pub(crate) fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }
}

struct Window {
    answer: Answer,
    asked: Arc<AtomicUsize>,
}

/// Calls the keyring back from a thread of its own: it waits for the end of its own call first.
fn reply(
    connection: &zbus::Connection,
    header: &Header<'_>,
    callback: OwnedObjectPath,
    reply: &'static str,
    after: Duration,
) {
    let connection = Connection::from(connection.clone());
    let keyring = header.sender().unwrap().to_owned();
    thread::Builder::new()
        .name("prompter".to_owned())
        .spawn(move || {
            thread::sleep(after);
            let body = (reply, HashMap::<&str, Value<'_>>::new(), "");
            let interface = Some("org.gnome.keyring.internal.Prompter.Callback");
            connection
                .call_method(Some(keyring), callback, interface, "PromptReady", &body)
                .unwrap();
        })
        .unwrap();
}

#[zbus::interface(name = "org.gnome.keyring.internal.Prompter")]
impl Window {
    fn begin_prompting(
        &self,
        callback: OwnedObjectPath,
        #[zbus(connection)] connection: &zbus::Connection,
        #[zbus(header)] header: Header<'_>,
    ) {
        reply(connection, &header, callback, "", Duration::ZERO);
    }

    fn perform_prompt(
        &self,
        callback: OwnedObjectPath,
        _kind: &str,
        _properties: HashMap<String, OwnedValue>,
        _exchange: &str,
        #[zbus(connection)] connection: &zbus::Connection,
        #[zbus(header)] header: Header<'_>,
    ) {
        self.asked.fetch_add(1, Ordering::SeqCst);
        if self.answer == Answer::No {
            // A person takes a moment to read; that is what tells them from nobody.
            reply(
                connection,
                &header,
                callback,
                "no",
                Duration::from_millis(1200),
            );
        }
    }

    fn stop_prompting(&self, _callback: OwnedObjectPath) {}
}
