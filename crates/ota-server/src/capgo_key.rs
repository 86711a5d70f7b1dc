//! Opening what a Capgo key sealed (protocols.md 3.3). Every device can: the public key is in its binary. Nothing here
//! can seal.

use std::io::{self, Read, Write as _};
use std::path::Path;

use aes::Aes128;
use aes::cipher::{BlockModeDecrypt as _, KeyIvInit as _, block_padding::Pkcs7};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use num_bigint::BigUint;
use ota_model::{CapgoSeal, Sha256};
use pkcs1::der::Document;
use thiserror::Error;

/// Clients read keys of this length alone: 256 bytes, 2048 bits.
const MODULUS_BYTES: usize = 256;
/// What is decrypted at once: a whole number of blocks.
const CHUNK_BYTES: usize = 256 * 1024;

/// Why a text is no key for Capgo clients.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("it is not an RSA public key of 2048 bits that begins with -----BEGIN RSA PUBLIC KEY-----")]
pub(crate) struct NotACapgoKey;

/// Why sealed bytes do not open.
#[derive(Debug, Error)]
pub(crate) enum CannotOpen {
    /// A client with this public key would refuse it.
    #[error("{0}")]
    Refused(&'static str),
    /// A fault of the disk.
    #[error(transparent)]
    Io(#[from] io::Error),
}

/// The public key that an app's Capgo clients have built in.
pub(crate) struct CapgoKey {
    modulus: BigUint,
    exponent: BigUint,
}

impl CapgoKey {
    /// Reads PKCS#1 PEM, the one spelling that clients take (CryptoCipher.java:153).
    pub(crate) fn parse(pem: &str) -> Result<Self, NotACapgoKey> {
        let (label, document) = Document::from_pem(pem.trim()).or(Err(NotACapgoKey))?;
        let key: pkcs1::RsaPublicKeyRef<'_> = document.decode_msg().or(Err(NotACapgoKey))?;
        let modulus = key.modulus.as_bytes();
        if label != "RSA PUBLIC KEY" || modulus.len() != MODULUS_BYTES {
            return Err(NotACapgoKey);
        }
        Ok(Self {
            modulus: BigUint::from_bytes_be(modulus),
            exponent: BigUint::from_bytes_be(key.public_exponent.as_bytes()),
        })
    }

    /// What the private key encrypted: the end of a PKCS#1 block of type 1.
    fn recover(&self, sealed: &[u8]) -> Option<Vec<u8>> {
        let number = BigUint::from_bytes_be(sealed);
        if sealed.len() != MODULUS_BYTES || number >= self.modulus {
            return None;
        }
        let block = number.modpow(&self.exponent, &self.modulus).to_bytes_be();
        // The number has lost the zero in front: 01 FF … FF 00 and the message.
        let padding = block.strip_prefix(&[1])?;
        let end = padding.iter().position(|byte| *byte != 0xFF)?;
        let whole = block.len() == MODULUS_BYTES - 1 && end >= 8;
        let message = padding.get(end..)?.strip_prefix(&[0])?;
        whole.then(|| message.to_vec())
    }

    /// Decrypts an archive as a client does. Returns the digest that the plain archive must have.
    pub(crate) fn open(
        &self,
        seal: &CapgoSeal,
        encrypted: &Path,
        plain: &Path,
    ) -> Result<Sha256, CannotOpen> {
        let (vector, key) = seal
            .session_key
            .split_once(':')
            .and_then(|(vector, key)| {
                let vector: [u8; 16] = STANDARD.decode(vector).ok()?.try_into().ok()?;
                let key: [u8; 16] = self.recover(&STANDARD.decode(key).ok()?)?.try_into().ok()?;
                Some((vector, key))
            })
            .ok_or(CannotOpen::Refused(
                "its session key was not made with the app's Capgo key",
            ))?;
        let lower = !seal.checksum.bytes().any(|byte| byte.is_ascii_uppercase());
        let digest = hex::decode(&seal.checksum)
            .ok()
            .filter(|_| lower)
            .and_then(|sealed| self.recover(&sealed))
            .and_then(|digest| <[u8; 32]>::try_from(digest).ok())
            .ok_or(CannotOpen::Refused(
                "its checksum was not made with the app's Capgo key",
            ))?;
        decrypt(&key, &vector, encrypted, plain)?;
        Ok(Sha256::from_bytes(digest))
    }
}

fn decrypt(
    key: &[u8; 16],
    vector: &[u8; 16],
    encrypted: &Path,
    plain: &Path,
) -> Result<(), CannotOpen> {
    let broken = CannotOpen::Refused("its bytes are not what AES makes of an archive");
    let mut from = fs_err::File::open(encrypted)?;
    let mut to = fs_err::File::create(plain)?;
    let mut cipher = cbc::Decryptor::<Aes128>::new(key.into(), vector.into());
    let mut chunk = read_chunk(&mut from)?;
    loop {
        let next = read_chunk(&mut from)?;
        if next.is_empty() {
            // The last block holds the padding.
            let Ok(rest) = cipher.decrypt_padded::<Pkcs7>(&mut chunk) else {
                return Err(broken);
            };
            to.write_all(rest)?;
            return Ok(());
        }
        let (blocks, _) = aes::Block::slice_as_chunks_mut(&mut chunk);
        cipher.decrypt_blocks(blocks);
        to.write_all(&chunk)?;
        chunk = next;
    }
}

fn read_chunk(from: &mut fs_err::File) -> io::Result<Vec<u8>> {
    let mut chunk = Vec::with_capacity(CHUNK_BYTES);
    Read::by_ref(from)
        .take(CHUNK_BYTES as u64)
        .read_to_end(&mut chunk)?;
    Ok(chunk)
}
