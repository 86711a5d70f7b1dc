//! Everything that takes time: the server, the keyring, files, the system's dialogs. Owns the async runtime.
//!
//! Jobs come in through a bounded channel, events go out through another; each event wakes the window. A job that blocks
//! (keyring, hashing, scrypt) runs on a blocking thread, never inside the runtime's own.

mod builds;
mod clock;
mod faults;
mod keys;
mod link;
mod pick;
mod publish;
mod run;
mod settings;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use tokio::runtime::Runtime;
use tokio::sync::mpsc;

use crate::model::{Event, Job};

pub use settings::{Folders, load_settings};

/// Jobs and events that may wait. The window drains them every frame.
const BACKLOG: usize = 1024;
/// How long work under way may take to end when the window closes.
const LAST_MOMENTS: Duration = Duration::from_secs(2);

/// The window's end of the worker. Dropping it stops the work and the embedded server.
pub struct Worker {
    jobs: mpsc::Sender<Job>,
    events: mpsc::Receiver<Event>,
    runtime: Option<Runtime>,
}

impl Worker {
    /// Starts the threads. `wake` makes the window draw; it is called after each event.
    pub fn start(
        wake: impl Fn() + Send + Sync + 'static,
        folders: Folders,
    ) -> anyhow::Result<Self> {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .thread_name("switchtower-worker")
            .enable_all()
            .build()
            .context("The worker's threads could not be started")?;
        let (jobs, job_queue) = mpsc::channel(BACKLOG);
        let (event_queue, events) = mpsc::channel(BACKLOG);
        let out = Out {
            events: event_queue,
            wake: Arc::new(wake),
        };
        runtime.spawn(run::run(job_queue, out, folders));
        Ok(Self {
            jobs,
            events,
            runtime: Some(runtime),
        })
    }

    /// Hands a job over. Never waits.
    pub fn send(&self, job: Job) {
        if let Err(error) = self.jobs.try_send(job) {
            tracing::error!("A job was dropped: {error}");
        }
    }

    /// What has happened since the last frame.
    pub fn drain(&mut self) -> impl Iterator<Item = Event> {
        std::iter::from_fn(|| self.events.try_recv().ok())
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_timeout(LAST_MOMENTS);
        }
    }
}

/// Where events go.
#[derive(Clone)]
struct Out {
    events: mpsc::Sender<Event>,
    wake: Arc<dyn Fn() + Send + Sync>,
}

impl Out {
    async fn send(&self, event: Event) {
        if self.events.send(event).await.is_ok() {
            (self.wake)();
        }
    }

    /// From a thread that must not wait; a full queue drops it. For progress only, which the next report repeats.
    fn offer(&self, event: Event) {
        if self.events.try_send(event).is_ok() {
            (self.wake)();
        }
    }
}

/// The person's own folder: dialogs start in it, and `~` stands for it.
pub fn home() -> Option<PathBuf> {
    directories::UserDirs::new().map(|dirs| dirs.home_dir().to_owned())
}
