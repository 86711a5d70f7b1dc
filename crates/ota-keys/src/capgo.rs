//! RSA keys of Capgo's encryption (protocols.md 3.3): the publisher keeps the private half, the app has the public one.
//!
//! It is not secrecy that this brings, for every device can open the bundle; it proves who made it. Keys are those of
//! `npx @capgo/cli key create`: 2048 bits, PKCS#1, PEM.

use std::fmt;
use std::io::{self, Read, Write as _};
use std::path::Path;

use aes::Aes128;
use aes::cipher::{BlockModeEncrypt as _, KeyIvInit as _, block_padding::Pkcs7};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, Utc};
use hmac::{Hmac, KeyInit as _, Mac as _};
use ota_model::{CapgoSeal, KeyId};
use rsa::pkcs1::{
    DecodeRsaPrivateKey as _, DecodeRsaPublicKey as _, EncodeRsaPrivateKey as _,
    EncodeRsaPublicKey as _, LineEnding,
};
use rsa::pkcs8::DecodePrivateKey as _;
use rsa::rand_core::OsRng;
use rsa::traits::PublicKeyParts as _;
use rsa::{Pkcs1v15Sign, RsaPrivateKey, RsaPublicKey};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

use crate::custody::CustodyKind;
use crate::error::{ImportError, KeyError};
use crate::name::KeyName;

/// The one length that clients read.
const BITS: usize = 2048;
/// What is encrypted at once: a whole number of blocks.
const CHUNK_BYTES: usize = 256 * 1024;

/// A private key of Capgo's encryption. Wiped when dropped.
pub struct CapgoKey {
    key: Box<RsaPrivateKey>,
}

/// What is known of a Capgo key without opening it. Holds no secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CapgoKeyInfo {
    /// What its owner calls it.
    pub name: KeyName,
    /// Tells keys apart: from the digest of the public key.
    pub id: KeyId,
    /// What stands as `publicKey` in the app's `capacitor.config`.
    pub public_pem: String,
    /// Where it rests.
    pub custody: CustodyKind,
    /// When it came here: generated or imported.
    pub created_at: DateTime<Utc>,
}

/// A place that keeps Capgo keys beside signing keys, by the same rules: names are unique whatever their case, a key is
/// held once, nothing is overwritten. Every method may block.
pub trait CapgoCustody: Send + Sync {
    /// Every key, by name. Opens no secret.
    fn list_capgo(&self) -> Result<Vec<CapgoKeyInfo>, KeyError>;

    /// Keeps `key` under `name` from now on.
    fn create_capgo(
        &self,
        name: &KeyName,
        key: &CapgoKey,
        now: DateTime<Utc>,
    ) -> Result<CapgoKeyInfo, KeyError>;

    /// The private key, for one publication.
    fn load_capgo(&self, name: &KeyName) -> Result<CapgoKey, KeyError>;
}

impl CapgoKey {
    /// A new key from the system's random numbers.
    pub fn generate() -> Result<Self, KeyError> {
        let key = RsaPrivateKey::new(&mut OsRng, BITS).map_err(|error| KeyError::Random {
            detail: error.to_string(),
        })?;
        Ok(Self { key: Box::new(key) })
    }

    /// Reads the PEM that `npx @capgo/cli key create` writes, or what `openssl` makes of it.
    pub fn import(pem: &str) -> Result<Self, ImportError> {
        let pem = pem.trim();
        if pem.contains("PUBLIC KEY") {
            return Err(ImportError::IsPublicKey);
        }
        let key = if pem.contains("RSA PRIVATE KEY") {
            RsaPrivateKey::from_pkcs1_pem(pem).ok()
        } else {
            RsaPrivateKey::from_pkcs8_pem(pem).ok()
        };
        let key = key.ok_or(ImportError::NotACapgoKey)?;
        if key.size() * 8 == BITS && key.validate().is_ok() {
            Ok(Self { key: Box::new(key) })
        } else {
            Err(ImportError::NotACapgoKey)
        }
    }

    /// The private key as `@capgo/cli` reads it.
    pub fn to_pem(&self) -> Result<Zeroizing<String>, KeyError> {
        self.key.to_pkcs1_pem(LineEnding::LF).map_err(unreadable)
    }

    /// What stands as `publicKey` in the app's `capacitor.config`.
    pub fn public_pem(&self) -> Result<String, KeyError> {
        self.key
            .to_public_key()
            .to_pkcs1_pem(LineEnding::LF)
            .map_err(unreadable)
    }

    /// Tells keys apart.
    pub fn id(&self) -> Result<KeyId, KeyError> {
        id_of(&self.key.to_public_key()).ok_or_else(|| unreadable("no public key"))
    }

    /// What is known of it, once it is kept.
    pub(crate) fn info(
        &self,
        name: &KeyName,
        custody: CustodyKind,
        created_at: DateTime<Utc>,
    ) -> Result<CapgoKeyInfo, KeyError> {
        Ok(CapgoKeyInfo {
            name: name.clone(),
            id: self.id()?,
            public_pem: self.public_pem()?,
            custody,
            created_at,
        })
    }

