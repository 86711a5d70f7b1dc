//! From a folder to devices: bundle, sign, upload, verify, go live.
//!
//! Nothing is changed for devices before the last step, and the last step is one request. An interrupted publication is
//! repeated as it was: it goes on with the draft, or the release, that the first one left.

mod bundling;
mod draft;
mod error;
mod live;
mod native;
mod patience;
mod progress;
mod request;
mod upload;
mod verify;

use std::time::Instant;

use ota_api::{AppOverview, ChannelState, LiveRelease, ProblemCode, ReleaseSummary, TrustedKey};
use ota_bundle::{BundleError, CancellationToken};
use ota_keys::{KeyError, PublicKey};
use ota_model::{
    AppSlug, ArtifactKind, ChannelName, ClientSystem, KeyId, ReleaseId, ReleaseKind, Revision,
    Sequence, Sha256, Systems,
};
use semver::Version;
use serde::Serialize;

use crate::client::Client;
use crate::error::ClientError;
use bundling::{Scratch, Sealing, bundle, scratch, sign, wanted};
use draft::{Slot, give_up, obtain};
use live::Live;
use patience::{Patience, unless_cancelled};
use progress::{Reporter, Running, counted, grouped, size};
use upload::{Payload, Upload};

pub use error::PublishError;
pub use native::{NativeError, NativeRequest, PublishedNative, publish_native};
pub use progress::{LogLine, Part, PublishEvent, Step, StepProgress};
pub use request::{CapgoSigner, Input, PublishOptions, PublishRequest, Signer};

/// A release that is live.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Published {
    /// The release.
    pub release: ReleaseSummary,
    /// The channel as it is now.
    pub channel: ChannelState,
    /// The number that devices compare.
    pub sequence: Sequence,
    /// What the channel offered before.
    pub previous: Option<LiveRelease>,
    /// The entry in the activity log; none when the channel offered the release already.
    pub activity_entry: Option<u64>,
    /// Whether the server had these very bytes under this version already, so that nothing was uploaded.
    pub stored_before: bool,
    /// Digest of the archive.
    pub sha256: Sha256,
    /// Bytes that a device downloads.
    pub size_bytes: u64,
    /// Files in it.
    pub files: u64,
    /// The key that signed it.
    pub signed_by: KeyId,
    /// How long everything took, in milliseconds.
    pub took_ms: u64,
    /// What the operator should know although it went well.
    pub warnings: Vec<String>,
}

/// What a release is to be, without its files.
#[derive(Debug, Clone)]
struct Target {
    kind: ReleaseKind,
    app: AppSlug,
    channel: ChannelName,
    version: Version,
    notes: String,
    min_binary_version: Version,
    max_binary_version: Option<Version>,
}

/// Why a step ended early.
#[derive(Debug)]
enum Stop {
    Cancelled,
    Failed(PublishError),
}

impl From<PublishError> for Stop {
    fn from(error: PublishError) -> Self {
        Self::Failed(error)
    }
}

impl From<ClientError> for Stop {
    fn from(error: ClientError) -> Self {
        Self::Failed(error.into())
    }
}

impl From<KeyError> for Stop {
    fn from(error: KeyError) -> Self {
        Self::Failed(error.into())
    }
}

impl From<BundleError> for Stop {
    fn from(error: BundleError) -> Self {
        if error.is_cancelled() {
            Self::Cancelled
        } else {
            Self::Failed(error.into())
        }
    }
}

/// Makes a release from a folder and offers it on a channel.
///
/// Cancelling is free until the last step begins: the draft is removed, devices get what they got before. A server that
/// goes away in between is waited for, and the upload goes on from where the server has it. The bundle lies in a private
/// temporary folder, which is removed in every case. Progress comes from several threads, at most ten times a second.
pub async fn publish(
    client: &Client,
    request: PublishRequest,
    progress: impl Fn(PublishEvent) + Send + Sync + 'static,
    cancel: CancellationToken,
) -> Result<Published, PublishError> {
    let reporter = Reporter::new(progress);
    let PublishRequest {
        app,
        channel,
        version,
        notes,
        min_binary_version,
        max_binary_version,
        ..
    } = request;
    let target = Target {
        kind: ReleaseKind::Web,
        app,
        channel,
        version,
        notes,
        min_binary_version,
        max_binary_version,
    };
    let run = Run {
        client,
        target: &target,
        options: &request.options,
        reporter: &reporter,
        cancel: &cancel,
    };
    let signers = (request.signer, request.capgo);
    run.all(request.input, signers, request.seen)
        .await
        .map_err(|failure| failed(failure, &target))
}

