//! The app without its window: the model and the worker of the real program, over real files, and a person's wishes.

use std::collections::BTreeSet;
use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::Utc;
use ota_keys::{CustodyKind, KeyInfo, KeyName, Password};
use ota_model::{ChannelName, ClientSystem};
use serde_json::Value;
use switchtower::model::{
    Action, Dialog, Done, Fault, Job, Keep, KeyRef, Link, Model, Publish, PublishOrder,
};
use switchtower::worker::{Folders, Worker, load_settings};
use tempfile::TempDir;

const INSIDE: &str = "SWITCHTOWER_TEST_SESSION";
/// scrypt and a server's start, on a machine that is busy with other tests.
const PATIENCE: Duration = Duration::from_mins(1);

/// Runs `work` in a session of its own: no keyring of whoever runs the tests is touched. `test` is the calling test.
pub(crate) fn in_session(mode: &str, test: &str, work: impl FnOnce()) {
    if env::var(INSIDE).is_ok_and(|inside| inside == test) {
        return work();
    }
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("keyring-session.sh");
    let output = Command::new(&script)
        .arg(mode)
        .arg(env::current_exe().unwrap())
        .args(["--exact", test, "--nocapture", "--test-threads=1"])
        .env(INSIDE, test)
        .output()
        .unwrap_or_else(|error| panic!("cannot run {}: {error}", script.display()));
    let said = [&output.stdout[..], &output.stderr].concat();
    let said = String::from_utf8_lossy(&said);
    assert!(output.status.success(), "{}\n{said}", output.status);
    // A name that matches no test passes too.
    assert!(
        said.contains("1 passed"),
        "the session ran no test:\n{said}"
    );
}

/// The app, as it is started and closed again.
pub(crate) struct Desk {
    pub(crate) model: Model,
    worker: Worker,
    folders: Folders,
}

impl Desk {
    /// Starts it with the files below `home`.
    pub(crate) fn open(home: &Path) -> Self {
        let folders = Folders {
            config: home.join("config"),
            data: home.join("data"),
        };
        let worker = Worker::start(|| (), folders.clone()).unwrap();
        let (model, jobs) = Model::start(load_settings(&folders), Utc::now());
        let desk = Self {
            model,
            worker,
            folders,
        };
        desk.send(jobs);
        desk
    }

    fn send(&self, jobs: Vec<Job>) {
        for job in jobs {
            self.worker.send(job);
        }
    }

    pub(crate) fn wish(&mut self, action: Action) {
        let jobs = self.model.apply(action);
        self.send(jobs);
    }

