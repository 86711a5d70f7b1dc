//! minisign's secret key file: reading each spelling, writing the encrypted one.
//!
//! Not with `minisign::SecretKeyBox`. It takes a password by value and drops it unwiped (`SecretKey::encrypt`), so that
//! it was found in memory after the file was opened; it writes a key by way of unwiped copies (`SecretKey::to_box`),
//! where the key was found; it cannot encrypt a key that exists, gives no seed out, and refuses the unencrypted files of
//! the C program, whose checksum is zero.

use std::io::Read as _;
use std::path::Path;

use zeroize::Zeroizing;

use crate::cost::Cost;
use crate::error::{ImportError, KeyError};
use crate::public::{ED25519, PublicKeyError};
use crate::secret::{Password, SecretKey, random};
use crate::text;
use crate::wipe;

/// The decoded second line.
pub(crate) const SECRET_BYTES: usize = 158;
const SEALED_BYTES: usize = 104;
const SCRYPT: [u8; 2] = *b"Sc";
const NO_KDF: [u8; 2] = [0, 0];
const BLAKE2B: [u8; 2] = *b"B2";
/// The longest password that the `minisign` program takes.
const MAX_PASSWORD_BYTES: usize = 1024;

/// What can be said of a key file before it is opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeyFileFacts {
    /// Whether a password is needed.
    pub encrypted: bool,
    /// The memory that opening it takes for a moment; 1 GiB for keys of `minisign -G`, nothing when not encrypted.
    pub memory_bytes: u64,
}

/// Reads what a secret key file says of itself, without opening it.
pub fn inspect(text: &str) -> Result<KeyFileFacts, ImportError> {
    let file = KeyFile::parse(text)?;
    let memory_bytes = file.cost.map_or(0, Cost::memory_bytes);
    Ok(KeyFileFacts {
        encrypted: file.cost.is_some(),
        memory_bytes,
    })
}

/// Reads a secret key: a minisign key file, its second line alone, or tauri's base64 of the file, encrypted or not.
///
/// A password given for a key that is not encrypted is not used. Takes about as long as whoever wrote the file wanted
/// it to take: half a second for ours and tauri's, seconds and 1 GiB for those of `minisign -G`.
pub fn import(text: &str, password: Option<&Password>) -> Result<SecretKey, ImportError> {
    wipe::stack_after(|| KeyFile::parse(text)?.open(password))
}

/// [`import`] from a file. What was read is wiped from memory.
pub fn import_file(path: &Path, password: Option<&Password>) -> Result<SecretKey, KeyError> {
    let text = read(path)?;
    Ok(import(&text, password)?)
}

pub(crate) fn read(path: &Path) -> Result<Zeroizing<String>, KeyError> {
    let failed = |source| KeyError::ReadFile {
        path: path.to_owned(),
        source,
    };
    // With room for all of it from the start: a buffer that grows leaves copies of the key behind.
    let mut bytes = Zeroizing::new(Vec::with_capacity(text::MAX_BYTES + 1));
    let file = fs_err::File::open(path).map_err(failed)?;
    file.take(text::MAX_BYTES as u64)
        .read_to_end(&mut bytes)
        .map_err(failed)?;
    match std::str::from_utf8(&bytes) {
        Ok(text) => Ok(Zeroizing::new(text.to_owned())),
        Err(_) => Err(ImportError::NotAKey.into()),
    }
}

/// A parsed file. `sealed` is key id, seed, public half and checksum, encrypted when there is a cost.
struct KeyFile {
    cost: Option<Cost>,
    salt: [u8; 32],
    sealed: Zeroizing<[u8; SEALED_BYTES]>,
}

impl KeyFile {
    fn parse(text: &str) -> Result<Self, ImportError> {
        let file = text::unwrap_file(text);
        let line = match &file {
            Some(file) => file.lines().nth(1).ok_or(ImportError::NotAKey)?.trim(),
            None => text::trim(text),
        };
        match text::decode(line) {
            Some(bytes) if bytes.len() == SECRET_BYTES => Self::decode(&bytes),
            // Whoever picked the wrong one of two files is told so.
            _ => Err(match text.parse::<crate::PublicKey>() {
                Ok(_) => ImportError::IsPublicKey,
                Err(PublicKeyError::IsSignature) => ImportError::IsSignature,
                Err(_) => ImportError::NotAKey,
            }),
        }
    }

    fn decode(bytes: &[u8]) -> Result<Self, ImportError> {
        let parts = bytes
            .split_first_chunk::<2>()
            .and_then(|(algorithm, rest)| {
                let (kdf, rest) = rest.split_first_chunk::<2>()?;
                let (checksum, rest) = rest.split_first_chunk::<2>()?;
                let (salt, rest) = rest.split_first_chunk::<32>()?;
                let (operations, rest) = rest.split_first_chunk::<8>()?;
                let (memory, rest) = rest.split_first_chunk::<8>()?;
                let sealed = rest.first_chunk::<SEALED_BYTES>()?;
                let cost = Cost {
                    operations: u64::from_le_bytes(*operations),
                    memory: u64::from_le_bytes(*memory),
                };
                Some((
                    *algorithm,
                    *kdf,
                    *checksum,
                    *salt,
                    cost,
                    Zeroizing::new(*sealed),
                ))
            });
        let Some((ED25519, kdf, BLAKE2B, salt, cost, sealed)) = parts else {
            return Err(ImportError::NotAKey);
        };
        let cost = match kdf {
            SCRYPT => Some(cost),
            NO_KDF => None,
            _ => return Err(ImportError::UnknownEncryption),
        };
        Ok(Self { cost, salt, sealed })
    }

