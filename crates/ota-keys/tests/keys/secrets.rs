//! Secrets stay secret: in what is printed, in what is written, and in memory after use.

use std::env;
use std::ffi::OsStr;
#[cfg(target_os = "linux")]
use std::io::BufRead as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use insta::assert_debug_snapshot;
use ota_keys::{
    AccessToken, Custody as _, FileCustody, ImportError, KeyFolder, KeyringCustody, MemoryCustody,
    Password, PublicKey, SecretKey, TokenVault as _, back_up, generate, import, import_file,
};

use crate::support::{PASSWORD, at, comment, fixture, name, password, read_fixture};

const TAURI_PASSWORD: &str = "correct horse";

fn fixture_key() -> SecretKey {
    import(
        &read_fixture("throw-away.key"),
        Some(&Password::new(TAURI_PASSWORD)),
    )
    .unwrap()
}

#[test]
fn debug_shows_no_secret() {
    assert_debug_snapshot!(Password::new("swordfish"), @"Password(…)");
    assert_debug_snapshot!(AccessToken::new("swt_secret"), @"AccessToken(…)");
    assert_debug_snapshot!(fixture_key(), @"SecretKey(F88A7F4FB6C98EFC, …)");

    let memory = MemoryCustody::new();
    memory.create(&name("main"), &fixture_key(), at(0)).unwrap();
    memory
        .save_token("https://a.example", &AccessToken::new("swt_secret"))
        .unwrap();
    assert_debug_snapshot!(memory, @"MemoryCustody { .. }");
    assert_debug_snapshot!(KeyringCustody::new(), @r#"
    KeyringCustody {
        service: "switchtower",
        ..
    }
    "#);
    assert_debug_snapshot!(FileCustody::folder("keys").with_password(Password::new("swordfish")), @r#"
    FileCustody {
        path: "keys",
        ..
    }
    "#);
}

#[test]
fn debug_shows_no_remembered_password() {
    let folder = tempfile::tempdir().unwrap();
    let keys = KeyFolder::new(folder.path());
    keys.create(&name("main"), &fixture_key(), password(), at(0))
        .unwrap();
    keys.unlock(&name("main"), password(), true).unwrap();
    let shown = format!("{keys:?} {:?}", keys.survey().unwrap());
    assert!(shown.starts_with("KeyFolder { folder: "), "{shown}");
    assert!(!shown.contains(PASSWORD), "{shown}");
}

/// What a secret key looks like in each form that it could have been written in.
fn forms_of(seed: &[u8]) -> Vec<(&'static str, Vec<u8>)> {
    let hex = hex::encode(seed);
    let mut forms = vec![
        ("raw", seed.to_vec()),
        ("hexadecimal", hex.clone().into_bytes()),
        ("HEXADECIMAL", hex.to_uppercase().into_bytes()),
        (
            "a list of numbers",
            format!("{seed:?}")
                .trim_matches(['[', ']'])
                .as_bytes()
                .to_vec(),
        ),
    ];
    // Inside longer base64, at each of the three offsets; the characters at the edges depend on the neighbours.
    for offset in 0..3 {
        let encoded = STANDARD.encode([&vec![0; offset], seed].concat());
        forms.push(("base64", encoded.as_bytes()[4..40].to_vec()));
    }
    // And that in base64 once more, as tauri does it: three neighbours again.
    for offset in 0..3 {
        for inner in 0..3 {
            let once = STANDARD.encode([&vec![0; inner], seed].concat());
            let twice = STANDARD.encode([&vec![b'A'; offset], &once.as_bytes()[4..40]].concat());
            forms.push(("base64 of base64", twice.as_bytes()[4..44].to_vec()));
        }
    }
    forms
}

fn holds(text: &[u8], part: &[u8]) -> bool {
    text.windows(part.len()).any(|window| window == part)
}

/// The seed inside a key file, taken out by another program's code.
fn seed_in(file: &str, password: &str) -> Vec<u8> {
    let text = if file.starts_with("untrusted") {
        file.to_owned()
    } else {
        String::from_utf8(STANDARD.decode(file).unwrap()).unwrap()
    };
    let key = minisign::SecretKeyBox::from_string(&text)
        .unwrap()
        .into_secret_key(Some(password.to_owned()))
        .unwrap();
    key.to_bytes()[62..94].to_vec()
}

#[test]
fn the_search_finds_a_key_in_each_form() {
    let seed: Vec<u8> = (100..132).collect();
    let line = STANDARD.encode([&[1; 62][..], &seed, &[2; 64]].concat());
    let file = format!("untrusted comment: x\n{line}\n");
    let found = |text: &[u8]| forms_of(&seed).iter().any(|(_, form)| holds(text, form));
    assert!(found(file.as_bytes()));
    assert!(found(STANDARD.encode(&file).as_bytes()));
    assert!(found(format!("{seed:?}").as_bytes()));
    assert!(found(&[&b"..."[..], &seed].concat()));
    assert!(!found(b"untrusted comment: x"));
}

const CHILD: &str = "OTA_KEYS_TEST_CHILD";

/// Uses keys in every way there is, printing whatever can be printed.
fn use_keys(folder: &Path) {
    let custody = FileCustody::folder(folder.join("keys")).with_password(password());
    let (generated, imported) = (generate().unwrap(), fixture_key());
    println!("{generated:?} {imported:?} {:?}", password());
    println!(
        "{:?}",
        custody.create(&name("generated"), &generated, at(0))
    );
    println!("{:?}", custody.create(&name("imported"), &imported, at(0)));
    println!("{:?}", custody.create(&name("imported"), &imported, at(0)));
    println!("{:?} {custody:?}", custody.load(&name("generated")));
    let signature = custody
        .load(&name("imported"))
        .unwrap()
        .sign(&b"data"[..], &comment())
        .unwrap();
    println!("{signature:?}");
    fs_err::write(folder.join("data.minisig"), signature.text()).unwrap();
    println!(
        "{:?}",
        back_up(
            &custody,
            &name("imported"),
            &password(),
            &folder.join("backup.key"),
            at(1)
        )
    );
    println!("{:?}", custody.rename(&name("imported"), &name("renamed")));

    // Each way to be wrong.
    let plain = read_fixture("throw-away.key");
    println!("{:?}", import(&plain, None));
    println!(
        "{:?}",
        import(&plain, Some(&Password::new(format!("{TAURI_PASSWORD}!"))))
    );
    println!("{:?}", plain.parse::<PublicKey>());
    println!(
        "{:?}",
        import_file(&folder.join("data.minisig"), Some(&password()))
    );
    println!("{:?}", custody.delete(&name("generated"), PASSWORD));
    let closed = FileCustody::folder(folder.join("keys")).with_password(Password::new("wrong"));
    println!("{:?}", closed.load(&name("renamed")));
    use_a_remembered_password(folder);
}

/// The same with a password that is remembered, and then is not.
fn use_a_remembered_password(folder: &Path) {
    let keys = KeyFolder::new(folder.join("keys"));
    let renamed = name("renamed");
    println!("{:?}", keys.unlock(&renamed, Password::new("wrong"), true));
    println!("{:?}", keys.unlock(&renamed, password(), true));
    println!("{keys:?} {:?} {:?}", keys.remembers(), keys.survey());
    println!("{:?}", keys.load(&renamed, None));
    println!("{:?}", keys.delete(&renamed, PASSWORD));
    keys.forget(&renamed);
    println!("{:?} {keys:?}", keys.load(&renamed, None));
}

fn this_test_again(test: &str, folder: &Path) -> Command {
    let mut command = Command::new(env::current_exe().unwrap());
    command
        .args([
            "--exact",
            &format!("secrets::{test}"),
            "--nocapture",
            "--test-threads=1",
        ])
        .env(CHILD, folder)
        .env("TMPDIR", folder)
        .env("RUST_BACKTRACE", "0");
    command
}

fn as_child() -> Option<PathBuf> {
    env::var_os(CHILD).map(PathBuf::from)
}

fn files_under(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs_err::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(files_under(&path));
        } else {
            files.push(path);
        }
    }
    files
}

