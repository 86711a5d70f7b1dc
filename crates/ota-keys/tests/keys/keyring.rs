//! What lies in the keyring, and what happens when it fails half way. Over a store that the tests can look into.

use std::any::Any;
use std::collections::{BTreeMap, HashMap};
use std::slice;
use std::sync::{Arc, Mutex};
use std::thread;

use keyring_core::api::{Credential, CredentialApi, CredentialStoreApi};
use keyring_core::{Entry, Error};
use ota_keys::{AccessToken, Custody as _, KeyError, KeyringCustody, TokenVault as _, generate};

use crate::support::{at, name};

/// A keyring in memory that remembers who called, and can stop working after some writes.
#[derive(Clone, Default)]
struct Spy(Arc<Mutex<Inside>>);

#[derive(Default)]
struct Inside {
    entries: BTreeMap<String, Vec<u8>>,
    callers: Vec<Option<String>>,
    writes_left: Option<usize>,
}

impl Inside {
    fn write(&mut self) -> keyring_core::Result<()> {
        match &mut self.writes_left {
            Some(0) => Err(Error::PlatformFailure("the power went out".into())),
            Some(left) => {
                *left -= 1;
                Ok(())
            }
            None => Ok(()),
        }
    }
}

impl Spy {
    fn custody(&self) -> KeyringCustody {
        KeyringCustody::over(Arc::new(self.clone()), "spy")
    }

    fn entries(&self) -> BTreeMap<String, Vec<u8>> {
        self.0.lock().unwrap().entries.clone()
    }

    fn set(&self, entry: &str, content: &str) {
        self.0
            .lock()
            .unwrap()
            .entries
            .insert(entry.to_owned(), content.as_bytes().to_vec());
    }

    fn stop_after(&self, writes: Option<usize>) {
        self.0.lock().unwrap().writes_left = writes;
    }
}

impl CredentialStoreApi for Spy {
    fn vendor(&self) -> String {
        "spy".to_owned()
    }

    fn id(&self) -> String {
        "spy".to_owned()
    }

