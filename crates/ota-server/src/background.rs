//! Work that nobody waits for.

use std::collections::HashSet;
use std::time::Duration;

use ota_api::ProblemCode;
use ota_model::{AppSlug, ChannelName, DeploymentKind, Lane, Sequence, sequence_for_rollback};
use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _};
use tokio::sync::mpsc;

use crate::error::ApiError;
use crate::publish;
use crate::state::AppState;
use crate::store::entities::{idempotency, release, upload};
use crate::store::text::{Word as _, unsigned};
use crate::store::{read, write};

/// A draft that was not finished by then is garbage.
const DRAFT_LIFE: Duration = Duration::from_hours(24);
/// How often garbage is looked for.
const GARBAGE_INTERVAL: Duration = Duration::from_hours(1);
/// A channel is re-issued at most this often: checks are not authenticated, and each re-issue is an entry.
pub(crate) const REISSUE_INTERVAL_MS: i64 = 60_000;

/// Issues releases again for devices that are ahead of their channel.
pub(crate) async fn reissue(state: AppState, mut wanted: mpsc::Receiver<(AppSlug, ChannelName)>) {
    while let Some((app, channel)) = wanted.recv().await {
        if let Err(error) = reissue_one(&state, &app, &channel).await {
            tracing::error!("{channel} of {app} was not issued again: {error:?}");
        }
    }
}

async fn reissue_one(state: &AppState, app: &AppSlug, name: &ChannelName) -> Result<(), ApiError> {
    let change = state.begin().await?;
    let Some(mut app) = read::app_by_slug(&change.tx, app).await? else {
        return Ok(());
    };
    let Some(row) = read::channel_row(&change.tx, app.id, name).await? else {
        return Ok(());
    };
    let Some(live) = read::live_row(&change.tx, row.id, Lane::Web).await? else {
        return Ok(());
    };
    // Asked for twice: the first one brought it to the top, or it is too soon after the last.
    let now = state.now();
    let recent = live.kind == DeploymentKind::ReIssue.word()
        && now.timestamp_millis() - live.at < REISSUE_INTERVAL_MS;
    if recent || Sequence(unsigned(live.sequence)?) == Sequence(unsigned(app.last_sequence)?) {
        return Ok(());
    }
    let id = ota_model::ReleaseId(live.release_id);
    let Some(release) = read::release_row(&change.tx, app.id, &id).await? else {
        return Ok(());
    };
    let deployment = write::Deployment {
        release: &release,
        number: sequence_for_rollback(),
        kind: DeploymentKind::ReIssue,
        by: "server",
        reason: None,
        at: now,
        from: None,
    };
    let (_, entry) = write::deploy(&change.tx, &mut app, row, &deployment).await?;
    change.commit(&app, vec![entry]).await
}

/// Removes drafts that nobody finished and files that belong to none.
pub(crate) async fn collect_garbage(state: AppState) {
    let mut tick = tokio::time::interval(GARBAGE_INTERVAL);
    loop {
        tick.tick().await;
        if let Err(error) = collect_once(&state).await {
            tracing::error!("Old drafts were not removed: {error:?}");
        }
    }
}

async fn collect_once(state: &AppState) -> Result<(), ApiError> {
    let now = state.now();
    let oldest = (now - DRAFT_LIFE).timestamp_millis();
    let drafts = release::Entity::find()
        .filter(release::Column::State.eq("draft"))
        .filter(release::Column::CreatedAt.lt(oldest))
        .all(&state.db)
        .await?;
    for draft in drafts {
        tracing::info!("Removing the draft {} that nobody finished", draft.version);
        match publish::discard(state, state.begin().await?, draft, "server").await {
            // Finished in the very moment: it stays.
            Err(error) if error.code() == ProblemCode::NotADraft => {}
            discarded => discarded?,
        }
    }
    let change = state.begin().await?;
    idempotency::Entity::delete_many()
        .filter(idempotency::Column::CreatedAt.lt(oldest))
        .exec(&change.tx)
        .await?;
    change.commit_quietly().await?;

    // Files first, then what is known of them: a row is there before its file.
    let mut found = Vec::new();
    let mut files = tokio::fs::read_dir(state.uploads_folder()).await?;
    while let Some(file) = files.next_entry().await? {
        found.push(file.path());
    }
    let known: HashSet<_> = upload::Entity::find()
        .all(&state.db)
        .await?
        .into_iter()
        .map(|upload| state.upload_path(&upload.release_id, &upload.kind))
        .collect();
    for path in found.iter().filter(|path| !known.contains(*path)) {
        publish::remove_if_there(path).await?;
    }
    Ok(())
}