    /// A second copy, for a custody that hands out a key and keeps it.
    pub(crate) fn duplicate(&self) -> Self {
        Self {
            key: self.key.clone(),
        }
    }

    /// Encrypts the `.zip` at `plain` into `encrypted`, in constant memory.
    ///
    /// The AES key and the initialisation vector come from the private key and the archive's digest, not from random
    /// numbers: the same archive gives the same bytes, so that an interrupted upload goes on, and publishing the same
    /// again stores nothing new. Nobody without the private key can tell them from random ones.
    pub fn encrypt(&self, plain: &Path, encrypted: &Path) -> Result<CapgoSeal, KeyError> {
        let digest = digest(plain).map_err(KeyError::ReadData)?;
        let secret = self.session(&digest)?;
        let (key, vector) = secret.split_at(16);
        let mut from = fs_err::File::open(plain).map_err(KeyError::ReadData)?;
        let failed = |source| KeyError::WriteFile {
            path: encrypted.to_owned(),
            source,
        };
        let mut to = fs_err::File::create(encrypted).map_err(failed)?;
        let mut cipher = cbc::Encryptor::<Aes128>::new_from_slices(key, vector)
            .map_err(|_length| unreadable("the session key"))?;
        let mut chunk = read_chunk(&mut from).map_err(KeyError::ReadData)?;
        loop {
            if chunk.len() < CHUNK_BYTES {
                let length = chunk.len();
                chunk.resize(length + 16, 0);
                let last = cipher
                    .encrypt_padded::<Pkcs7>(&mut chunk, length)
                    .map_err(|_padding| unreadable("the padding"))?;
                to.write_all(last).map_err(failed)?;
                break;
            }
            let (blocks, _) = aes::Block::slice_as_chunks_mut(&mut chunk);
            cipher.encrypt_blocks(blocks);
            to.write_all(&chunk).map_err(failed)?;
            chunk = read_chunk(&mut from).map_err(KeyError::ReadData)?;
        }
        to.sync_all().map_err(failed)?;
        Ok(CapgoSeal {
            session_key: format!(
                "{}:{}",
                STANDARD.encode(vector),
                STANDARD.encode(self.seal(key)?)
            ),
            checksum: hex::encode(self.seal(&digest)?),
        })
    }

    /// 16 bytes of AES key and 16 of initialisation vector, for this key and this archive alone.
    fn session(&self, digest: &[u8]) -> Result<Zeroizing<[u8; 32]>, KeyError> {
        let own = self.key.to_pkcs1_der().map_err(unreadable)?;
        let mut mac =
            Hmac::<Sha256>::new_from_slice(own.as_bytes()).map_err(|_length| unreadable("HMAC"))?;
        mac.update(b"switchtower capgo session 1");
        mac.update(digest);
        Ok(Zeroizing::new(mac.finalize().into_bytes().into()))
    }

    /// RSA with the private key over the bare bytes: a PKCS#1 block of type 1 without a `DigestInfo`, as Node's
    /// `privateEncrypt` makes it.
    fn seal(&self, message: &[u8]) -> Result<Vec<u8>, KeyError> {
        self.key
            .sign_with_rng(&mut OsRng, Pkcs1v15Sign::new_unprefixed(), message)
            .map_err(unreadable)
    }
}

impl fmt::Debug for CapgoKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CapgoKey(…)")
    }
}

/// Whether a text is this public key, whatever its line breaks.
pub fn same_capgo_key(pem: &str, other: &str) -> bool {
    let read = |pem: &str| RsaPublicKey::from_pkcs1_pem(pem.trim()).ok();
    read(pem).is_some_and(|key| Some(key) == read(other))
}

fn id_of(key: &RsaPublicKey) -> Option<KeyId> {
    let der = key.to_pkcs1_der().ok()?;
    let digest = Sha256::digest(der.as_bytes());
    Some(KeyId::from_bytes(digest.get(..8)?.try_into().ok()?))
}

/// A key that was checked when it came here turns out not to work: a fault of this program.
fn unreadable(why: impl fmt::Display) -> KeyError {
    KeyError::ReadData(io::Error::other(format!("the Capgo key failed: {why}")))
}

fn digest(path: &Path) -> io::Result<[u8; 32]> {
    let mut file = fs_err::File::open(path)?;
    let mut hasher = Sha256::new();
    loop {
        let chunk = read_chunk(&mut file)?;
        if chunk.is_empty() {
            return Ok(hasher.finalize().into());
        }
        hasher.update(&chunk);
    }
}

fn read_chunk(from: &mut fs_err::File) -> io::Result<Vec<u8>> {
    let mut chunk = Vec::with_capacity(CHUNK_BYTES + 16);
    Read::by_ref(from)
        .take(CHUNK_BYTES as u64)
        .read_to_end(&mut chunk)?;
    Ok(chunk)
}
