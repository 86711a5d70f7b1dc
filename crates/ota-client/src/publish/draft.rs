//! A draft for the release: a new one, the one of an interrupted publication, or the release that is there already.

use ota_api::{CreateRelease, ProblemCode, ReleaseSummary, UpdateRelease};
use ota_model::{ReleaseId, ReleaseState};

use super::patience::Patience;
use super::upload::Payload;
use super::verify::stored;
use super::{Stop, Target};
use crate::client::Client;
use crate::error::ClientError;

/// What the bytes go into.
pub(super) enum Slot {
    /// A draft that waits for them, or for the rest of them.
    Draft {
        id: ReleaseId,
        /// Whether an earlier publication may have left bytes in it.
        resumed: bool,
    },
    /// A release that has them: somebody published the same before, or the answer was lost.
    Ready(Box<ReleaseSummary>),
}

/// Finds or makes the place for a release. `operator` is who asks: a draft of somebody else is left alone.
pub(super) async fn obtain(
    client: &Client,
    target: &Target,
    operator: &str,
    payloads: &[Payload],
    patience: &mut Patience,
) -> Result<Slot, Stop> {
    let wanted = CreateRelease {
        kind: target.kind,
        version: target.version.to_string(),
        notes: target.notes.clone(),
        min_binary_version: target.min_binary_version.to_string(),
        max_binary_version: target.max_binary_version.as_ref().map(ToString::to_string),
    };
    loop {
        let refusal = match client.create_release(&target.app, &wanted).await {
            Ok(draft) => {
                return Ok(Slot::Draft {
                    id: draft.id,
                    resumed: false,
                });
            }
            Err(error) if error.code() == Some(ProblemCode::VersionExists) => error,
            Err(error) => {
                patience.wait(error).await?;
                continue;
            }
        };
        let Some(id) = refusal
            .problem()
            .and_then(|problem| problem.release.clone())
            .map(ReleaseId)
        else {
            return Err(refusal.into());
        };
        let found = match patience.persist(|| client.release(&target.app, &id)).await {
            // Discarded between the two requests: there is room now.
            Err(Stop::Failed(error)) if is_unknown_release(&error) => continue,
            found => found?,
        };
        patience.reset();
        match found.state {
            ReleaseState::Ready if is_same(&found, target, payloads) => {
                return Ok(Slot::Ready(Box::new(found)));
            }
            ReleaseState::Draft if found.created_by == operator => {
                if fits_binaries(&found, target) {
                    update_notes(client, target, &found, patience).await?;
                    return Ok(Slot::Draft { id, resumed: true });
                }
                // Which binaries may run a release cannot be changed, so the draft is begun again.
                discard(client, target, &id, patience).await?;
            }
            _ => return Err(refusal.into()),
        }
    }
}

fn is_unknown_release(error: &super::PublishError) -> bool {
    matches!(error, super::PublishError::Client(error) if error.code() == Some(ProblemCode::UnknownRelease))
}

fn fits_binaries(found: &ReleaseSummary, target: &Target) -> bool {
    found.min_binary_version == target.min_binary_version
        && found.max_binary_version == target.max_binary_version
}

/// The same bytes for the same binaries. Notes may differ: they can be changed at any time.
fn is_same(found: &ReleaseSummary, target: &Target, payloads: &[Payload]) -> bool {
    fits_binaries(found, target)
        && payloads.iter().all(|payload| {
            stored(found, &payload.slot).is_some_and(|stored| stored.sha256 == payload.sha256)
        })
}

async fn update_notes(
    client: &Client,
    target: &Target,
    found: &ReleaseSummary,
    patience: &mut Patience,
) -> Result<(), Stop> {
    if found.notes != target.notes {
        let change = UpdateRelease {
            notes: target.notes.clone(),
        };
        patience
            .persist(|| client.update_release(&target.app, &found.id, &change))
            .await?;
    }
    Ok(())
}

async fn discard(
    client: &Client,
    target: &Target,
    id: &ReleaseId,
    patience: &mut Patience,
) -> Result<(), Stop> {
    let discarded = async |client: &Client| match client.discard_draft(&target.app, id).await {
        Err(error) if error.code() == Some(ProblemCode::UnknownRelease) => Ok(()),
        discarded => discarded,
    };
    loop {
        match discarded(client).await {
            Ok(()) => return Ok(()),
            Err(error) => patience.wait(error).await?,
        }
    }
}

/// Gives a draft up after a publication was cancelled or spoilt. Returns whether it had become a release already.
pub(super) async fn give_up(
    client: &Client,
    target: &Target,
    id: &ReleaseId,
) -> Result<bool, ClientError> {
    match client.discard_draft(&target.app, id).await {
        Err(error) if error.code() == Some(ProblemCode::NotADraft) => Ok(true),
        Err(error) if error.code() == Some(ProblemCode::UnknownRelease) => Ok(false),
        discarded => discarded.map(|()| false),
    }
}
