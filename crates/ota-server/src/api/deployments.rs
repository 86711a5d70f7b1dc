//! What a channel offers: history, plan, and the four ways to change it.

use axum::Json;
use axum::extract::State;
use axum::http::HeaderMap;
use ota_api::{Deploy, DeployAction, Deployed, DeploymentRecord, Plan, ProblemCode};
use ota_model::{
    AppSlug, ChannelName, DeploymentKind, Lane, ReleaseId, ReleaseKind, ReleaseState, Sequence,
    SequenceChoice, sequence_for_promote, sequence_for_rollback,
};
use sea_orm::ConnectionTrait;

use super::channels::unchanged;
use super::extract::{self, Path};
use super::idempotency::Repeatable;
use super::problems::Problems;
use crate::auth::{May, Operator};
use crate::error::ApiError;
use crate::state::AppState;
use crate::store::entities::{app, channel, release};
use crate::store::text::{Word as _, unsigned};
use crate::store::{activity, read, write};

/// A reason on a protected channel has at least this many characters.
const SHORTEST_REASON: usize = 8;
/// As much history as a channel shows.
const HISTORY: u64 = 200;

/// What a channel offered, the newest first.
#[utoipa::path(get, path = "/v1/apps/{app}/channels/{channel}/deployments", operation_id = "list_deployments", tag = "deployments",
    params(("app" = String, Path), ("channel" = String, Path)),
    responses((status = 200, body = Vec<DeploymentRecord>), Problems))]
pub(super) async fn history(
    State(state): State<AppState>,
    operator: Operator,
    Path((slug, name)): Path<(AppSlug, ChannelName)>,
) -> Result<Json<Vec<DeploymentRecord>>, ApiError> {
    operator.require(May::Read)?;
    let app = extract::app(&state.db, &slug).await?;
    let row = extract::channel(&state.db, &app, &name).await?;
    Ok(Json(read::history(&state.db, row.id, HISTORY).await?))
}

/// What a deployment would do. Nothing is changed.
#[utoipa::path(post, path = "/v1/apps/{app}/channels/{channel}/plan", operation_id = "plan_deployment", tag = "deployments",
    params(("app" = String, Path), ("channel" = String, Path)),
    request_body = Deploy, responses((status = 200, body = Plan), Problems))]
pub(super) async fn plan(
    State(state): State<AppState>,
    operator: Operator,
    Path((slug, name)): Path<(AppSlug, ChannelName)>,
    extract::Json(body): extract::Json<Deploy>,
) -> Result<Json<Plan>, ApiError> {
    operator.require(May::Read)?;
    let app = extract::app(&state.db, &slug).await?;
    let row = extract::channel(&state.db, &app, &name).await?;
    let chosen = choose(&state.db, &app, &row, &body.action).await?;
    let before = read::live_release(&state.db, row.id, chosen.lane()?).await?;
    let size_bytes = read::smallest(&state.db, &chosen.release.id).await?;
    let sequence = chosen
        .number
        .resolve(Sequence(unsigned(app.last_sequence)?));
    Ok(Json(Plan {
        revision: ota_model::Revision(unsigned(row.revision)?),
        notes: notes(&row),
        before,
        version: crate::store::text::parsed("version", &chosen.release.version)?,
        release_kind: ReleaseKind::read(&chosen.release.kind)?,
        sequence,
        keeps_sequence: matches!(chosen.number, SequenceChoice::Keep(_)),
        size_bytes,
        min_binary_version: crate::store::text::parsed(
            "version",
            &chosen.release.min_binary_version,
        )?,
        release: ReleaseId(chosen.release.id),
        devices: None,
    }))
}

/// What the other parts of a plan do not say.
fn notes(row: &channel::Model) -> Vec<String> {
    let paused = row.paused.then(|| {
        format!(
            "{} is paused: devices are offered nothing until it is resumed",
            row.name
        )
    });
    paused.into_iter().collect()
}

