//! The types that hold secrets. Each is wiped when dropped and shows nothing in `Debug`.

use std::fmt;
use std::io::{self, Read};

use ed25519_dalek::SigningKey;
use ota_model::KeyId;
use zeroize::Zeroizing;

use crate::comment::TrustedComment;
use crate::error::{ImportError, KeyError};
use crate::public::PublicKey;
use crate::signature::Signature;
use crate::wipe;

macro_rules! secret_text {
    ($(#[$docs:meta])* $name:ident) => {
        $(#[$docs])*
        pub struct $name(Zeroizing<String>);

        impl $name {
            /// Takes `text` over; its memory is wiped with this value.
            pub fn new(text: impl Into<String>) -> Self {
                Self(Zeroizing::new(text.into()))
            }

            /// The secret itself. Copy it nowhere.
            pub fn reveal(&self) -> &str {
                &self.0
            }
        }

        impl Clone for $name {
            fn clone(&self) -> Self {
                Self::new(self.reveal())
            }
        }

        // For messages inside a program that carry one; nothing is guarded by this comparison.
        impl PartialEq for $name {
            fn eq(&self, other: &Self) -> bool {
                self.reveal() == other.reveal()
            }
        }

        impl Eq for $name {}

        impl From<String> for $name {
            fn from(text: String) -> Self {
                Self::new(text)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(concat!(stringify!($name), "(…)"))
            }
        }
    };
}

secret_text! {
    /// The password of a key file.
    Password
}

secret_text! {
    /// An access token of a server, `swt_…`.
    AccessToken
}

/// A minisign secret key, in the clear in memory only.
///
/// The key itself lies on the heap: moving this value leaves no copy behind. Not `Clone`, so that each copy is a decision.
pub struct SecretKey {
    key_id: [u8; 8],
    /// The seed and the public half, as key files hold them.
    pair: Box<Zeroizing<[u8; 64]>>,
}

/// A new key from the system's random numbers.
pub fn generate() -> Result<SecretKey, KeyError> {
    // Not by `minisign::KeyPair`, which leaves the seed in a freed `Vec` (`generate_unencrypted_keypair`): half of it was
    // found there.
    wipe::stack_after(|| {
        let mut key_id = [0; 8];
        let mut seed = Zeroizing::new([0; 32]);
        random(&mut key_id)?;
        random(seed.as_mut_slice())?;
        Ok(SecretKey::from_seed(key_id, &seed))
    })
}

pub(crate) fn random(bytes: &mut [u8]) -> Result<(), KeyError> {
    getrandom::fill(bytes).map_err(|error| KeyError::Random {
        detail: error.to_string(),
    })
}

impl SecretKey {
    pub(crate) fn from_seed(key_id: [u8; 8], seed: &[u8; 32]) -> Self {
        Self {
            key_id,
            pair: Box::new(Zeroizing::new(
                SigningKey::from_bytes(seed).to_keypair_bytes(),
            )),
        }
    }

    /// A second copy, for a custody that hands out a key and keeps it.
    pub(crate) fn duplicate(&self) -> Self {
        wipe::stack_after(|| Self {
            key_id: self.key_id,
            pair: self.pair.clone(),
        })
    }

    pub(crate) fn key_id(&self) -> [u8; 8] {
        self.key_id
    }

    /// The seed and the public half.
    pub(crate) fn key_pair(&self) -> &[u8; 64] {
        &self.pair
    }

    /// The public half.
    pub(crate) fn public_bytes(&self) -> [u8; 32] {
        let mut public = [0; 32];
        for (to, from) in public.iter_mut().zip(self.pair.iter().skip(32)) {
            *to = *from;
        }
        public
    }

    /// The id that its signatures name.
    pub fn id(&self) -> KeyId {
        KeyId::from_bytes(self.key_id)
    }

    /// What apps trust.
    pub fn public(&self) -> PublicKey {
        PublicKey::from_parts(self.key_id, self.public_bytes())
    }

    /// Reads `data` to its end and signs its BLAKE2b-512 hash together with `comment`: the prehashed form, the only one
    /// that hotswap accepts (`protocols.md` 1.4). Memory stays constant whatever the size of the data.
    pub fn sign(&self, data: impl Read, comment: &TrustedComment) -> Result<Signature, KeyError> {
        let comment = comment.to_string();
        let untrusted = format!("signature from Switchtower with key {}", self.id());
        let mut data = Source { data, failed: None };
        let signed = wipe::stack_after(|| {
            // On the stack: minisign's key is not wiped when dropped.
            let key = minisign::SecretKey::from_bytes(&self.to_plain_bytes())?;
            let public = minisign::PublicKey::from_secret_key(&key)?;
            minisign::sign(
                Some(&public),
                &key,
                &mut data,
                Some(&comment),
                Some(&untrusted),
            )
        });
        match signed {
            Ok(signed) => Ok(Signature::of(&signed, self.id(), comment)),
            Err(error) => Err(match (data.failed, error.kind()) {
                (Some(source), _) => KeyError::ReadData(source),
                (None, minisign::ErrorKind::RNG) => KeyError::Random {
                    detail: error.to_string(),
                },
                // The signature does not fit the public half.
                (None, _) => ImportError::Damaged.into(),
            }),
        }
    }
}

/// The data to sign. Keeps the error of its reader, of which minisign keeps the words alone, and reads on after an
/// interruption, which minisign does not.
struct Source<R> {
    data: R,
    failed: Option<io::Error>,
}

impl<R: Read> Read for Source<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            match self.data.read(buffer) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => {
                    let kind = error.kind();
                    self.failed = Some(error);
                    return Err(kind.into());
                }
                read => return read,
            }
        }
    }
}

impl fmt::Debug for SecretKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SecretKey({}, …)", self.id())
    }
}