fn failed((stop, ready): Failure, target: &Target) -> PublishError {
    match stop {
        Stop::Failed(error) => error,
        Stop::Cancelled => PublishError::Cancelled {
            channel: target.channel.clone(),
            ready: ready.then(|| target.version.clone()),
        },
    }
}

/// What the server says before anything is done.
struct Ground {
    operator: String,
    systems: Systems,
    trusted: Vec<TrustedKey>,
    channel: ChannelState,
}

struct Run<'a> {
    client: &'a Client,
    target: &'a Target,
    options: &'a PublishOptions,
    reporter: &'a Reporter,
    cancel: &'a CancellationToken,
}

/// A failure, and whether the release is ready nevertheless.
type Failure = (Stop, bool);

fn not_ready<E: Into<Stop>>(error: E) -> Failure {
    (error.into(), false)
}

impl Run<'_> {
    async fn all(
        &self,
        input: Input,
        (signer, capgo): (Signer, Option<CapgoSigner>),
        seen: Option<Revision>,
    ) -> Result<Published, Failure> {
        let began = Instant::now();
        let ground = self
            .ground(Some((&signer.name.clone(), signer.public)))
            .await
            .map_err(|stop| (stop, false))?;
        let seen = seen.unwrap_or(ground.channel.revision);
        let scratch = scratch().map_err(not_ready)?;
        let sealing = self.sealing(&ground.systems, capgo).map_err(not_ready)?;
        let kinds = wanted(&ground.systems);
        let packed = bundle(input, kinds, &scratch, self.reporter, self.cancel)
            .await
            .map_err(|stop| (stop, false))?;
        let files = packed
            .first()
            .map_or(0, |packed| packed.bundle.listing.files.len());
        let (public, notes) = (signer.public, notes(self.target, &ground.systems));
        let signing = sign(
            signer,
            sealing,
            packed,
            self.target,
            &scratch,
            self.reporter,
        );
        let payloads = unless_cancelled(self.cancel, signing)
            .await
            .and_then(|payloads| payloads)
            .map_err(|stop| (stop, false))?;
        let offered = self.offer(&payloads, &ground, &scratch, seen).await?;
        let Offered {
            stored,
            live,
            stored_before,
            warnings,
        } = offered;
        let signed_by = stored.signed_by.into_iter().next();
        let nothing = || PublishError::StoredNothing {
            version: self.target.version.clone(),
        };
        let first = payloads.first().ok_or_else(|| not_ready(nothing()))?;
        Ok(Published {
            sequence: live.sequence,
            channel: live.channel,
            previous: live.previous,
            activity_entry: live.activity_entry,
            stored_before,
            sha256: first.sha256,
            size_bytes: first.size_bytes,
            files: files as u64,
            signed_by: signed_by.unwrap_or_else(|| public.id()),
            took_ms: millis(began),
            warnings: notes.into_iter().chain(warnings).collect(),
            release: stored.release,
        })
    }

    /// Refuses what the app's clients could not use, and finds out whether something is encrypted for them.
    fn sealing(
        &self,
        systems: &Systems,
        capgo: Option<CapgoSigner>,
    ) -> Result<Option<Sealing>, PublishError> {
        let Target { app, version, .. } = self.target;
        let plain = version.pre.is_empty() && version.build.is_empty();
        if systems.serve(ClientSystem::NativeBundle) && !plain {
            let (app, version) = (app.clone(), version.clone());
            return Err(PublishError::VersionNotPlain { app, version });
        }
        let encrypted = wanted(systems).contains(&ArtifactKind::CapgoZip);
        let Some(public_pem) = systems.capgo_public_key.clone().filter(|_| encrypted) else {
            return Ok(None);
        };
        let signer = capgo.ok_or_else(|| PublishError::CapgoKeyMissing { app: app.clone() })?;
        Ok(Some(Sealing { signer, public_pem }))
    }

    /// From signed files to devices.
    async fn offer(
        &self,
        payloads: &[Payload],
        ground: &Ground,
        scratch: &Scratch,
        seen: Revision,
    ) -> Result<Offered, Failure> {
        let mut patience = self.patience(Step::Uploading, self.cancel);
        let slot = obtain(
            self.client,
            self.target,
            &ground.operator,
            payloads,
            &mut patience,
        )
        .await
        .map_err(|stop| (stop, false))?;
        let stored_before = matches!(slot, Slot::Ready(_));
        let stored = self.store(slot, payloads, ground, scratch).await?;
        let mut warnings: Vec<String> = stored.warning.iter().cloned().collect();
        let live = self
            .go_live(&stored.release.id, seen)
            .await
            .map_err(|stop| (stop, true))?;
        if live.channel.paused {
            warnings.push(format!(
                "{} is paused: devices are offered nothing until it is resumed",
                self.target.channel
            ));
        }
        Ok(Offered {
            stored,
            live,
            stored_before,
            warnings,
        })
    }

    fn patience(&self, step: Step, cancel: &CancellationToken) -> Patience {
        Patience::new(step, self.options.patience, self.reporter, cancel)
    }

    /// Everything that can be known to fail before minutes are spent. An unreachable server is reported at once.
    async fn ground(&self, key: Option<(&str, PublicKey)>) -> Result<Ground, Stop> {
        let asked = async {
            let session = self.client.session().await?;
            Ok::<_, ClientError>((session.operator, self.client.app(&self.target.app).await?))
        };
        let (operator, overview) = unless_cancelled(self.cancel, asked).await??;
        let AppOverview {
            app,
            channels,
            keys,
            ..
        } = overview;
        let known: Vec<_> = channels
            .iter()
            .map(|channel| channel.name.clone())
            .collect();
        let channel = channels
            .into_iter()
            .find(|channel| channel.name == self.target.channel)
            .ok_or_else(|| PublishError::UnknownChannel {
                app: self.target.app.clone(),
                channel: self.target.channel.clone(),
                known,
            })?;
        if let Some((name, public)) = key
            && !keys.iter().any(|key| key.public_key == public.hotswap())
        {
            let (app, name, id) = (app.slug, name.to_owned(), public.id());
            return Err(PublishError::KeyNotTrusted { app, name, id }.into());
        }
        Ok(Ground {
            operator,
            systems: app.systems,
            trusted: keys,
            channel,
        })
    }

    /// Uploads and verifies. What is left of a failure is cleared away as far as it is in the way.
    async fn store(
        &self,
        slot: Slot,
        payloads: &[Payload],
        ground: &Ground,
        scratch: &Scratch,
    ) -> Result<Stored, Failure> {
        let (draft, resumed) = match slot {
            Slot::Ready(release) => {
                let step = self.reporter.begin(Step::Uploading);
                step.finish("Not needed: the server has these very bytes");
                let step = self.reporter.begin(Step::Verifying);
                let checked = self
                    .check_back(step, *release, payloads, ground, scratch)
                    .await;
                return checked.map_err(|stop| (stop, true));
            }
            Slot::Draft { id, resumed } => (id, resumed),
        };
        let stop = match self.upload(&draft, resumed, payloads).await {
            Ok((step, release)) => {
                let checked = self
                    .check_back(step, release, payloads, ground, scratch)
                    .await;
                return checked.map_err(|stop| (stop, true));
            }
            Err(stop) => stop,
        };
        let discards = match &stop {
            Stop::Cancelled => true,
            Stop::Failed(error) => error.spoils_draft(),
        };
        if !discards {
            return Err((stop, false));
        }
        let ready = match give_up(self.client, self.target, &draft).await {
            Ok(ready) => {
                self.reporter.log(
                    "drop",
                    if ready {
                        "the release is stored already"
                    } else {
                        "the draft is removed"
                    },
                );
                ready
            }
            Err(error) => {
                self.reporter.log(
                    "drop",
                    format!("the server removes the draft within a day ({error})"),
                );
                false
            }
        };
        Err((stop, ready))
    }

    /// Uploads and finalizes. Bytes that an earlier publication left and that turn out to be wrong are sent again.
    async fn upload(
        &self,
        draft: &ReleaseId,
        resumed: bool,
        payloads: &[Payload],
    ) -> Result<(Running, ReleaseSummary), Stop> {
        let upload = Upload {
            client: self.client,
            app: &self.target.app,
            release: draft,
            payloads,
            options: self.options,
            reporter: self.reporter,
            cancel: self.cancel,
        };
        let had = upload
            .run(&mut self.patience(Step::Uploading, self.cancel))
            .await?;
        match self.finalize(draft).await {
            Err(Stop::Failed(PublishError::Client(error)))
                if resumed && had > 0 && error.code() == Some(ProblemCode::DigestMismatch) =>
            {
                let text = "what the server had was damaged; sending all of it again";
                self.reporter.log("put", text);
                upload
                    .run(&mut self.patience(Step::Uploading, self.cancel))
                    .await?;
                self.finalize(draft).await
            }
            finalized => finalized,
        }
    }

    /// Has the server check everything, which begins the step of verifying.
    async fn finalize(&self, draft: &ReleaseId) -> Result<(Running, ReleaseSummary), Stop> {
        let step = self.reporter.begin(Step::Verifying);
        let mut patience = self.patience(Step::Verifying, self.cancel);
        let request = patience.persist(|| self.client.finalize(&self.target.app, draft));
        let release = unless_cancelled(self.cancel, request).await??;
        let text = match release.files {
            Some(files) => format!(
                "the server checked size, digest, signature and {} files",
                grouped(files)
            ),
            None => format!(
                "the server checked size, digest, signature and kind of {}",
                counted(release.installers.len(), "installer")
            ),
        };
        self.reporter.log("check", text);
        Ok((step, release))
    }

    async fn check_back(
        &self,
        step: Running,
        release: ReleaseSummary,
        payloads: &[Payload],
        ground: &Ground,
        scratch: &Scratch,
    ) -> Result<Stored, Stop> {
        let check = verify::Check {
            client: self.client,
            release: &release,
            payloads,
            trusted: &ground.trusted,
            scratch,
        };
        let mut patience = self.patience(Step::Verifying, self.cancel);
        let verified =
            unless_cancelled(self.cancel, check.run(self.reporter, &mut patience)).await??;
        let bytes = payloads.iter().map(|payload| payload.size_bytes).sum();
        let are_right = match payloads.len() {
            1 => "digest and signature are right",
            _ => "digests and signatures are right",
        };
        step.finish(format!("Downloaded {} back, {are_right}", size(bytes)));
        Ok(Stored {
            release,
            signed_by: verified.signed_by,
            warning: verified.warning,
        })
    }
}

/// A release that is verified.
struct Stored {
    release: ReleaseSummary,
    /// One for each of its files.
    signed_by: Vec<KeyId>,
    warning: Option<String>,
}

/// A release that devices get.
struct Offered {
    stored: Stored,
    live: Live,
    stored_before: bool,
    warnings: Vec<String>,
}

/// What some clients of the app will make of the release.
fn notes(target: &Target, systems: &Systems) -> Vec<String> {
    let mut notes = Vec::new();
    let Target {
        version,
        min_binary_version,
        max_binary_version,
        ..
    } = target;
    if systems.serve(ClientSystem::Capgo) && version == min_binary_version {
        notes.push(format!(
            "A Capgo client whose app is version {version} itself takes {version} for what it has and does not \
             fetch it. If there is such an app, publish under another version"
        ));
    }
    if systems.serve(ClientSystem::NativeBundle) && max_binary_version.is_some() {
        notes.push(
            "Native bundle clients get nothing: their manifest cannot name a highest binary version"
                .to_owned(),
        );
    }
    notes
}

fn millis(since: Instant) -> u64 {
    u64::try_from(since.elapsed().as_millis()).unwrap_or(u64::MAX)
}
