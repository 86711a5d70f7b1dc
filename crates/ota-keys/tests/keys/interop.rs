//! Other programs read what is written here, and the other way round: `minisign` of the system (C), tauri's signer
//! (fixtures), the `minisign` crate, and `minisign-verify`, which is what clients run.

use std::ffi::OsStr;
use std::io::Cursor;
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ota_keys::{
    ImportError, KeyFileFacts, Password, PublicKey, Signature, SignatureError, generate, import,
    import_file, inspect,
};

use crate::support::{
    PASSWORD, comment, fixture, password, read_fixture, run, said, shared_key, shared_key_file,
};

/// Runs the C program in `folder` and gives what it said; fails when it fails.
fn minisign(folder: &Path, arguments: &[&str], typed: &str) -> String {
    let arguments: Vec<_> = arguments.iter().map(OsStr::new).collect();
    let output = run("minisign", &arguments, folder, typed);
    assert!(output.status.success(), "{}", said(&output));
    said(&output)
}

fn folder_with_payload() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs_err::write(folder.path().join("payload"), "what is signed\n").unwrap();
    folder
}

#[test]
fn minisign_verifies_our_signature() {
    let folder = folder_with_payload();
    let signature = shared_key()
        .sign(&b"what is signed\n"[..], &comment())
        .unwrap();
    fs_err::write(folder.path().join("payload.minisig"), signature.text()).unwrap();
    fs_err::write(
        folder.path().join("ours.pub"),
        shared_key().public().minisign_file(),
    )
    .unwrap();

    let by_file = minisign(
        folder.path(),
        &["-V", "-p", "ours.pub", "-m", "payload"],
        "",
    );
    assert!(by_file.contains(&comment().to_string()), "{by_file}");
    minisign(
        folder.path(),
        &[
            "-V",
            "-P",
            &shared_key().public().hotswap(),
            "-m",
            "payload",
        ],
        "",
    );

    fs_err::write(folder.path().join("payload"), "what was signed\n").unwrap();
    let arguments = ["-V", "-p", "ours.pub", "-m", "payload"].map(OsStr::new);
    assert!(
        !run("minisign", &arguments, folder.path(), "")
            .status
            .success()
    );
}

#[test]
fn minisign_signs_with_our_key_file() {
    let folder = folder_with_payload();
    fs_err::write(folder.path().join("ours.key"), shared_key_file()).unwrap();
    minisign(
        folder.path(),
        &["-S", "-s", "ours.key", "-m", "payload"],
        &format!("{PASSWORD}\n"),
    );
    let signature: Signature = fs_err::read_to_string(folder.path().join("payload.minisig"))
        .unwrap()
        .parse()
        .unwrap();
    shared_key()
        .public()
        .verify(&b"what is signed\n"[..], &signature)
        .unwrap();
}

/// The program's own key takes 1 GiB of memory and some seconds, here as there.
#[test]
fn we_sign_with_a_key_of_minisign_and_it_verifies_and_the_other_way_round() {
    let folder = folder_with_payload();
    minisign(
        folder.path(),
        &["-G", "-p", "c.pub", "-s", "c.key"],
        "its password\nits password\n",
    );
    minisign(
        folder.path(),
        &["-S", "-s", "c.key", "-m", "payload"],
        "its password\n",
    );
    let public: PublicKey = fs_err::read_to_string(folder.path().join("c.pub"))
        .unwrap()
        .parse()
        .unwrap();
    let theirs: Signature = fs_err::read_to_string(folder.path().join("payload.minisig"))
        .unwrap()
        .parse()
        .unwrap();
    public.verify(&b"what is signed\n"[..], &theirs).unwrap();

    let text = fs_err::read_to_string(folder.path().join("c.key")).unwrap();
    assert_eq!(
        inspect(&text),
        Ok(KeyFileFacts {
            encrypted: true,
            memory_bytes: 1 << 30
        })
    );
    let key = import(&text, Some(&Password::new("its password"))).unwrap();
    assert_eq!(key.public(), public);
    let ours = key.sign(&b"what is signed\n"[..], &comment()).unwrap();
    fs_err::write(folder.path().join("payload.minisig"), ours.text()).unwrap();
    minisign(folder.path(), &["-V", "-p", "c.pub", "-m", "payload"], "");
}

#[test]
fn a_key_that_minisign_did_not_encrypt_is_read() {
    let folder = folder_with_payload();
    minisign(
        folder.path(),
        &["-G", "-W", "-p", "c.pub", "-s", "c.key"],
        "",
    );
    let key = import_file(&folder.path().join("c.key"), None).unwrap();
    assert_eq!(
        key.public(),
        fs_err::read_to_string(folder.path().join("c.pub"))
            .unwrap()
            .parse()
            .unwrap()
    );
    // A password that is given all the same changes nothing.
    assert_eq!(
        import_file(&folder.path().join("c.key"), Some(&password()))
            .unwrap()
            .public(),
        key.public()
    );
}

#[test]
fn a_legacy_signature_of_minisign_is_refused_and_named() {
    let folder = folder_with_payload();
    minisign(
        folder.path(),
        &["-G", "-W", "-p", "c.pub", "-s", "c.key"],
        "",
    );
    minisign(
        folder.path(),
        &["-S", "-l", "-s", "c.key", "-m", "payload"],
        "",
    );
    let text = fs_err::read_to_string(folder.path().join("payload.minisig")).unwrap();
    assert_eq!(text.parse::<Signature>(), Err(SignatureError::Legacy));
}