#[test]
fn no_secret_is_printed_or_written_in_the_clear() {
    if let Some(folder) = as_child() {
        return use_keys(&folder);
    }
    let folder = tempfile::tempdir().unwrap();
    let output = this_test_again(
        "no_secret_is_printed_or_written_in_the_clear",
        folder.path(),
    )
    .output()
    .unwrap();
    let printed = [&output.stdout[..], &output.stderr].concat();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&printed)
    );

    let mut places = vec![("what was printed".to_owned(), printed)];
    for path in files_under(folder.path()) {
        places.push((path.display().to_string(), fs_err::read(&path).unwrap()));
    }
    // Two keys with what stands beside them, one signature, one backup: the folder that is searched is the right one.
    assert_eq!(
        places.len(),
        1 + 6 + 2,
        "{:?}",
        places.iter().map(|(place, _)| place).collect::<Vec<_>>()
    );

    let key_file = fs_err::read_to_string(folder.path().join("keys/generated.key")).unwrap();
    let generated = seed_in(&key_file, PASSWORD);
    let imported = seed_in(&read_fixture("throw-away.key"), TAURI_PASSWORD);
    let mut secrets = [forms_of(&generated), forms_of(&imported)].concat();
    secrets.push(("password", PASSWORD.as_bytes().to_vec()));
    secrets.push(("password", TAURI_PASSWORD.as_bytes().to_vec()));
    for (place, content) in &places {
        for (form, secret) in &secrets {
            assert!(
                !holds(content, secret),
                "a secret stands as {form} in {place}"
            );
        }
    }
}

