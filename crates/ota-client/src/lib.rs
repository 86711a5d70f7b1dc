//! A typed client of the admin API and the publish pipeline.
//!
//! [`Client`] has one method for each operation of the server. [`publish()`] takes a folder to devices: bundle, sign,
//! upload, verify, go live. [`verify_chain`] recomputes the activity log's hashes.
//!
//! **Invariants.** A token never leaves this computer in clear: plain http is refused except to this computer itself. A
//! token is sent to the server's own address only, never to where a redirect or a download leads. A repeated request
//! carries the [`IdempotencyKey`] of the first: a lost answer never changes something twice. Until the last step of a
//! publication devices get what they got before.

mod chain;
mod client;
pub mod connect;
mod error;
mod events;
mod http;
mod idempotency;
mod publish;
mod rollback;
mod sse;
mod trust;

pub use chain::{ChainError, ChainHead, verify_chain};
pub use client::{Client, DeviceAnswer, DeviceAsk};
pub use error::ClientError;
pub use events::LiveEvent;
pub use idempotency::IdempotencyKey;
pub use ota_bundle::CancellationToken;
pub use ota_model::Hint;
pub use publish::{
    CapgoSigner, Input, LogLine, NativeError, NativeRequest, Part, PublishError, PublishEvent,
    PublishOptions, PublishRequest, Published, PublishedNative, Signer, Step, StepProgress,
    publish, publish_native,
};
pub use rollback::{RollbackTarget, RollbackTargets};