/// Change what a channel offers. Needs `If-Match`; an `Idempotency-Key` makes a repetition harmless.
#[utoipa::path(post, path = "/v1/apps/{app}/channels/{channel}/deployments", operation_id = "deploy", tag = "deployments",
    params(("app" = String, Path), ("channel" = String, Path),
        ("If-Match" = String, Header, description = "The channel's revision you saw"),
        ("Idempotency-Key" = Option<String>, Header, description = "Any text of yours; the same one gets the same answer")),
    request_body = Deploy, responses((status = 200, body = Deployed), Problems))]
pub(super) async fn deploy(
    State(state): State<AppState>,
    operator: Operator,
    Path((slug, name)): Path<(AppSlug, ChannelName)>,
    headers: HeaderMap,
    extract::Json(body): extract::Json<Deploy>,
) -> Result<Json<Deployed>, ApiError> {
    let goes_back = matches!(
        body.action,
        DeployAction::Rollback { .. } | DeployAction::BuiltIn
    );
    operator.require(if goes_back { May::GoBack } else { May::Publish })?;
    let seen = extract::seen_revision(&headers)?;
    let repeatable =
        Repeatable::from(&headers, &operator, &format!("deploy {slug} {name}"), &body)?;

    let change = state.begin().await?;
    if let Some(repeatable) = &repeatable
        && let Some(answer) = repeatable.answered(&change.tx).await?
    {
        return Ok(Json(answer));
    }
    let mut app = extract::app(&change.tx, &slug).await?;
    let row = extract::channel(&change.tx, &app, &name).await?;
    unchanged(&change.tx, &app, &row, seen).await?;
    let reason = body
        .reason
        .as_deref()
        .map(str::trim)
        .filter(|reason| !reason.is_empty());
    if goes_back
        && row.protected
        && reason.map_or(0, |reason| reason.chars().count()) < SHORTEST_REASON
    {
        return Err(ApiError::new(
            ProblemCode::Invalid,
            format!(
                "{name} is protected: say why, in {SHORTEST_REASON} characters or more. Nothing was changed"
            ),
        ));
    }
    let chosen = choose(&change.tx, &app, &row, &body.action).await?;
    if operator.role() == ota_api::Role::Support {
        was_live_here(&change.tx, &row, &chosen).await?;
    }
    let previous = read::live_release(&change.tx, row.id, chosen.lane()?).await?;
    let from = match &body.action {
        DeployAction::Promote { from, .. } => Some(from),
        _ => None,
    };
    let deployment = write::Deployment {
        release: &chosen.release,
        number: chosen.number,
        kind: chosen.kind,
        by: operator.name(),
        reason,
        at: state.now(),
        from,
    };
    let (row, entry) = write::deploy(&change.tx, &mut app, row, &deployment).await?;
    let answer = Deployed {
        channel: read::channel_state(&change.tx, row).await?,
        previous,
        activity_entry: entry.statement.entry,
    };
    if let Some(repeatable) = repeatable {
        repeatable
            .remember(&change.tx, &answer, state.now())
            .await?;
    }
    change.commit(&app, vec![entry]).await?;
    Ok(Json(answer))
}

/// What an action comes down to.
struct Chosen {
    release: release::Model,
    number: SequenceChoice,
    kind: DeploymentKind,
}

impl Chosen {
    fn lane(&self) -> Result<Lane, ApiError> {
        Ok(Lane::read(&self.release.lane)?)
    }
}

