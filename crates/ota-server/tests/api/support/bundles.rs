//! Web builds, archives and signatures.

use std::io::{Cursor, Write as _};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use flate2::Compression;
use flate2::write::GzEncoder;
use minisign::KeyPair;
use ota_api::TrustKey;
use ota_bundle::{
    CancellationToken, Format, Ignored, NoProgress, PackOptions, empty_bundle, pack, scan,
};
use ota_model::Sha256;

/// A signing key.
pub(crate) struct Signer {
    keys: KeyPair,
}

impl Signer {
    pub(crate) fn new() -> Self {
        Self {
            keys: KeyPair::generate_unencrypted_keypair().unwrap(),
        }
    }

    /// The bare line.
    pub(crate) fn line(&self) -> String {
        self.keys.pk.to_base64()
    }

    /// The two lines of a `.pub` file.
    pub(crate) fn file(&self) -> String {
        self.keys.pk.to_box().unwrap().to_string()
    }

    /// As minisign prints it.
    pub(crate) fn id(&self) -> String {
        let id = <[u8; 8]>::try_from(self.keys.pk.keynum()).unwrap();
        format!("{:016X}", u64::from_le_bytes(id))
    }

    /// The four lines, prehashed, with a trusted comment.
    pub(crate) fn sign(&self, bytes: &[u8], comment: &str) -> String {
        minisign::sign(
            Some(&self.keys.pk),
            &self.keys.sk,
            Cursor::new(bytes),
            Some(comment),
            Some("signature of a test"),
        )
        .unwrap()
        .into_string()
    }

    /// The four lines of the old kind, which signs the bytes themselves: all of it right but its kind.
    pub(crate) fn sign_legacy(&self, bytes: &[u8]) -> String {
        use ed25519_dalek::{Signer as _, SigningKey};

        // 2 + 2 + 2 of algorithms, 32 + 8 + 8 of key derivation, 8 of the id, then the seed.
        let secret = self.keys.sk.to_bytes();
        let seed = <[u8; 32]>::try_from(&secret[62..94]).unwrap();
        let key = SigningKey::from_bytes(&seed);
        let signature = key.sign(bytes).to_bytes();
        let comment = "timestamp:1763715600";
        let mut line = b"Ed".to_vec();
        line.extend(self.keys.pk.keynum());
        line.extend(signature);
        let mut signed = signature.to_vec();
        signed.extend(comment.as_bytes());
        let global = key.sign(&signed).to_bytes();
        format!(
            "untrusted comment: old\n{}\ntrusted comment: {comment}\n{}\n",
            STANDARD.encode(line),
            STANDARD.encode(global)
        )
    }

    /// The announcement of this key with its signed empty bundle.
    pub(crate) fn trust(&self, name: &str, app: &str) -> TrustKey {
        let empty = empty_bundle(Format::TarGz);
        let comment =
            format!("timestamp:1763715600\tfile:built-in.tar.gz\tversion:built-in\tapp:{app}");
        TrustKey {
            name: name.to_owned(),
            public_key: self.line(),
            built_in_archive: STANDARD.encode(&empty),
            built_in_signature: self.sign(&empty, &comment),
        }
    }
}

/// A small web build whose page says `text`.
pub(crate) fn site(text: &str) -> Vec<u8> {
    // Something that does not compress, so that there are bytes enough to be sent in parts.
    let noise: String = (0..16)
        .map(|n| Sha256::of(format!("{text}{n}").as_bytes()).to_string())
        .collect();
    let page =
        format!("<!doctype html><title>{text}</title><script src=app.js></script><!--{noise}-->");
    archive(
        &[("index.html", &page), ("app.js", "console.log('here')")],
        Format::TarGz,
    )
}

/// Files as the publisher archives them.
pub(crate) fn archive(files: &[(&str, &str)], format: Format) -> Vec<u8> {
    let folder = tempfile::tempdir().unwrap();
    for (path, content) in files {
        let path = folder.path().join("dist").join(path);
        fs_err::create_dir_all(path.parent().unwrap()).unwrap();
        fs_err::write(path, content).unwrap();
    }
    let cancel = CancellationToken::new();
    let root = folder.path().join("dist");
    let scan = scan(&root, &Ignored::default(), None, &NoProgress, &cancel).unwrap();
    let out = folder.path().join("out");
    pack(
        &root,
        &scan.listing,
        format,
        &out,
        &PackOptions::default(),
        &NoProgress,
        &cancel,
    )
    .unwrap();
    fs_err::read(out).unwrap()
}

/// An archive of entries that no publisher would make: any names, any kinds.
pub(crate) fn tar_gz(entries: &[(&str, tar::EntryType, &str)]) -> Vec<u8> {
    let mut builder = tar::Builder::new(GzEncoder::new(Vec::new(), Compression::fast()));
    for (name, kind, content) in entries {
        let mut header = tar::Header::new_ustar();
        // The builder refuses bad names, so they are written as they are.
        header.as_mut_bytes()[..name.len()].copy_from_slice(name.as_bytes());
        header.set_entry_type(*kind);
        header.set_mode(0o644);
        if kind.is_file() {
            header.set_size(content.len() as u64);
            header.set_cksum();
            builder.append(&header, content.as_bytes()).unwrap();
        } else {
            header.set_size(0);
            header.set_link_name(content).unwrap();
            header.set_cksum();
            builder.append(&header, &b""[..]).unwrap();
        }
    }
    let mut gzip = builder.into_inner().unwrap();
    gzip.flush().unwrap();
    gzip.finish().unwrap()
}
