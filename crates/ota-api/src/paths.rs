//! The paths of the admin API, in one place for both sides.
//!
//! Every part that comes from people is a checked newtype or an id of the server's, so nothing needs escaping.

use ota_model::{AppSlug, ChannelName, ReleaseId};

use crate::Slot;

/// Who am I, and what is this server?
pub const SESSION: &str = "/v1/session";
/// The apps of the server.
pub const APPS: &str = "/v1/apps";
/// Server-sent events of all apps.
pub const EVENTS: &str = "/v1/events";

/// One app.
pub fn app(app: &AppSlug) -> String {
    format!("{APPS}/{app}")
}

/// The public keys an app trusts.
pub fn keys(app: &AppSlug) -> String {
    format!("{APPS}/{app}/keys")
}

/// The releases of an app.
pub fn releases(app: &AppSlug) -> String {
    format!("{APPS}/{app}/releases")
}

/// One release.
pub fn release(app: &AppSlug, id: &ReleaseId) -> String {
    format!("{APPS}/{app}/releases/{id}")
}

/// The content listing of a release.
pub fn listing(app: &AppSlug, id: &ReleaseId) -> String {
    format!("{APPS}/{app}/releases/{id}/listing")
}

/// An artifact of a draft: `POST` announces it, `GET` tells how much has arrived, `PATCH` appends a chunk.
pub fn artifact(app: &AppSlug, id: &ReleaseId, slot: &Slot) -> String {
    format!("{APPS}/{app}/releases/{id}/artifacts/{slot}")
}

/// Turns a complete draft into a release.
pub fn finalize(app: &AppSlug, id: &ReleaseId) -> String {
    format!("{APPS}/{app}/releases/{id}/finalize")
}

/// Withdraws a release for good.
pub fn recall(app: &AppSlug, id: &ReleaseId) -> String {
    format!("{APPS}/{app}/releases/{id}/recall")
}

/// The channels of an app.
pub fn channels(app: &AppSlug) -> String {
    format!("{APPS}/{app}/channels")
}

/// One channel.
pub fn channel(app: &AppSlug, channel: &ChannelName) -> String {
    format!("{APPS}/{app}/channels/{channel}")
}

/// What a channel offered and offers; `POST` changes it.
pub fn deployments(app: &AppSlug, channel: &ChannelName) -> String {
    format!("{APPS}/{app}/channels/{channel}/deployments")
}

/// What a deployment would do.
pub fn plan(app: &AppSlug, channel: &ChannelName) -> String {
    format!("{APPS}/{app}/channels/{channel}/plan")
}

/// The activity log of an app.
pub fn activity(app: &AppSlug) -> String {
    format!("{APPS}/{app}/activity")
}

/// Which devices of an app asked since the server started.
pub fn checks(app: &AppSlug) -> String {
    format!("{APPS}/{app}/checks")
}

/// Where an unmodified hotswap client asks; `{{current_sequence}}` is filled in by the client.
pub fn hotswap_endpoint(app: &AppSlug) -> String {
    format!("/feeds/hotswap/{app}/{{{{current_sequence}}}}")
}

/// Where an unmodified tauri updater asks; the client fills in the parts in double braces.
pub fn updater_endpoint(app: &AppSlug, channel: &ChannelName) -> String {
    format!(
        "/feeds/tauri/{app}/{{{{target}}}}/{{{{arch}}}}/{{{{current_version}}}}\
         ?bundle_type={{{{bundle_type}}}}&channel={channel}"
    )
}

/// The same answer for every device, as a file.
pub fn updater_static(app: &AppSlug, channel: &ChannelName) -> String {
    format!("/feeds/tauri/{app}/{channel}/latest.json")
}

/// Where Capgo clients ask (`updateUrl`).
pub fn capgo_updates(app: &AppSlug) -> String {
    format!("/feeds/capgo/{app}/updates")
}

/// Where Capgo clients report (`statsUrl`).
pub fn capgo_stats(app: &AppSlug) -> String {
    format!("/feeds/capgo/{app}/stats")
}

/// Where Capgo clients read and choose their channel (`channelUrl`).
pub fn capgo_channel(app: &AppSlug) -> String {
    format!("/feeds/capgo/{app}/channel")
}

/// The native bundle manifest of an app's channel.
pub fn bundle_manifest(app: &AppSlug, channel: &ChannelName) -> String {
    format!("/feeds/bundle/{app}/{channel}/manifest")
}

/// The native bundle manifest of the one app that has the fixed paths.
pub const FIXED_BUNDLE_MANIFEST: &str = "/api/v1/native/bundle/manifest";

/// Where clients of the `SyncKit` OTA API ask; tauri's updater fills in the parts in double braces.
pub fn sync_kit_endpoint(app: &AppSlug) -> String {
    format!("/api/sync/ota/{app}/{{{{target}}}}/{{{{arch}}}}/{{{{current_version}}}}")
}
