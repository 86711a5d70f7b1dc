//! Withdrawing a release.

use std::collections::BTreeSet;

use ota_api::{ActionKind, ActivityEntry, Deployed, ProblemCode};
use ota_model::{DeploymentKind, Lane, ReleaseState, sequence_for_rollback};
use sea_orm::{ActiveModelTrait as _, ActiveValue::Set, ConnectionTrait, IntoActiveModel as _};

use crate::auth::Operator;
use crate::error::ApiError;
use crate::state::{AppState, Change};
use crate::store::activity::{self, Happened};
use crate::store::entities::{app, channel, release};
use crate::store::text::Word as _;
use crate::store::{read, write};

/// Withdraws a release and moves the channels that offer it, in the caller's transaction.
pub(crate) async fn recall(
    state: &AppState,
    change: &Change,
    operator: &Operator,
    app: &mut app::Model,
    row: release::Model,
    reason: &str,
) -> Result<(release::Model, Vec<Deployed>, Vec<ActivityEntry>), ApiError> {
    let tx = &change.tx;
    if row.state != ReleaseState::Ready.word() {
        return Err(ApiError::new(
            ProblemCode::NotReady,
            format!(
                "{} is {}, so there is nothing to recall",
                row.version, row.state
            ),
        ));
    }
    if row.kind == ota_model::ReleaseKind::BuiltIn.word() {
        return Err(ApiError::new(
            ProblemCode::Invalid,
            "The built-in assets cannot be recalled: they are the way back",
        ));
    }
    let mut changed = row.into_active_model();
    changed.state = Set(ReleaseState::Recalled.word().to_owned());
    let row = changed.update(tx).await?;
    let happened = Happened {
        version: Some(row.version.clone()),
        reason: Some(reason.to_owned()),
        ..Happened::new(
            state.now(),
            operator.name(),
            ActionKind::ReleaseRecalled,
            format!("Recalled {}", row.version),
        )
    };
    let mut entries = vec![activity::append(tx, app, happened).await?];
    let mut moved = Vec::new();
    let lane = Lane::read(&row.lane)?;
    for channel in read::channel_rows(tx, app.id).await? {
        let live = read::live_row(tx, channel.id, lane).await?;
        if live.is_none_or(|live| live.release_id != row.id) {
            continue;
        }
        let previous = read::live_release(tx, channel.id, lane).await?;
        let Some(base) = base_of(tx, app, &channel, lane).await? else {
            // Installers have nothing beneath them: the channel offers none.
            write::end(tx, &channel, lane, state.now()).await?;
            let revision = channel.revision + 1;
            let mut changed = channel.into_active_model();
            changed.revision = Set(revision);
            moved.push(Deployed {
                channel: read::channel_state(tx, changed.update(tx).await?).await?,
                previous,
                activity_entry: entries.last().map_or(0, |entry| entry.statement.entry),
            });
            continue;
        };
        let built_in = base.kind == ota_model::ReleaseKind::BuiltIn.word();
        let deployment = write::Deployment {
            release: &base,
            number: sequence_for_rollback(),
            kind: if built_in {
                DeploymentKind::BuiltIn
            } else {
                DeploymentKind::Rollback
            },
            by: operator.name(),
            reason: Some(reason),
            at: state.now(),
            from: None,
        };
        let (channel, entry) = write::deploy(tx, app, channel, &deployment).await?;
        moved.push(Deployed {
            channel: read::channel_state(tx, channel).await?,
            previous,
            activity_entry: entry.statement.entry,
        });
        entries.push(entry);
    }
    Ok((row, moved, entries))
}

/// What a channel offered before in a lane and may offer again; else, of web bundles, the built-in assets. What
/// somebody rolled back from last time is not gone forward to.
async fn base_of(
    tx: &impl ConnectionTrait,
    app: &app::Model,
    channel: &channel::Model,
    lane: Lane,
) -> Result<Option<release::Model>, ApiError> {
    let mut seen = BTreeSet::new();
    let mut replaced_by = None;
    for (release, kind) in read::offered(tx, channel.id, lane).await? {
        let given_up = matches!(
            replaced_by,
            Some(DeploymentKind::Rollback | DeploymentKind::BuiltIn)
        );
        replaced_by = Some(kind);
        if !seen.insert(release.clone()) || given_up {
            continue;
        }
        if let Some(row) = read::release_row(tx, app.id, &release).await?
            && row.state == ReleaseState::Ready.word()
        {
            return Ok(Some(row));
        }
    }
    if lane == Lane::Native {
        return Ok(None);
    }
    let built_in = write::built_in_release(tx, app.id).await?;
    built_in.map(Some).ok_or_else(|| {
        ApiError::new(
            ProblemCode::NoBuiltIn,
            format!(
                "{} has nothing to go back to. Nothing was changed",
                app.slug
            ),
        )
    })
}