/// Everything that a process has in memory, as the kernel shows it.
#[cfg(target_os = "linux")]
fn memory_of(process: u32) -> Vec<(String, Vec<u8>)> {
    use std::io::{Read as _, Seek as _, SeekFrom};
    let maps = fs_err::read_to_string(format!("/proc/{process}/maps")).unwrap();
    let mut memory = fs_err::File::open(format!("/proc/{process}/mem")).unwrap();
    let mut regions = Vec::new();
    for line in maps.lines().filter(|line| line.contains(" rw")) {
        let (from, to) = line.split_once(' ').unwrap().0.split_once('-').unwrap();
        let [from, to] = [from, to].map(|address| u64::from_str_radix(address, 16).unwrap());
        memory.seek(SeekFrom::Start(from)).unwrap();
        let mut content = Vec::new();
        // The kernel keeps some regions to itself.
        if (&mut memory)
            .take(to - from)
            .read_to_end(&mut content)
            .is_ok()
        {
            regions.push((line.to_owned(), content));
        }
    }
    regions
}

/// What else gives a key away in memory: half of it, as memory that was freed has lost its first bytes to the allocator;
/// the number it signs with; and the passwords of its files.
#[cfg(target_os = "linux")]
fn remains_of(seed: &[u8]) -> Vec<(&'static str, Vec<u8>)> {
    let signing = ed25519_dalek::SigningKey::from_bytes(seed.try_into().unwrap());
    // Some bits of the first and the last byte are set before it is used.
    let scalar = signing.to_scalar_bytes()[1..31].to_vec();
    let mut remains = vec![("the number it signs with", scalar)];
    remains.extend(seed.chunks(16).map(|half| ("half of it", half.to_vec())));
    for password in [PASSWORD, TAURI_PASSWORD] {
        let end = &password.as_bytes()[password.len().min(24) - 8..];
        remains.push(("a part of a password", end.to_vec()));
    }
    remains
}