#[test]
fn a_key_of_tauris_signer_is_imported_and_shown_as_tauri_shows_it() {
    let text = read_fixture("throw-away.key");
    let public: PublicKey = read_fixture("throw-away.key.pub").parse().unwrap();
    assert_eq!(
        inspect(&text),
        Ok(KeyFileFacts {
            encrypted: true,
            memory_bytes: 32 << 20
        })
    );
    assert_eq!(
        import(&text, None).unwrap_err(),
        ImportError::PasswordNeeded
    );
    assert_eq!(
        import(&text, Some(&Password::new("correct"))).unwrap_err(),
        ImportError::WrongPassword
    );
    let key = import(&text, Some(&Password::new("correct horse"))).unwrap();
    assert_eq!(key.public(), public);
    assert_eq!(key.public().tauri(), read_fixture("throw-away.key.pub"));
}

#[test]
fn a_key_that_tauri_encrypted_under_the_empty_password_is_imported() {
    let text = read_fixture("throw-away-empty-password.key");
    assert_eq!(
        import(&text, None).unwrap_err(),
        ImportError::PasswordNeeded
    );
    import(&text, Some(&Password::new(""))).unwrap();
}

#[test]
fn a_signature_of_tauris_signer_is_verified() {
    let public: PublicKey = read_fixture("throw-away.key.pub").parse().unwrap();
    let signature: Signature = read_fixture("payload.txt.sig").parse().unwrap();
    assert_eq!(signature.base64(), read_fixture("payload.txt.sig"));
    assert_eq!(
        signature.trusted_comment(),
        "timestamp:1795224354\tfile:payload.txt\tversion:2.4.1"
    );
    public
        .verify(
            fs_err::File::open(fixture("payload.txt")).unwrap(),
            &signature,
        )
        .unwrap();
}

/// As `tauri-plugin-hotswap` does it (`protocols.md` 1.4): bare key line, base64 or raw text, no legacy.
#[test]
fn hotswap_accepts_our_signature_in_both_spellings() {
    let key = import(
        &read_fixture("throw-away.key"),
        Some(&Password::new("correct horse")),
    )
    .unwrap();
    let signature = key.sign(&b"archive"[..], &comment()).unwrap();
    let public = minisign_verify::PublicKey::from_base64(&key.public().hotswap()).unwrap();
    for sent in [signature.text().to_owned(), signature.base64()] {
        let text = if sent.starts_with("untrusted comment:") {
            sent
        } else {
            String::from_utf8(STANDARD.decode(sent.trim()).unwrap()).unwrap()
        };
        let decoded = minisign_verify::Signature::decode(&text).unwrap();
        public.verify(b"archive", &decoded, false).unwrap();
        assert!(public.verify(b"arch1ve", &decoded, false).is_err());
    }
}

/// As `tauri-plugin-updater` does it (`protocols.md` 2.3): everything in strict base64, and the signed version.
#[test]
fn tauris_updater_accepts_our_signature_and_finds_the_version() {
    let key = shared_key();
    let signature = key.sign(&b"installer"[..], &comment()).unwrap();
    let inner = |text: &str| String::from_utf8(STANDARD.decode(text).unwrap()).unwrap();
    let public = minisign_verify::PublicKey::decode(&inner(&key.public().tauri())).unwrap();
    let decoded = minisign_verify::Signature::decode(&inner(&signature.base64())).unwrap();
    public.verify(b"installer", &decoded, true).unwrap();
    let version = decoded
        .trusted_comment()
        .split('\t')
        .find_map(|field| field.strip_prefix("version:"));
    assert_eq!(version, Some("2.4.1"));
}

#[test]
fn the_minisign_crate_reads_our_files_and_we_read_its() {
    let ours = minisign::SecretKeyBox::from_string(shared_key_file()).unwrap();
    let theirs = ours.into_secret_key(Some(PASSWORD.to_owned())).unwrap();
    let signed = minisign::sign(None, &theirs, Cursor::new(b"data"), None, None).unwrap();
    let signature: Signature = signed.into_string().parse().unwrap();
    shared_key()
        .public()
        .verify(&b"data"[..], &signature)
        .unwrap();

    let pair = minisign::KeyPair::generate_encrypted_keypair(Some("theirs".to_owned())).unwrap();
    let key = import(
        &pair.sk.to_box(None).unwrap().into_string(),
        Some(&Password::new("theirs")),
    )
    .unwrap();
    assert_eq!(key.public().hotswap(), pair.pk.to_base64());
    let signature = key.sign(&b"data"[..], &comment()).unwrap();
    let signature = minisign::SignatureBox::from_string(signature.text()).unwrap();
    minisign::verify(
        &pair.pk,
        &signature,
        Cursor::new(b"data"),
        true,
        false,
        false,
    )
    .unwrap();
}

/// More than one block of the reader, and not a multiple of it.
#[test]
fn a_large_file_is_signed_as_a_small_one() {
    let key = generate().unwrap();
    let data: Vec<u8> = (0..300_001_u32).flat_map(u32::to_le_bytes).collect();
    let signature = key.sign(&data[..], &comment()).unwrap();
    let public = minisign_verify::PublicKey::from_base64(&key.public().hotswap()).unwrap();
    public
        .verify(
            &data,
            &minisign_verify::Signature::decode(signature.text()).unwrap(),
            false,
        )
        .unwrap();
    key.public().verify(&data[..], &signature).unwrap();
}
