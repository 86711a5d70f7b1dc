//! What to publish, and how.

use std::fmt;
use std::num::NonZeroU64;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use ota_bundle::{Ignored, Scan};
use ota_keys::{
    CapgoCustody, CapgoKey, Custody, KeyError, KeyName, PublicKey, SecretKey, same_capgo_key,
};
use ota_model::{AppSlug, ChannelName, Revision};
use semver::Version;

/// A release that is to be made from a folder and offered on a channel.
#[derive(Debug)]
pub struct PublishRequest {
    /// Of which app.
    pub app: AppSlug,
    /// Where it goes live.
    pub channel: ChannelName,
    /// Unique within the app.
    pub version: Version,
    /// Markdown.
    pub notes: String,
    /// The oldest binary that can run it.
    pub min_binary_version: Version,
    /// The first binary that can no longer run it.
    pub max_binary_version: Option<Version>,
    /// The files.
    pub input: Input,
    /// The key that signs them.
    pub signer: Signer,
    /// Where the app's Capgo key is found, if its Capgo clients have a public key built in.
    pub capgo: Option<CapgoSigner>,
    /// The revision of the channel that the operator saw. When absent, the one at the beginning: whoever changes the
    /// channel while this runs is not overwritten.
    pub seen: Option<Revision>,
    /// Chunks and patience.
    pub options: PublishOptions,
}

/// Where the files are.
#[derive(Debug)]
pub enum Input {
    /// A folder that was not read yet.
    Folder {
        /// Where it is.
        path: PathBuf,
        /// What stays out.
        ignored: Ignored,
    },
    /// A folder that was read and reviewed. What changed since then is an error.
    Scan(Box<Scan>),
}

/// A key that may have to be unlocked before it signs.
pub struct Signer {
    pub(super) name: String,
    pub(super) public: PublicKey,
    pub(super) load: Load,
}

type Load = Box<dyn FnOnce() -> Result<SecretKey, KeyError> + Send + Sync>;

impl Signer {
    /// A key that `load` gets when it is needed. It may block: it runs on a thread of its own.
    pub fn new(
        name: impl Into<String>,
        public: PublicKey,
        load: impl FnOnce() -> Result<SecretKey, KeyError> + Send + Sync + 'static,
    ) -> Self {
        Self {
            name: name.into(),
            public,
            load: Box::new(load),
        }
    }

    /// A key that is open already.
    pub fn open(name: impl Into<String>, key: SecretKey) -> Self {
        let public = key.public();
        Self::new(name, public, move || Ok(key))
    }

    /// A key in a custody.
    pub fn kept(custody: Arc<dyn Custody>, name: KeyName, public: PublicKey) -> Self {
        Self::new(name.to_string(), public, move || custody.load(&name))
    }
}

impl fmt::Debug for Signer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Signer({} {})", self.name, self.public.id())
    }
}

/// A private Capgo key that is looked for when it is needed.
pub struct CapgoSigner {
    pub(super) load: LoadCapgo,
}

/// Given the app's public key.
type LoadCapgo = Box<dyn FnOnce(&str) -> Result<Option<CapgoKey>, KeyError> + Send + Sync>;

impl CapgoSigner {
    /// A key that is open already.
    pub fn open(key: CapgoKey) -> Self {
        Self {
            load: Box::new(move |_| Ok(Some(key))),
        }
    }

    /// The key of this name, or else the one that belongs to the app's public key.
    pub fn kept(custody: Arc<dyn CapgoCustody>, name: Option<KeyName>) -> Self {
        let load = move |public: &str| {
            let name = match name {
                Some(name) => Some(name),
                None => custody
                    .list_capgo()?
                    .into_iter()
                    .find(|info| same_capgo_key(&info.public_pem, public))
                    .map(|info| info.name),
            };
            name.map(|name| custody.load_capgo(&name)).transpose()
        };
        Self {
            load: Box::new(load),
        }
    }
}

impl fmt::Debug for CapgoSigner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CapgoSigner")
    }
}

/// How an upload behaves.
#[derive(Debug, Clone)]
pub struct PublishOptions {
    /// Bytes of one part; chosen by the size of the bundle when absent.
    pub part_bytes: Option<NonZeroU64>,
    /// How long an unreachable server is waited for, once the upload has begun.
    pub patience: Duration,
}

impl Default for PublishOptions {
    fn default() -> Self {
        Self {
            part_bytes: None,
            patience: Duration::from_mins(2),
        }
    }
}

const MIB: u64 = 1024 * 1024;

impl PublishOptions {
    /// Small parts lose little when the connection breaks; many parts cost an answer each.
    pub(super) fn part_bytes(&self, size_bytes: u64) -> u64 {
        match self.part_bytes {
            Some(bytes) => bytes.get(),
            None => (size_bytes / 64).next_multiple_of(MIB).clamp(MIB, 8 * MIB),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_grow_with_the_bundle() {
        let options = PublishOptions::default();
        for (size, part) in [
            (1, MIB),
            (5_232_412, MIB),
            (64 * MIB, MIB),
            (65 * MIB, 2 * MIB),
            (512 * MIB, 8 * MIB),
        ] {
            assert_eq!(options.part_bytes(size), part, "{size}");
        }
    }
}