    /// Takes note of what happens until `is_so`.
    pub(crate) fn until(&mut self, what: &str, is_so: impl Fn(&Model) -> bool) {
        let started = Instant::now();
        loop {
            let events: Vec<_> = self.worker.drain().collect();
            for event in events {
                let jobs = self.model.on_event(event);
                self.send(jobs);
            }
            if is_so(&self.model) {
                return;
            }
            assert!(
                started.elapsed() < PATIENCE,
                "waited in vain until {what}\n{:#?}\n{:#?}\n{:#?}",
                self.model.dialog,
                self.model.keys,
                self.model.publish
            );
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// Starts the server inside the app and makes an app there.
    pub(crate) fn start_here(&mut self) {
        self.wish(Action::StartLocalServer);
        self.until("connected", |model| matches!(model.link, Link::Up(_)));
        self.create_app();
    }

    pub(crate) fn create_app(&mut self) {
        self.wish(Action::CreateApp {
            slug: "tidepool".to_owned(),
            name: "Tidepool".to_owned(),
            serves: BTreeSet::from([ClientSystem::Hotswap]),
        });
        self.until("an app", |model| model.overview.latest().is_some());
    }

    pub(crate) fn own_folder(&self) -> PathBuf {
        self.folders.keys()
    }

    /// What is wrong, if the dialog in front says so.
    pub(crate) fn failure(&self) -> Option<&Fault> {
        match &self.model.dialog {
            Some(
                Dialog::NewKey { failed, .. }
                | Dialog::ImportKey { failed, .. }
                | Dialog::BackUpKey { failed, .. }
                | Dialog::RenameKey { failed, .. }
                | Dialog::DeleteKey { failed, .. },
            ) => failed.as_ref(),
            Some(Dialog::Unlock(unlock)) => unlock.failed.as_ref(),
            Some(Dialog::Message { fault, .. }) => Some(fault),
            _ => None,
        }
    }

    /// A wish about keys in its dialog: done, or what was wrong.
    pub(crate) fn in_dialog(&mut self, dialog: Dialog, action: Action) -> Result<(), Fault> {
        self.wish(Action::Open(dialog));
        self.wish(action);
        self.until("the dialog's end", |model| {
            model.dialog.is_none() || failed(model)
        });
        let failure = self.failure().cloned();
        self.wish(Action::CloseDialog);
        self.until("the keys", |model| {
            !model.keys.files.is_loading() && !model.keys.keyring.is_loading()
        });
        failure.map_or(Ok(()), Err)
    }

    pub(crate) fn generate(&mut self, name: &str, keep: Keep) -> Result<(), Fault> {
        let dialog = Dialog::NewKey {
            failed: None,
            busy: false,
        };
        let trust = self.model.app().is_some();
        self.in_dialog(
            dialog,
            Action::GenerateKey {
                name: name.to_owned(),
                keep,
                trust,
            },
        )
    }

    pub(crate) fn key(&self, key: &KeyRef) -> KeyInfo {
        self.model.keys.get(key).unwrap().clone()
    }

    /// Drops a build and waits for the review.
    pub(crate) fn review(&mut self, build: &Path) {
        self.wish(Action::Dropped(vec![build.to_owned()]));
        self.until("a review", |model| {
            matches!(&model.publish, Publish::Review(review) if review.against.latest().is_some())
        });
    }

    pub(crate) fn order(&mut self, version: &str, key: &KeyRef) {
        self.wish(Action::Publish(PublishOrder {
            version: version.to_owned(),
            notes: "Typed by hand".to_owned(),
            min_binary_version: "1.0.0".to_owned(),
            channel: staging(),
            key: key.clone(),
        }));
    }

    pub(crate) fn asks_for_password(&self) -> bool {
        matches!(self.model.dialog, Some(Dialog::Unlock(_)))
    }

    /// Types a password in the dialog that asks for it, and waits for the answer.
    pub(crate) fn unlock(&mut self, password: &str, remember: bool) {
        self.wish(Action::UnlockKey {
            password: Password::new(password),
            remember,
        });
        self.until("the password tried", |model| match &model.dialog {
            Some(Dialog::Unlock(unlock)) => unlock.trying.is_none(),
            _ => true,
        });
    }

    /// Publishes the whole way. `typed` is the password and whether it is to be remembered; without one none may be asked
    /// for.
    pub(crate) fn publish(
        &mut self,
        version: &str,
        key: &KeyRef,
        build: &Path,
        typed: Option<(&str, bool)>,
    ) -> Done {
        self.review(build);
        self.order(version, key);
        assert_eq!(self.asks_for_password(), typed.is_some());
        if let Some((password, remember)) = typed {
            self.unlock(password, remember);
        }
        let done = self.is_live();
        self.wish(Action::PublishAnother);
        done
    }

    pub(crate) fn is_live(&mut self) -> Done {
        self.until("a live release", |model| match &model.publish {
            Publish::Done(done) => done.device.latest().is_some(),
            Publish::Review(review) => {
                assert_eq!(review.failed, None);
                false
            }
            _ => false,
        });
        match &self.model.publish {
            Publish::Done(done) => done.as_ref().clone(),
            other => panic!("{other:?}"),
        }
    }

    /// What a device on staging is answered now: the status, and the manifest.
    pub(crate) fn ask_as_device(&self) -> (u16, Option<Value>) {
        let url = format!(
            "{}/feeds/hotswap/tidepool/0?binary_version=1.0.0&platform=android&arch=aarch64&channel=staging",
            self.model.session().unwrap().server.public_url
        );
        let (status, body) = get(&url);
        (status, serde_json::from_slice(&body).ok())
    }
}

fn failed(model: &Model) -> bool {
    match &model.dialog {
        Some(
            Dialog::NewKey { failed, .. }
            | Dialog::ImportKey { failed, .. }
            | Dialog::BackUpKey { failed, .. }
            | Dialog::RenameKey { failed, .. }
            | Dialog::DeleteKey { failed, .. },
        ) => failed.is_some(),
        Some(Dialog::Message { .. }) => true,
        _ => false,
    }
}

pub(crate) fn staging() -> ChannelName {
    "staging".parse().unwrap()
}

pub(crate) fn in_file(name: &str) -> KeyRef {
    key_in(CustodyKind::File, name)
}

pub(crate) fn key_in(custody: CustodyKind, name: &str) -> KeyRef {
    KeyRef {
        custody,
        name: key_name(name),
    }
}

pub(crate) fn key_name(name: &str) -> KeyName {
    name.parse().unwrap()
}

pub(crate) fn file(password: &str) -> Keep {
    Keep::File {
        password: Password::new(password),
    }
}

/// A small web build that says `title`.
pub(crate) fn build(title: &str) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let page = format!("<!doctype html><title>{title}</title><script src='./app.js'></script>\n");
    fs_err::write(folder.path().join("index.html"), page).unwrap();
    fs_err::write(folder.path().join("app.js"), "document.title += ' runs';\n").unwrap();
    folder
}

fn get(url: &str) -> (u16, Vec<u8>) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let answer = reqwest::get(url).await.unwrap();
        let status = answer.status().as_u16();
        (status, answer.bytes().await.unwrap().to_vec())
    })
}

/// Downloads what a manifest offers, and verifies it with the real minisign program.
pub(crate) fn minisign_verifies(manifest: &Value, public_key: &str) {
    let folder = tempfile::tempdir().unwrap();
    let (bundle, signature) = (
        folder.path().join("bundle"),
        folder.path().join("signature"),
    );
    fs_err::write(&bundle, get(manifest["url"].as_str().unwrap()).1).unwrap();
    let text = STANDARD
        .decode(manifest["signature"].as_str().unwrap())
        .unwrap();
    fs_err::write(&signature, text).unwrap();
    let output = Command::new("minisign")
        .args(["-V", "-P", public_key, "-m"])
        .arg(&bundle)
        .arg("-x")
        .arg(&signature)
        .output()
        .expect("minisign is there: `cargo xtask setup` installs it");
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
}
