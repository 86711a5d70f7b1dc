//! The window that asks for the keyring's password, played by a test: gnome-keyring calls it over D-Bus just as it calls
//! the one of the desktop.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use zbus::blocking::{Connection, MessageIterator};
use zbus::message::{Message, Type};
use zbus::zvariant::{OwnedObjectPath, Value};

/// What the person at the window does.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Answer {
    /// Reads it, and closes the window.
    No,
    /// Has not seen the window.
    Nothing,
}

/// Plays until the process ends.
pub(crate) struct Prompter {
    asked: Arc<AtomicUsize>,
}

impl Prompter {
    pub(crate) fn start(answer: Answer) -> Self {
        let asked = Arc::new(AtomicUsize::new(0));
        let connection = Connection::session().unwrap();
        let calls = MessageIterator::from(&connection);
        connection
            .request_name("org.gnome.keyring.SystemPrompter")
            .unwrap();
        let window = Window {
            connection,
            answer,
            asked: Arc::clone(&asked),
        };
        thread::Builder::new()
            .name("prompter".to_owned())
            .spawn(move || {
                for call in calls {
                    window.receive(&call.unwrap());
                }
            })
            .unwrap();
        Self { asked }
    }

    /// How often a question was shown.
    pub(crate) fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }
}

/// The window to answer, the kind of question, its words, and the key exchange for a password.
type Question<'a> = (OwnedObjectPath, String, HashMap<String, Value<'a>>, String);

struct Window {
    connection: Connection,
    answer: Answer,
    asked: Arc<AtomicUsize>,
}

impl Window {
    fn receive(&self, call: &Message) {
        let header = call.header();
        if header.message_type() != Type::MethodCall {
            return;
        }
        // The keyring does not listen to a window that answers before its own call has returned.
        self.connection.reply(&header, &()).unwrap();
        match header.member().unwrap().as_str() {
            "BeginPrompting" => self.answer(call, ""),
            "PerformPrompt" => {
                self.asked.fetch_add(1, Ordering::SeqCst);
                if self.answer == Answer::No {
                    // A person takes a moment to read; that is what tells them from nobody.
                    thread::sleep(Duration::from_millis(1200));
                    self.answer(call, "no");
                }
            }
            _ => {}
        }
    }

    fn answer(&self, call: &Message, reply: &str) {
        let header = call.header();
        let body = call.body();
        let callback = if header.member().unwrap().as_str() == "BeginPrompting" {
            body.deserialize().unwrap()
        } else {
            body.deserialize::<Question<'_>>().unwrap().0
        };
        let answer = Message::method_call(callback, "PromptReady")
            .and_then(|message| message.destination(header.sender().unwrap().to_owned()))
            .and_then(|message| message.interface("org.gnome.keyring.internal.Prompter.Callback"))
            .and_then(|message| message.build(&(reply, HashMap::<&str, Value<'_>>::new(), "")))
            .unwrap();
        self.connection.send(&answer).unwrap();
    }
}
