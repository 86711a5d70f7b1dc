//! What all requests share: the database, the blobs, and what devices see.

use std::collections::HashMap;
use std::ops::Deref;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arc_swap::ArcSwap;
use chrono::{DateTime, Utc};
use ota_api::{ActivityEntry, CheckEvent, ServerEvent};
use ota_model::{AppSlug, AppSnapshot, ChannelName};
use sea_orm::{
    DatabaseConnection, DatabaseTransaction, SqliteTransactionMode, TransactionOptions,
    TransactionTrait as _,
};
use tokio::sync::{Mutex, OwnedMutexGuard, broadcast, mpsc};
use tokio_util::sync::CancellationToken;

use crate::blobs::Blobs;
use crate::error::ApiError;
use crate::feeds::{AppView, UploadSecret};
use crate::sightings::Sightings;
use crate::store;
use crate::store::entities::app;
use crate::turns::Turns;

/// Tells the time. The tests have their own.
pub type Clock = Arc<dyn Fn() -> DateTime<Utc> + Send + Sync>;

/// Events that a slow listener may lag behind before it is told to read everything again.
const EVENT_BACKLOG: usize = 256;
/// Re-issues that may wait. A full queue drops them: the device asks again at its next check.
const REISSUE_BACKLOG: usize = 256;

/// The channels whose release should be issued again.
pub(crate) type Wanted = mpsc::Receiver<(AppSlug, ChannelName)>;

/// Shared by all handlers.
#[derive(Clone)]
pub(crate) struct AppState(Arc<Shared>);

pub(crate) struct Shared {
    pub(crate) db: DatabaseConnection,
    pub(crate) blobs: Blobs,
    pub(crate) public_url: String,
    uploads: PathBuf,
    arriving: PathBuf,
    pub(crate) upload_secret: UploadSecret,
    views: ArcSwap<HashMap<AppSlug, Arc<AppView>>>,
    events: broadcast::Sender<ServerEvent>,
    reissues: mpsc::Sender<(AppSlug, ChannelName)>,
    checks: broadcast::Sender<CheckEvent>,
    /// Wakes whoever tells of checks.
    teller: mpsc::Sender<()>,
    started_at: DateTime<Utc>,
    writer: Arc<Mutex<()>>,
    turns: Turns,
    closing: CancellationToken,
    clock: Clock,
}

impl Deref for AppState {
    type Target = Shared;

    fn deref(&self) -> &Shared {
        &self.0
    }
}

impl AppState {
    /// Reads all apps. The first receiver gets the channels whose release should be issued again, the second is woken
    /// by checks.
    pub(crate) async fn load(
        db: DatabaseConnection,
        data: &Path,
        public_url: String,
        clock: Clock,
    ) -> Result<(Self, Wanted, mpsc::Receiver<()>), ApiError> {
        let uploads = data.join("uploads");
        tokio::fs::create_dir_all(&uploads).await?;
        let arriving = data.join("arriving");
        // What a crash left of uploads that come in one go.
        match tokio::fs::remove_dir_all(&arriving).await {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error.into()),
            _ => tokio::fs::create_dir(&arriving).await?,
        }
        let (reissues, wanted) = mpsc::channel(REISSUE_BACKLOG);
        let (teller, woken) = mpsc::channel(1);
        let state = Self(Arc::new(Shared {
            blobs: Blobs::open(&data.join("blobs"))?,
            db,
            public_url,
            uploads,
            arriving,
            upload_secret: UploadSecret::open(data)?,
            views: ArcSwap::default(),
            events: broadcast::channel(EVENT_BACKLOG).0,
            reissues,
            checks: broadcast::channel(EVENT_BACKLOG).0,
            teller,
            started_at: clock(),
            writer: Arc::default(),
            turns: Turns::default(),
            closing: CancellationToken::new(),
            clock,
        }));
        let mut views = HashMap::new();
        for row in store::read::apps(&state.db).await? {
            let app = store::snapshot::load(&state.db, &row).await?;
            let view = state.view_of(app, Arc::default());
            views.insert(view.app.slug.clone(), Arc::new(view));
        }
        state.views.store(Arc::new(views));
        Ok((state, wanted, woken))
    }

    /// Begins a change. Changes are made one at a time: SQLite has one writer, and a change that reads before it
    /// writes must not meet another one in between.
    pub(crate) async fn begin(&self) -> Result<Change, ApiError> {
        let turn = Arc::clone(&self.writer).lock_owned().await;
        // Takes SQLite's write lock at once: another process (`token create`) that writes between our read and our
        // write would fail the change, and no waiting would help.
        let options = TransactionOptions {
            sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
            ..TransactionOptions::default()
        };
        Ok(Change {
            tx: self.db.begin_with_options(options).await?,
            state: self.clone(),
            _turn: turn,
        })
    }

    fn view_of(&self, app: AppSnapshot, sightings: Arc<Sightings>) -> AppView {
        AppView::new(app, &self.public_url, sightings)
    }
}

