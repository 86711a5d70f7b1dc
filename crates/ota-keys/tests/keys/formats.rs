//! Every spelling of keys and signatures, and what is said of those that are something else.

use std::io::{self, Read};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ota_keys::{
    ImportError, KeyError, KeyFileFacts, Password, PublicKey, PublicKeyError, Signature,
    SignatureError, VerifyError, generate, import, inspect,
};

use crate::support::{PASSWORD, comment, password, shared_key, shared_key_file};

#[test]
fn a_public_key_is_read_in_each_spelling_that_it_is_written_in() {
    let public = generate().unwrap().public();
    let file = public.minisign_file();
    assert_eq!(
        file.lines().next().unwrap(),
        format!("untrusted comment: minisign public key: {}", public.id())
    );
    assert_eq!(file.lines().count(), 2);
    assert_eq!((public.hotswap().len(), &public.hotswap()[..2]), (56, "RW"));
    assert_eq!(STANDARD.decode(public.tauri()).unwrap(), file.as_bytes());

    let with_windows_lines = file.replace('\n', "\r\n");
    let with_mark = format!("\u{feff}{file}");
    let padded = format!("  {}\n", public.hotswap());
    for text in [
        &file,
        &public.hotswap(),
        &public.tauri(),
        &with_windows_lines,
        &with_mark,
        &padded,
    ] {
        assert_eq!(text.parse::<PublicKey>(), Ok(public), "{text:?}");
    }
}

#[test]
fn what_is_no_public_key_is_called_what_it_is() {
    let key = generate().unwrap();
    let signature = key.sign(&b""[..], &comment()).unwrap();
    let line = key.public().hotswap();
    for (text, error) in [
        ("", PublicKeyError::NotAKey),
        ("RWQ", PublicKeyError::NotAKey),
        ("untrusted comment: only a comment", PublicKeyError::NotAKey),
        (shared_key_file(), PublicKeyError::IsSecretKey),
        (
            &STANDARD.encode(shared_key_file()),
            PublicKeyError::IsSecretKey,
        ),
        (signature.text(), PublicKeyError::IsSignature),
        (&signature.base64(), PublicKeyError::IsSignature),
        // Legacy and unknown algorithms in the place of “Ed”.
        (&line.replacen("RW", "RU", 1), PublicKeyError::NotAKey),
        // The identity: everybody can sign for it.
        (
            &STANDARD.encode([b"Ed".as_slice(), &[7; 8], &[1], &[0; 31]].concat()),
            PublicKeyError::Damaged,
        ),
    ] {
        assert_eq!(text.parse::<PublicKey>(), Err(error), "{text:?}");
    }
}

#[test]
fn a_signature_is_read_as_text_and_as_base64() {
    let signature = shared_key().sign(&b"data"[..], &comment()).unwrap();
    assert_eq!(signature.text().lines().count(), 4);
    assert!(signature.text().starts_with("untrusted comment: "));
    assert_eq!(signature.trusted_comment().parse(), Ok(comment()));
    assert_eq!(signature.key_id(), shared_key().id());

    let with_windows_lines = signature.text().replace('\n', "\r\n");
    let with_newline = format!("{}\n", signature.base64());
    for text in [
        signature.text(),
        &signature.base64(),
        &with_windows_lines,
        &with_newline,
    ] {
        assert_eq!(text.parse::<Signature>().unwrap(), signature, "{text:?}");
    }
}

#[test]
fn a_signature_fits_its_data_its_key_and_its_comment_alone() {
    let (key, other) = (shared_key(), generate().unwrap());
    let signature = key.sign(&b"data"[..], &comment()).unwrap();
    let public = key.public();
    public.verify(&b"data"[..], &signature).unwrap();

    assert!(matches!(
        public.verify(&b"dat"[..], &signature),
        Err(VerifyError::Mismatch)
    ));
    assert!(matches!(
        other.public().verify(&b"data"[..], &signature),
        Err(VerifyError::OtherKey { .. })
    ));
    let moved = signature
        .text()
        .replace("app:demo-app", "app:evil-app")
        .parse()
        .unwrap();
    assert!(matches!(
        public.verify(&b"data"[..], &moved),
        Err(VerifyError::Mismatch)
    ));
}

/// Gives each part after an interruption, as a signal causes one; fails at the end of `parts`, if it is told to.
struct Interrupted<'a> {
    parts: Vec<&'a [u8]>,
    interrupt: bool,
    fail: bool,
}

impl Read for Interrupted<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.interrupt = !self.interrupt;
        if self.interrupt {
            return Err(io::ErrorKind::Interrupted.into());
        }
        match self.parts.pop() {
            Some(mut part) => part.read(buffer),
            None if self.fail => Err(io::Error::other("the disk is gone")),
            None => Ok(0),
        }
    }
}

#[test]
fn data_is_signed_whole_or_not_at_all() {
    let data = |fail| Interrupted {
        parts: vec![b"ta", b"da"],
        interrupt: false,
        fail,
    };
    let key = shared_key();
    let signature = key.sign(data(false), &comment()).unwrap();
    key.public().verify(&b"data"[..], &signature).unwrap();
    key.public().verify(data(false), &signature).unwrap();

    let error = key.sign(data(true), &comment()).unwrap_err();
    assert!(
        matches!(&error, KeyError::ReadData(source) if source.to_string() == "the disk is gone"),
        "{error:?}"
    );
    let error = key.public().verify(data(true), &signature).unwrap_err();
    assert!(matches!(error, VerifyError::Read(_)), "{error:?}");
}

