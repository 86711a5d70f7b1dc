//! The types that hold secrets. Each is wiped when dropped and shows nothing in `Debug`.

use std::fmt;
use std::io::{self, Read};

use ed25519_dalek::{Signer as _, SigningKey};
use ota_model::KeyId;
use zeroize::Zeroizing;

use crate::comment::TrustedComment;
use crate::error::KeyError;
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
    signing: Box<SigningKey>,
}

/// A new key from the system's random numbers.
pub fn generate() -> Result<SecretKey, KeyError> {
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
            signing: Box::new(SigningKey::from_bytes(seed)),
        }
    }

    /// A second copy, for a custody that hands out a key and keeps it.
    pub(crate) fn duplicate(&self) -> Self {
        wipe::stack_after(|| Self {
            key_id: self.key_id,
            signing: self.signing.clone(),
        })
    }

    pub(crate) fn key_id(&self) -> [u8; 8] {
        self.key_id
    }

    /// The seed and the public half, as key files hold them.
    pub(crate) fn key_pair(&self) -> Zeroizing<[u8; 64]> {
        Zeroizing::new(self.signing.to_keypair_bytes())
    }

    /// The id that its signatures name.
    pub fn id(&self) -> KeyId {
        KeyId::from_bytes(self.key_id)
    }

    /// What apps trust.
    pub fn public(&self) -> PublicKey {
        PublicKey::from_parts(self.key_id, self.signing.verifying_key().to_bytes())
    }

    /// Reads `data` to its end and signs its BLAKE2b-512 hash together with `comment`: the prehashed form, the only one
    /// that hotswap accepts (`protocols.md` 1.4). Memory stays constant whatever the size of the data.
    pub fn sign(
        &self,
        mut data: impl Read,
        comment: &TrustedComment,
    ) -> Result<Signature, KeyError> {
        let mut hash = blake2b_simd::State::new();
        for_each_block(&mut data, |block| {
            hash.update(block);
        })
        .map_err(KeyError::ReadData)?;
        let hash = hash.finalize();
        let comment = comment.to_string();
        Ok(wipe::stack_after(|| {
            let signature = self.signing.sign(hash.as_bytes()).to_bytes();
            let signed = [&signature[..], comment.as_bytes()].concat();
            let global = self.signing.sign(&signed).to_bytes();
            Signature::assemble(self.key_id, &signature, &comment, &global)
        }))
    }
}

impl fmt::Debug for SecretKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SecretKey({}, …)", self.id())
    }
}

/// Hands the whole of `data` to `use_block`, 64 KiB at a time.
pub(crate) fn for_each_block(
    data: &mut impl Read,
    mut use_block: impl FnMut(&[u8]),
) -> io::Result<()> {
    let mut buffer = vec![0; 64 * 1024];
    loop {
        match data.read(&mut buffer) {
            Ok(0) => return Ok(()),
            Ok(length) => use_block(buffer.get(..length).unwrap_or_default()),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}