    fn build(
        &self,
        service: &str,
        user: &str,
        _: Option<&HashMap<&str, &str>>,
    ) -> keyring_core::Result<Entry> {
        assert_eq!(service, "spy");
        let caller = thread::current().name().map(str::to_owned);
        self.0.lock().unwrap().callers.push(caller);
        Ok(Entry::new_with_credential(Arc::new(SpyEntry {
            spy: self.clone(),
            user: user.to_owned(),
        })))
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

struct SpyEntry {
    spy: Spy,
    user: String,
}

impl CredentialApi for SpyEntry {
    fn set_secret(&self, secret: &[u8]) -> keyring_core::Result<()> {
        let mut inside = self.spy.0.lock().unwrap();
        inside.write()?;
        inside.entries.insert(self.user.clone(), secret.to_vec());
        Ok(())
    }

    fn get_secret(&self) -> keyring_core::Result<Vec<u8>> {
        self.spy
            .0
            .lock()
            .unwrap()
            .entries
            .get(&self.user)
            .cloned()
            .ok_or(Error::NoEntry)
    }

    fn delete_credential(&self) -> keyring_core::Result<()> {
        let mut inside = self.spy.0.lock().unwrap();
        inside.write()?;
        inside
            .entries
            .remove(&self.user)
            .map(drop)
            .ok_or(Error::NoEntry)
    }

    fn get_credential(&self) -> keyring_core::Result<Option<Arc<Credential>>> {
        Ok(None)
    }

    fn get_specifiers(&self) -> Option<(String, String)> {
        Some(("spy".to_owned(), self.user.clone()))
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

#[test]
fn every_entry_fits_the_credential_manager_of_windows() {
    let spy = Spy::default();
    let (custody, longest) = (spy.custody(), "ä".repeat(58));
    for number in 0..100 {
        custody
            .create(
                &name(&format!("{longest} {number}")),
                &generate().unwrap(),
                at(number),
            )
            .unwrap();
    }
    assert_eq!(custody.list().unwrap().len(), 100);
    for (entry, content) in spy.entries() {
        assert!(content.len() <= 2560, "{entry} has {} bytes", content.len());
    }
}

#[test]
fn the_keyring_is_never_called_on_the_thread_of_the_caller() {
    let spy = Spy::default();
    let custody = spy.custody();
    custody
        .create(&name("main"), &generate().unwrap(), at(0))
        .unwrap();
    custody.load(&name("main")).unwrap();
    custody.check().unwrap();
    custody
        .save_token("https://a.example", &AccessToken::new("swt_a"))
        .unwrap();
    custody.delete(&name("main"), "main").unwrap();
    let callers = spy.0.lock().unwrap().callers.clone();
    assert!(callers.len() > 10);
    assert!(
        callers
            .iter()
            .all(|caller| caller.as_deref() == Some("keyring")),
        "{callers:?}"
    );
}

#[test]
fn a_deleted_key_leaves_nothing_behind() {
    let spy = Spy::default();
    let custody = spy.custody();
    custody
        .create(&name("main"), &generate().unwrap(), at(0))
        .unwrap();
    custody.delete(&name("main"), "main").unwrap();
    assert_eq!(
        spy.entries(),
        BTreeMap::from([("index".to_owned(), Vec::new())])
    );
}

#[test]
fn a_key_that_was_half_stored_can_be_stored_again() {
    for writes in 0..3 {
        let spy = Spy::default();
        let held = spy
            .custody()
            .create(&name("held"), &generate().unwrap(), at(0))
            .unwrap();
        let key = generate().unwrap();
        spy.stop_after(Some(writes));
        assert!(matches!(
            spy.custody().create(&name("main"), &key, at(1)),
            Err(KeyError::KeyringFailed { .. })
        ));
        spy.stop_after(None);
        assert_eq!(
            spy.custody().list().unwrap(),
            slice::from_ref(&held),
            "after {writes} writes"
        );
        let main = spy.custody().create(&name("main"), &key, at(2)).unwrap();
        assert_eq!(spy.custody().list().unwrap(), [held, main]);
    }
}

#[test]
fn a_key_that_was_half_deleted_has_no_secret_and_can_be_deleted_again() {
    for writes in 1..3 {
        let spy = Spy::default();
        let held = spy
            .custody()
            .create(&name("held"), &generate().unwrap(), at(0))
            .unwrap();
        let doomed = spy
            .custody()
            .create(&name("doomed"), &generate().unwrap(), at(1))
            .unwrap();
        spy.stop_after(Some(writes));
        assert!(spy.custody().delete(&name("doomed"), "doomed").is_err());
        spy.stop_after(None);
        assert!(
            !spy.entries().contains_key(&format!("key:{}", doomed.id)),
            "after {writes} writes"
        );
        match spy.custody().load(&name("doomed")) {
            Err(KeyError::SecretGone { .. }) => {
                spy.custody().delete(&name("doomed"), "doomed").unwrap();
            }
            Err(KeyError::NoSuchKey { .. }) => {}
            other => panic!("{other:?}"),
        }
        assert_eq!(spy.custody().list().unwrap(), [held]);
    }
}

#[test]
fn damaged_entries_are_named_and_nothing_is_guessed() {
    let spy = Spy::default();
    let custody = spy.custody();
    let main = custody
        .create(&name("main"), &generate().unwrap(), at(0))
        .unwrap();
    let whole = spy.entries();
    let entries = [
        format!("key:{}", main.id),
        format!("about:{}", main.id),
        "index".to_owned(),
    ];
    for entry in &entries {
        spy.set(entry, "not what was written here");
        let error = custody.load(&name("main")).unwrap_err();
        assert!(
            matches!(&error, KeyError::KeyringDamaged { entry: named } if named == entry),
            "{error:?}"
        );
        spy.0.lock().unwrap().entries = whole.clone();
    }
    // Another key in the place of this one.
    let other = custody
        .create(&name("other"), &generate().unwrap(), at(0))
        .unwrap();
    let secret = spy.entries()[&format!("key:{}", other.id)].clone();
    spy.0
        .lock()
        .unwrap()
        .entries
        .insert(entries[0].clone(), secret);
    assert!(matches!(
        custody.load(&name("main")),
        Err(KeyError::KeyringDamaged { .. })
    ));
    assert!(custody.load(&name("other")).is_ok());
}

#[test]
fn two_at_once_do_not_lose_a_key() {
    let spy = Spy::default();
    let custody = spy.custody();
    thread::scope(|scope| {
        for number in 0..8 {
            let custody = custody.clone();
            scope.spawn(move || {
                custody
                    .create(&name(&format!("key {number}")), &generate().unwrap(), at(0))
                    .unwrap()
            });
        }
    });
    assert_eq!(custody.list().unwrap().len(), 8);
}

/// keyring-core's own errors carry what was stored, and print it.
#[test]
fn an_error_of_the_keyring_does_not_carry_what_is_stored() {
    let spy = Spy::default();
    spy.0.lock().unwrap().entries.insert(
        "token:https://a.example".to_owned(),
        vec![0xff, 0xfe, b's', b'w', b't'],
    );
    let error = spy.custody().load_token("https://a.example").unwrap_err();
    assert!(matches!(error, KeyError::KeyringDamaged { .. }));
    assert_eq!(
        format!("{error:?}"),
        r#"KeyringDamaged { entry: "token:https://a.example" }"#
    );
}