async fn choose(
    db: &impl ConnectionTrait,
    app: &app::Model,
    row: &channel::Model,
    action: &DeployAction,
) -> Result<Chosen, ApiError> {
    let chosen = match action {
        DeployAction::Publish { release } => {
            let release = extract::release(db, app, release).await?;
            if release.kind == ReleaseKind::BuiltIn.word() {
                return Err(ApiError::new(
                    ProblemCode::Invalid,
                    format!("The built-in assets are not published. Roll {} back to them", row.name),
                ));
            }
            Chosen {
                release,
                number: SequenceChoice::Next,
                kind: DeploymentKind::Publish,
            }
        }
        DeployAction::Promote { from, release } => promoted(db, app, row, from, release).await?,
        DeployAction::Rollback { release } => {
            let release = extract::release(db, app, release).await?;
            let built_in = release.kind == ReleaseKind::BuiltIn.word();
            Chosen {
                release,
                number: sequence_for_rollback(),
                kind: if built_in { DeploymentKind::BuiltIn } else { DeploymentKind::Rollback },
            }
        }
        DeployAction::BuiltIn => Chosen {
            release: write::built_in_release(db, app.id).await?.ok_or_else(|| {
                ApiError::new(
                    ProblemCode::NoBuiltIn,
                    format!("{} trusts no key yet, so nothing was published either. There is nothing to undo", app.slug),
                )
            })?,
            number: sequence_for_rollback(),
            kind: DeploymentKind::BuiltIn,
        },
    };
    if chosen.release.state != ReleaseState::Ready.word() {
        let what = if chosen.release.state == ReleaseState::Draft.word() {
            "is a draft: finalize it first"
        } else {
            "was recalled and is never offered again"
        };
        return Err(ApiError::new(
            ProblemCode::NotReady,
            format!(
                "{} {what}. {} was not changed",
                chosen.release.version, row.name
            ),
        ));
    }
    let live = read::live_release(db, row.id, chosen.lane()?).await?;
    // Every key has a built-in release of its own; devices cannot tell them apart.
    let both_built_in = chosen.kind == DeploymentKind::BuiltIn;
    if live.is_some_and(|live| {
        live.release.0 == chosen.release.id
            || (both_built_in && live.release_kind == ReleaseKind::BuiltIn)
    }) {
        return Err(ApiError::new(
            ProblemCode::AlreadyLive,
            format!(
                "{} offers {} already. Nothing was changed",
                row.name, chosen.release.version
            ),
        ));
    }
    Ok(chosen)
}

async fn promoted(
    db: &impl ConnectionTrait,
    app: &app::Model,
    row: &channel::Model,
    from: &ChannelName,
    seen: &ReleaseId,
) -> Result<Chosen, ApiError> {
    let source = extract::channel(db, app, from).await?;
    if source.id == row.id {
        return Err(ApiError::new(
            ProblemCode::Invalid,
            "A channel cannot be promoted to itself",
        ));
    }
    let release = extract::release(db, app, seen).await?;
    let lane = Lane::read(&release.lane)?;
    let live = read::live_row(db, source.id, lane).await?.ok_or_else(|| {
        ApiError::new(
            ProblemCode::NothingLive,
            format!(
                "{from} offers nothing yet, so there is nothing to promote. {} was not changed",
                row.name
            ),
        )
    })?;
    if live.release_id != seen.0 {
        let release = extract::release(db, app, &ReleaseId(live.release_id)).await?;
        let changed_by = activity::last_of_channel(db, app, from).await?;
        return Err(ApiError::new(
            ProblemCode::SourceChanged,
            format!(
                "{from} offers {} by now. {} was not changed. Look at {from} again, then decide",
                release.version, row.name
            ),
        )
        .with_conflict(read::channel_state(db, source).await?, changed_by));
    }
    if release.kind == ReleaseKind::BuiltIn.word() {
        return Err(ApiError::new(
            ProblemCode::Invalid,
            format!(
                "{from} shows the built-in assets. Roll {} back to them instead of promoting",
                row.name
            ),
        ));
    }
    let theirs = Sequence(unsigned(live.sequence)?);
    let number = match lane {
        Lane::Web => sequence_for_promote(theirs, Sequence(unsigned(row.highest)?)),
        // Installers are compared by their version, never by this number.
        Lane::Native => SequenceChoice::Keep(theirs),
    };
    Ok(Chosen {
        release,
        number,
        kind: DeploymentKind::Promote,
    })
}

/// Support goes back to what ran on the channel before, or to the built-in assets; nothing new.
async fn was_live_here(
    db: &impl ConnectionTrait,
    row: &channel::Model,
    chosen: &Chosen,
) -> Result<(), ApiError> {
    let known = chosen.kind == DeploymentKind::BuiltIn
        || read::offered(db, row.id, chosen.lane()?)
            .await?
            .iter()
            .any(|(release, _)| release.0 == chosen.release.id);
    if known {
        return Ok(());
    }
    Err(ApiError::new(
        ProblemCode::Forbidden,
        format!(
            "Your role (Support) may go back to what ran on {} before; {} never did. Ask a release manager",
            row.name, chosen.release.version
        ),
    ))
}
