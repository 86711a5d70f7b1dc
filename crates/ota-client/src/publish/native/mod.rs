//! From installers to devices: the same steps as for a folder, but there is nothing to pack, and most installers come
//! with a signature of the bundler.

mod error;
mod signing;

use std::time::Instant;

use ota_api::{ChannelState, LiveRelease, ReleaseSummary, Slot};
use ota_bundle::CancellationToken;
use ota_bundle::installers::InstallerFile;
use ota_model::{AppSlug, ChannelName, ClientSystem, KeyId, Lane, ReleaseKind, Revision, Sequence};
use semver::Version;
use serde::Serialize;

use super::bundling::scratch;
use super::patience::unless_cancelled;
use super::progress::Reporter;
use super::request::{PublishOptions, Signer};
use super::upload::Payload;
use super::{
    Failure, Ground, Offered, PublishError, PublishEvent, Run, Target, failed, millis, not_ready,
};
use crate::client::Client;

pub use error::NativeError;

/// Installers that are to be offered on a channel.
#[derive(Debug)]
pub struct NativeRequest {
    /// Of which app.
    pub app: AppSlug,
    /// Where they go live.
    pub channel: ChannelName,
    /// Unique among the app's installers. Devices install it if it is higher than what they run.
    pub version: Version,
    /// Markdown.
    pub notes: String,
    /// The oldest version that may update to it directly; `0.0.0` for all.
    pub min_version: Version,
    /// The files, each with the platforms it is for.
    pub installers: Vec<InstallerFile>,
    /// The key that signs those without a signature.
    pub signer: Option<Signer>,
    /// The revision of the channel that the operator saw. When absent, the one at the beginning.
    pub seen: Option<Revision>,
    /// Chunks and patience.
    pub options: PublishOptions,
}

/// Installers that are live.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PublishedNative {
    /// The release.
    pub release: ReleaseSummary,
    /// The channel as it is now.
    pub channel: ChannelState,
    /// The number of the deployment.
    pub sequence: Sequence,
    /// What installers the channel offered before.
    pub previous: Option<LiveRelease>,
    /// The entry in the activity log; none when the channel offered them already.
    pub activity_entry: Option<u64>,
    /// Whether the server had these very bytes under this version already, so that nothing was uploaded.
    pub stored_before: bool,
    /// Bytes of all installers.
    pub size_bytes: u64,
    /// The keys that signed them, each once.
    pub signed_by: Vec<KeyId>,
    /// How long everything took, in milliseconds.
    pub took_ms: u64,
    /// What the operator should know although it went well.
    pub warnings: Vec<String>,
}

/// Makes a release of installers and offers it on a channel, beside the web bundle that it offers.
///
/// A signature that is there must be by a key that the app trusts, fit the bytes, and have been made for this version;
/// an installer without one is signed as tauri's bundler does it. All of that is known before a byte is uploaded. What
/// [`super::publish()`] says of cancelling, of a server that goes away and of progress holds here, too.
pub async fn publish_native(
    client: &Client,
    request: NativeRequest,
    progress: impl Fn(PublishEvent) + Send + Sync + 'static,
    cancel: CancellationToken,
) -> Result<PublishedNative, PublishError> {
    let reporter = Reporter::new(progress);
    let NativeRequest {
        app,
        channel,
        version,
        notes,
        min_version,
        installers,
        signer,
        seen,
        options,
    } = request;
    let target = Target {
        kind: ReleaseKind::Native,
        app,
        channel,
        version,
        notes,
        min_binary_version: min_version,
        max_binary_version: None,
    };
    let run = Run {
        client,
        target: &target,
        options: &options,
        reporter: &reporter,
        cancel: &cancel,
    };
    run.native(installers, signer, seen)
        .await
        .map_err(|failure| failed(failure, &target))
}