#[test]
fn what_is_no_signature_is_called_what_it_is() {
    let text = shared_key()
        .sign(&b"data"[..], &comment())
        .unwrap()
        .text()
        .to_owned();
    let lines: Vec<_> = text.lines().collect();
    let mut legacy = STANDARD.decode(lines[1]).unwrap();
    legacy[1] = b'd';
    for (text, error) in [
        ("", SignatureError::NotASignature),
        ("https://ota.example", SignatureError::NotASignature),
        (shared_key_file(), SignatureError::NotASignature),
        (
            &shared_key().public().minisign_file(),
            SignatureError::NotASignature,
        ),
        (
            &text.replace(lines[1], &STANDARD.encode(legacy)),
            SignatureError::Legacy,
        ),
        (&lines[..2].join("\n"), SignatureError::Damaged),
        (&lines[..3].join("\n"), SignatureError::Damaged),
        (
            &text.replace("\ntrusted comment: ", "\nuntrusted comment: "),
            SignatureError::Damaged,
        ),
        (
            &text.replace(lines[3], &lines[3][..40]),
            SignatureError::Damaged,
        ),
    ] {
        assert_eq!(text.parse::<Signature>(), Err(error), "{text:?}");
    }
}

#[test]
fn a_key_file_comes_back_as_the_same_key() {
    let key = shared_key();
    let again = import(&STANDARD.encode(shared_key_file()), Some(&password())).unwrap();
    assert_eq!(again.public(), key.public());
    let line = shared_key_file().lines().nth(1).unwrap();
    assert_eq!(
        import(line, Some(&password())).unwrap().public(),
        key.public()
    );
    assert_eq!(
        inspect(shared_key_file()),
        Ok(KeyFileFacts {
            encrypted: true,
            memory_bytes: 128 << 20
        })
    );
}

#[test]
fn a_key_that_does_not_open_says_why() {
    let wrong = Password::new(format!("{PASSWORD} "));
    let line = shared_key_file().lines().nth(1).unwrap();
    let bytes = STANDARD.decode(line).unwrap();
    let changed = |at: usize, to: &[u8]| {
        let mut bytes = bytes.clone();
        bytes[at..at + to.len()].copy_from_slice(to);
        STANDARD.encode(bytes)
    };
    let public = shared_key().public();
    let signature = shared_key().sign(&b""[..], &comment()).unwrap();
    for (what, text, password, error) in [
        (
            "no password",
            line.to_owned(),
            None,
            ImportError::PasswordNeeded,
        ),
        (
            "wrong password",
            line.to_owned(),
            Some(&wrong),
            ImportError::WrongPassword,
        ),
        (
            "a changed salt",
            changed(6, &[0; 32]),
            Some(&password()),
            ImportError::WrongPassword,
        ),
        (
            "another algorithm",
            changed(0, b"XX"),
            Some(&password()),
            ImportError::NotAKey,
        ),
        (
            "another encryption",
            changed(2, b"Ar"),
            Some(&password()),
            ImportError::UnknownEncryption,
        ),
        (
            "a public key",
            public.minisign_file(),
            None,
            ImportError::IsPublicKey,
        ),
        (
            "tauri's public key",
            public.tauri(),
            None,
            ImportError::IsPublicKey,
        ),
        (
            "a signature",
            signature.base64(),
            None,
            ImportError::IsSignature,
        ),
        (
            "a cut line",
            line[..100].to_owned(),
            None,
            ImportError::NotAKey,
        ),
        ("nothing", String::new(), None, ImportError::NotAKey),
        (
            "a megabyte",
            "A".repeat(1 << 20),
            None,
            ImportError::NotAKey,
        ),
    ] {
        assert_eq!(import(&text, password).unwrap_err(), error, "{what}");
    }
}

#[test]
fn a_key_that_asks_for_too_much_is_not_opened() {
    let bytes = STANDARD
        .decode(shared_key_file().lines().nth(1).unwrap())
        .unwrap();
    // 2 GiB of memory, and hours of work in little of it.
    for (operations, memory) in [(1_u64 << 26, 1_u64 << 31), (u64::MAX, 1 << 25)] {
        let limits = [operations.to_le_bytes(), memory.to_le_bytes()].concat();
        let text = STANDARD.encode([&bytes[..38], &limits, &bytes[54..]].concat());
        let error = import(&text, Some(&password())).unwrap_err();
        assert!(matches!(error, ImportError::TooCostly { .. }), "{error:?}");
    }
}

#[test]
fn a_key_with_the_public_half_of_another_is_refused() {
    // The unencrypted form of the C program, whose checksum nobody looks at.
    let (seed, other) = ([3; 32], generate().unwrap());
    let other_half = STANDARD.decode(other.public().hotswap()).unwrap()[10..].to_vec();
    let head = [b"Ed\0\0B2".as_slice(), &[0; 48], &[9; 8], &seed];
    let text = STANDARD.encode([head.concat(), other_half, vec![0; 32]].concat());
    assert_eq!(import(&text, None).unwrap_err(), ImportError::Damaged);
}

#[test]
fn a_key_file_is_not_written_under_a_password_that_protects_nothing_or_opens_nowhere() {
    let key = shared_key();
    assert!(matches!(
        key.to_key_file(&Password::new("")),
        Err(KeyError::EmptyPassword)
    ));
    let long = Password::new("x".repeat(1025));
    assert!(matches!(
        key.to_key_file(&long),
        Err(KeyError::PasswordTooLong { max_bytes: 1024 })
    ));
}