/// Where the fixture's key is in the memory of `child`, each time it says one of `states`.
#[cfg(target_os = "linux")]
fn key_in_memory_of<const N: usize>(mut child: Command, states: [&str; N]) -> [Vec<String>; N] {
    use std::io::{BufReader, Write as _};
    let seed = seed_in(&read_fixture("throw-away.key"), TAURI_PASSWORD);
    // The text form is as good as the key: without its ends, which depend on the neighbours.
    let forms = [forms_of(&seed), remains_of(&seed)].concat();
    let mut child = child
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap())
        .lines()
        .map(Result::unwrap);
    let found = states.map(|state| {
        let said = lines.find_map(|line| {
            line.strip_prefix(state)
                .map(|process| process.trim().to_owned())
        });
        let process = said.unwrap_or_else(|| panic!("the child ended before it said {state}"));
        let mut found = Vec::new();
        for (region, content) in memory_of(process.parse().unwrap()) {
            let here = forms.iter().filter(|(_, form)| holds(&content, form));
            found.extend(here.map(|(form, _)| format!("{form} in {region}")));
        }
        child.stdin.as_mut().unwrap().write_all(b"\n").unwrap();
        found
    });
    assert!(child.wait().unwrap().success());
    found
}

/// In the child: says `state`, and waits until its memory was searched.
#[cfg(target_os = "linux")]
fn say_and_wait(state: &str) {
    println!("\n{state} {}", std::process::id());
    std::io::stdin()
        .lock()
        .read_line(&mut String::new())
        .unwrap();
}

/// A key in use is found in the memory of the process, which shows that the search works; afterwards it is not.
#[cfg(target_os = "linux")]
#[test]
fn a_key_is_gone_from_memory_after_use() {
    let test = "a_key_is_gone_from_memory_after_use";
    let Some(folder) = as_child() else {
        let folder = tempfile::tempdir().unwrap();
        let again = this_test_again(test, folder.path());
        let [held, dropped] = key_in_memory_of(again, ["held", "dropped"]);
        assert!(!held.is_empty());
        assert_eq!(dropped, Vec::<String>::new());
        return;
    };
    let memory = MemoryCustody::new();
    memory.create(&name("main"), &fixture_key(), at(0)).unwrap();
    say_and_wait("held");
    memory
        .load(&name("main"))
        .unwrap()
        .sign(&b"data"[..], &comment())
        .unwrap();
    let file = FileCustody::folder(folder.join("keys")).with_password(password());
    file.create(&name("main"), &memory.load(&name("main")).unwrap(), at(0))
        .unwrap();
    file.load(&name("main"))
        .unwrap()
        .sign(&b"data"[..], &comment())
        .unwrap();
    back_up(
        &file,
        &name("main"),
        &password(),
        &folder.join("backup.key"),
        at(1),
    )
    .unwrap();
    drop((memory, file));
    say_and_wait("dropped");
}

/// The same right after each operation, before anything else can overwrite what it left.
#[cfg(target_os = "linux")]
#[test]
fn no_operation_leaves_a_key_or_a_password_in_memory() {
    let test = "no_operation_leaves_a_key_or_a_password_in_memory";
    if as_child().is_none() {
        let folder = tempfile::tempdir().unwrap();
        let again = this_test_again(test, folder.path());
        let states = ["held", "signed", "encrypted", "opened"];
        let [held, after @ ..] = key_in_memory_of(again, states);
        assert!(!held.is_empty());
        for (state, found) in states[1..].iter().zip(after) {
            assert_eq!(found, Vec::<String>::new(), "{state}");
        }
        return;
    }
    let (key, comment) = (fixture_key(), comment());
    say_and_wait("held");
    key.sign(&b"data"[..], &comment).unwrap();
    drop(key);
    say_and_wait("signed");
    let file = fixture_key().to_key_file(&password()).unwrap();
    say_and_wait("encrypted");
    import(&file, Some(&password())).unwrap();
    say_and_wait("opened");
}