impl Shared {
    pub(crate) fn now(&self) -> DateTime<Utc> {
        (self.clock)()
    }

    /// What devices see of an app. Touches no database, no file and no lock.
    pub(crate) fn view(&self, app: &str) -> Option<Arc<AppView>> {
        self.views.load().get(app).cloned()
    }

    /// Asks for a re-issue without waiting.
    pub(crate) fn want_reissue(&self, app: AppSlug, channel: ChannelName) {
        if self.reissues.try_send((app, channel)).is_err() {
            tracing::warn!("Too many re-issues wait; the device will ask again");
        }
    }

    pub(crate) fn subscribe(&self) -> broadcast::Receiver<ServerEvent> {
        self.events.subscribe()
    }

    /// What devices see of all apps.
    pub(crate) fn views(&self) -> Arc<HashMap<AppSlug, Arc<AppView>>> {
        self.views.load_full()
    }

    /// When the server began to count checks.
    pub(crate) fn started_at(&self) -> DateTime<Utc> {
        self.started_at
    }

    /// Says that there is a check to tell of. One call that waits stands for all.
    pub(crate) fn wake_teller(&self) {
        self.teller.try_send(()).ok();
    }

    pub(crate) fn tell_check(&self, event: CheckEvent) {
        // Nobody listening is no fault.
        drop(self.checks.send(event));
    }

    pub(crate) fn subscribe_to_checks(&self) -> broadcast::Receiver<CheckEvent> {
        self.checks.subscribe()
    }

    /// The file that collects the bytes of an upload.
    pub(crate) fn upload_path(&self, release: &str, kind: &str) -> PathBuf {
        self.uploads.join(format!("{release}.{kind}.part"))
    }

    /// Where uploads that come in one go are written before they are judged.
    pub(crate) fn arriving(&self) -> &Path {
        &self.arriving
    }

    pub(crate) fn uploads_folder(&self) -> &Path {
        &self.uploads
    }

    /// The turn to work on the bytes of a draft: one at a time appends, replaces or verifies them.
    pub(crate) fn turns(&self) -> &Turns {
        &self.turns
    }

    /// Cancelled when the server is asked to stop: streams without an end must end then.
    pub(crate) fn closing(&self) -> &CancellationToken {
        &self.closing
    }
}

/// A change under way: a transaction that sees no other change. Dropping it undoes it.
pub(crate) struct Change {
    pub(crate) tx: DatabaseTransaction,
    state: AppState,
    _turn: OwnedMutexGuard<()>,
}

impl Change {
    /// Makes the change last, then visible to devices, then known to listeners. What devices will see is read before
    /// the commit, inside the transaction: after it, nothing can fail any more.
    pub(crate) async fn commit(
        self,
        app: &app::Model,
        entries: Vec<ActivityEntry>,
    ) -> Result<(), ApiError> {
        let Self { tx, state, _turn } = self;
        let (snapshot, sightings) = match state.view(&app.slug) {
            Some(before) => (
                store::snapshot::after(&tx, app, &before.app, &entries).await?,
                Arc::clone(&before.sightings),
            ),
            None => (store::snapshot::load(&tx, app).await?, Arc::default()),
        };
        let view = Arc::new(state.view_of(snapshot, sightings));
        tx.commit().await?;
        state.views.rcu(|views| {
            let mut views = HashMap::clone(views);
            views.insert(view.app.slug.clone(), Arc::clone(&view));
            views
        });
        for entry in entries {
            // Nobody listening is no fault.
            drop(state.events.send(ServerEvent {
                app: view.app.slug.clone(),
                entry,
            }));
        }
        Ok(())
    }

    /// Makes a change last that devices do not see.
    pub(crate) async fn commit_quietly(self) -> Result<(), ApiError> {
        Ok(self.tx.commit().await?)
    }

    /// Makes the removal of an app last.
    pub(crate) async fn commit_removal(self, app: &AppSlug) -> Result<(), ApiError> {
        let Self { tx, state, _turn } = self;
        tx.commit().await?;
        state.views.rcu(|views| {
            let mut views = HashMap::clone(views);
            views.remove(app);
            views
        });
        Ok(())
    }
}
