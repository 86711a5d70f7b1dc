//! The words and rules of over-the-air updates.
//!
//! Everything here is a value or a pure function: no file, no socket, no clock. The server answers devices with
//! [`resolve()`]; the desktop explains and predicts with the same function.

mod channel;
mod digest;
mod hint;
mod names;
mod numbers;
mod release;
mod resolve;
mod sequencing;
mod snapshot;

pub use channel::{Channel, DEFAULT_CHANNELS, Deployment, DeploymentKind};
pub use digest::{Sha256, Sha256Error};
pub use hint::Hint;
pub use names::{AppSlug, ChannelName, KeyId, NameError};
pub use numbers::{Revision, Sequence};
pub use release::{Artifact, ArtifactKind, Release, ReleaseId, ReleaseKind, ReleaseState};
pub use resolve::{Answer, Ask, Decision, NoUpdate, Offer, Step, StepKind, answer, resolve};
pub use sequencing::{
    Rollback as RollbackError, SequenceChoice, sequence_for_promote, sequence_for_rollback,
};
pub use snapshot::{AppSnapshot, ChannelSnapshot};