    fn open(mut self, password: Option<&Password>) -> Result<SecretKey, ImportError> {
        if let Some(cost) = self.cost {
            let password = password.ok_or(ImportError::PasswordNeeded)?;
            let stream = cost.derive(password, &self.salt)?;
            mask(&mut self.sealed, &stream);
        }
        let parts = self
            .sealed
            .split_first_chunk::<8>()
            .and_then(|(key_id, rest)| {
                let (seed, rest) = rest.split_first_chunk::<32>()?;
                let (public, checksum) = rest.split_first_chunk::<32>()?;
                Some((key_id, seed, public, checksum))
            });
        let Some((key_id, seed, public, checksum)) = parts else {
            return Err(ImportError::Damaged);
        };
        let key = SecretKey::from_seed(*key_id, seed);
        // The C program writes zeros where nothing is encrypted, and does not look at them.
        let unchecked = self.cost.is_none() && checksum.iter().all(|byte| *byte == 0);
        if !unchecked && checksum != checksum_of(&key).as_slice() {
            return Err(if self.cost.is_some() {
                ImportError::WrongPassword
            } else {
                ImportError::Damaged
            });
        }
        // Signing under a public half that belongs to another seed gives the seed away.
        if key.public_bytes() != *public {
            return Err(ImportError::Damaged);
        }
        Ok(key)
    }

    /// The 158 bytes of the second line.
    fn bytes(&self) -> Zeroizing<Vec<u8>> {
        let (kdf, cost) = match self.cost {
            Some(cost) => (SCRYPT, cost),
            None => (
                NO_KDF,
                Cost {
                    operations: 0,
                    memory: 0,
                },
            ),
        };
        let mut bytes = Zeroizing::new(Vec::with_capacity(SECRET_BYTES));
        for part in [&ED25519[..], &kdf, &BLAKE2B, &self.salt] {
            bytes.extend_from_slice(part);
        }
        bytes.extend_from_slice(&cost.operations.to_le_bytes());
        bytes.extend_from_slice(&cost.memory.to_le_bytes());
        bytes.extend_from_slice(self.sealed.as_slice());
        bytes
    }

    fn text(&self, comment: &str) -> Zeroizing<String> {
        let line = Zeroizing::new(text::encode(&self.bytes()));
        // The parts are joined in one allocation, so that no shorter copy of the key is left behind.
        Zeroizing::new([text::COMMENT, comment, "\n", line.as_str(), "\n"].concat())
    }
}

impl SecretKey {
    /// A minisign key file, encrypted under `password`: `minisign -S -s` signs with it, and so does tauri's signer once
    /// the file is in base64.
    pub fn to_key_file(&self, password: &Password) -> Result<String, KeyError> {
        match password.reveal().len() {
            0 => return Err(KeyError::EmptyPassword),
            1..=MAX_PASSWORD_BYTES => {}
            _ => {
                return Err(KeyError::PasswordTooLong {
                    max_bytes: MAX_PASSWORD_BYTES,
                });
            }
        }
        wipe::stack_after(|| {
            let mut salt = [0; 32];
            random(&mut salt)?;
            let mut sealed = self.unsealed();
            let cost = Cost::OURS;
            mask(&mut sealed, &*cost.derive(password, &salt)?);
            let file = KeyFile {
                cost: Some(cost),
                salt,
                sealed,
            };
            // Encrypted: this text may be copied and stored.
            Ok(file.text("minisign encrypted secret key").to_string())
        })
    }

    /// The key file without encryption, for a custody that encrypts by itself.
    pub(crate) fn to_plain_key_file(&self) -> Zeroizing<String> {
        wipe::stack_after(|| self.plain().text("minisign secret key"))
    }

    /// What is in the second line of that file, for minisign. To be called within [`wipe::stack_after`].
    pub(crate) fn to_plain_bytes(&self) -> Zeroizing<Vec<u8>> {
        self.plain().bytes()
    }

    fn plain(&self) -> KeyFile {
        KeyFile {
            cost: None,
            salt: [0; 32],
            sealed: self.unsealed(),
        }
    }

    fn unsealed(&self) -> Zeroizing<[u8; SEALED_BYTES]> {
        let (pair, checksum) = (self.key_pair(), checksum_of(self));
        let mut sealed = Zeroizing::new([0; SEALED_BYTES]);
        let parts = self
            .key_id()
            .into_iter()
            .chain(pair.iter().copied())
            .chain(checksum.iter().copied());
        for (to, from) in sealed.iter_mut().zip(parts) {
            *to = from;
        }
        sealed
    }
}

fn checksum_of(key: &SecretKey) -> Zeroizing<[u8; 32]> {
    let hash = blake2b_simd::Params::new()
        .hash_length(32)
        .to_state()
        .update(&ED25519)
        .update(&key.key_id())
        .update(key.key_pair())
        .finalize();
    let mut checksum = Zeroizing::new([0; 32]);
    for (to, from) in checksum.iter_mut().zip(hash.as_bytes()) {
        *to = *from;
    }
    checksum
}

fn mask(sealed: &mut [u8; SEALED_BYTES], stream: &[u8; SEALED_BYTES]) {
    for (byte, mask) in sealed.iter_mut().zip(stream) {
        *byte ^= mask;
    }
}
