//! The words and rules of over-the-air updates.
//!
//! Everything here is a value or a pure function: no file, no socket, no clock. The server answers devices with
//! [`resolve()`]; the desktop explains and predicts with the same function.

mod channel;
mod digest;
mod hint;
mod names;
mod numbers;
mod platform;
mod release;
mod resolve;
mod sequencing;
mod snapshot;
mod system;

pub use channel::{Channel, DEFAULT_CHANNELS, Deployment, DeploymentKind};
pub use digest::{Sha256, Sha256Error};
pub use hint::Hint;
pub use names::{AppSlug, ChannelName, KeyId, NameError};
pub use numbers::{Revision, Sequence};
pub use platform::{InstallerType, PlatformKey, Target};
pub use release::{
    Artifact, ArtifactKind, CapgoFile, CapgoSeal, Installer, Release, ReleaseId, ReleaseKind,
    ReleaseState,
};
pub use resolve::{
    Answer, Ask, Client, Decision, NoUpdate, Offer, Step, StepKind, answer, resolve,
};
pub use sequencing::{
    Rollback as RollbackError, SequenceChoice, sequence_for_promote, sequence_for_rollback,
};
pub use snapshot::{AppSnapshot, ChannelSnapshot};
pub use system::{ClientSystem, Lane, Systems};