impl Run<'_> {
    async fn native(
        &self,
        installers: Vec<InstallerFile>,
        signer: Option<Signer>,
        seen: Option<Revision>,
    ) -> Result<PublishedNative, Failure> {
        let began = Instant::now();
        check(&installers, signer.is_some())
            .map_err(|error| not_ready(PublishError::from(error)))?;
        // A key that has nothing to sign need not be trusted.
        let signer = signer.filter(|_| installers.iter().any(|file| file.signature.is_none()));
        let key = signer
            .as_ref()
            .map(|signer| (signer.name.clone(), signer.public));
        let ground = self
            .ground(key.as_ref().map(|(name, public)| (name.as_str(), *public)))
            .await
            .map_err(|stop| (stop, false))?;
        let seen = seen.unwrap_or(ground.channel.revision);
        let mut warnings = self.warnings(&ground, &installers);

        let read = signing::read(installers, self.reporter, self.cancel);
        let files = read.await.map_err(|stop| (stop, false))?;
        let signed = signing::sign(files, signer, self.target, &ground.trusted, self.reporter);
        let files = unless_cancelled(self.cancel, signed)
            .await
            .and_then(|signed| signed)
            .map_err(|stop| (stop, false))?;
        let payloads: Vec<Payload> = files.iter().flat_map(signing::Signed::payloads).collect();

        let scratch = scratch().map_err(not_ready)?;
        let offered = self.offer(&payloads, &ground, &scratch, seen).await?;
        let Offered {
            stored,
            live,
            stored_before,
            warnings: more,
        } = offered;
        warnings.extend(more);
        let mut signed_by = stored.signed_by;
        signed_by.sort_unstable();
        signed_by.dedup();
        Ok(PublishedNative {
            release: stored.release,
            channel: live.channel,
            sequence: live.sequence,
            previous: live.previous,
            activity_entry: live.activity_entry,
            stored_before,
            size_bytes: files.iter().map(signing::Signed::size_bytes).sum(),
            signed_by,
            took_ms: millis(began),
            warnings,
        })
    }

    /// What goes well and yet may not be what was meant.
    fn warnings(&self, ground: &Ground, installers: &[InstallerFile]) -> Vec<String> {
        let Target {
            app,
            channel,
            version,
            min_binary_version,
            ..
        } = self.target;
        let mut warnings = Vec::new();
        let serves_any = ClientSystem::ALL
            .into_iter()
            .any(|system| system.lane() == Lane::Native && ground.systems.serve(system));
        if !serves_any {
            warnings.push(format!(
                "{app} serves no clients that install: turn on {} for it, or no device is offered this",
                ClientSystem::TauriUpdater.label()
            ));
        }
        if *min_binary_version > Version::new(0, 0, 0)
            && ground.systems.serve(ClientSystem::TauriUpdater)
        {
            warnings.push(format!(
                "latest.json of {channel} offers nothing from now on: one file for all cannot hold versions below \
                 {min_binary_version} back. Clients that name their version in the address are offered {version}"
            ));
        }
        for file in installers {
            // `acme_1.0.0_amd64.deb`: the bundler writes the version that the app will say it has.
            let named = file
                .file
                .split('_')
                .find_map(|word| Version::parse(word).ok());
            if let Some(named) = named.filter(|named| named != version) {
                warnings.push(format!(
                    "{} is called {named}, published as {version}: an app that still says {named} after the update is offered it again and again",
                    file.file
                ));
            }
        }
        warnings
    }
}

/// What can be known without reading a file.
fn check(installers: &[InstallerFile], has_signer: bool) -> Result<(), NativeError> {
    if installers.is_empty() {
        return Err(NativeError::Nothing);
    }
    let mut platforms = Vec::new();
    for file in installers {
        if let Some(problem) = file.problems.first() {
            return Err(NativeError::Problem {
                title: problem.title.clone(),
                remedy: problem.remedy.clone(),
            });
        }
        if file.platforms.is_empty() {
            return Err(NativeError::Problem {
                title: format!("{} has no platform", file.file),
                remedy: "Say which devices it is for".to_owned(),
            });
        }
        for platform in &file.platforms {
            if platforms.contains(&platform) {
                return Err(NativeError::Twice {
                    platform: platform.clone(),
                });
            }
            platforms.push(platform);
        }
    }
    if has_signer {
        return Ok(());
    }
    let unsigned: Vec<_> = installers
        .iter()
        .filter(|file| file.signature.is_none())
        .map(|file| file.file.clone())
        .collect();
    if unsigned.is_empty() {
        Ok(())
    } else {
        Err(NativeError::Unsigned { files: unsigned })
    }
}

impl signing::Signed {
    /// One for each platform: the bytes of a universal app are sent for both of its.
    fn payloads(&self) -> impl Iterator<Item = Payload> {
        self.file.platforms.iter().map(|platform| Payload {
            path: self.file.path.clone(),
            sha256: self.sha256,
            size_bytes: self.size_bytes(),
            slot: Slot::Installer(platform.clone()),
            file: Some(self.file.file.clone()),
            signature: self.signature.text().to_owned(),
            seal: None,
        })
    }
}