/// A password that is remembered is in memory for as long as that, and nowhere afterwards, however it ends.
#[cfg(target_os = "linux")]
#[test]
fn a_remembered_password_is_gone_from_memory_when_it_is_forgotten() {
    let test = "a_remembered_password_is_gone_from_memory_when_it_is_forgotten";
    let states = [
        "remembered",
        "forgotten",
        "again",
        "deleted",
        "once more",
        "dropped",
    ];
    let Some(folder) = as_child() else {
        let folder = tempfile::tempdir().unwrap();
        let found = key_in_memory_of(this_test_again(test, folder.path()), states);
        for (state, found) in states.into_iter().zip(found) {
            let remembered = matches!(state, "remembered" | "again" | "once more");
            assert_eq!(!found.is_empty(), remembered, "{state}: {found:?}");
            // The password alone: the key itself was there for a signature and no longer.
            let only = found.iter().all(|what| what.contains("password"));
            assert!(only, "{state}: {found:?}");
        }
        return;
    };
    let (main, second) = (name("main"), name("second"));
    let keys = KeyFolder::new(folder.join("keys"));
    keys.create(&main, &fixture_key(), password(), at(0))
        .unwrap();
    keys.unlock(&main, password(), true).unwrap();
    let sign = |keys: &KeyFolder, name| {
        let key = keys.load(name, None).unwrap();
        key.sign(&b"data"[..], &comment()).unwrap();
    };
    sign(&keys, &main);
    say_and_wait("remembered");
    keys.forget(&main);
    say_and_wait("forgotten");
    keys.unlock(&main, password(), true).unwrap();
    keys.rename(&main, &second).unwrap();
    sign(&keys, &second);
    say_and_wait("again");
    keys.delete(&second, "second").unwrap();
    say_and_wait("deleted");
    keys.create(&main, &fixture_key(), password(), at(0))
        .unwrap();
    keys.unlock(&main, password(), true).unwrap();
    sign(&keys, &main);
    say_and_wait("once more");
    drop(keys);
    say_and_wait("dropped");
}

/// The same by way of the real keyring, whose client is not ours.
#[cfg(target_os = "linux")]
#[test]
fn a_key_from_the_os_keyring_is_gone_from_memory_after_use() {
    let test = "a_key_from_the_os_keyring_is_gone_from_memory_after_use";
    if as_child().is_none() {
        let mut session = Command::new(crate::session::script());
        let folder = tempfile::tempdir().unwrap();
        let again = this_test_again(test, folder.path());
        session
            .arg("--unlocked")
            .arg(again.get_program())
            .args(again.get_args());
        session.env(CHILD, folder.path()).env("RUST_BACKTRACE", "0");
        let [held, dropped] = key_in_memory_of(session, ["held", "dropped"]);
        assert!(!held.is_empty());
        assert_eq!(dropped, Vec::<String>::new());
        return;
    }
    let (keyring, key) = (KeyringCustody::new(), fixture_key());
    keyring.create(&name("main"), &key, at(0)).unwrap();
    say_and_wait("held");
    keyring
        .load(&name("main"))
        .unwrap()
        .sign(&b"data"[..], &comment())
        .unwrap();
    drop(key);
    say_and_wait("dropped");
}

#[test]
fn errors_do_not_quote_what_they_refuse() {
    let file = fs_err::read_to_string(fixture("throw-away.key")).unwrap();
    let error = file.parse::<PublicKey>().unwrap_err();
    assert!(!format!("{error} {error:?}").contains(&file[20..60]));
    let error = import(&file[..200], Some(&Password::new("swordfish"))).unwrap_err();
    assert_eq!(error, ImportError::NotAKey);
    assert!(
        !OsStr::new(&format!("{error} {error:?}"))
            .to_string_lossy()
            .contains("swordfish")
    );
}
