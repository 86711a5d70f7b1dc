//! How this API spells things.

use ota_model::{PlatformKey, ReleaseId};
use ulid::Ulid;

use super::refusal::Refusal;

const TARGETS: [&str; 3] = ["linux", "darwin", "windows"];
const ARCHS: [&str; 2] = ["x86_64", "aarch64"];

/// The platform of a target and an architecture; `None` for any that this API does not know.
pub(super) fn platform(target: &str, arch: &str) -> Option<PlatformKey> {
    let known = TARGETS.contains(&target) && ARCHS.contains(&arch);
    known
        .then(|| PlatformKey::parse(&format!("{target}-{arch}")).ok())
        .flatten()
}

/// The same, or what is wrong with it.
pub(super) fn named_platform(target: &str, arch: &str) -> Result<PlatformKey, Refusal> {
    platform(target, arch).ok_or_else(|| {
        Refusal::bad(format!(
            "There is no {target}-{arch} here. The targets are {}, the architectures {}",
            TARGETS.join(", "),
            ARCHS.join(", ")
        ))
    })
}

/// Writes 128 bits as a UUID.
fn uuid(bits: u128) -> String {
    let hex = format!("{bits:032x}");
    let mut parts = [8, 4, 4, 4, 12]
        .into_iter()
        .scan(hex.as_str(), |rest, length| {
            let (part, after) = rest.split_at_checked(length)?;
            *rest = after;
            Some(part)
        });
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |text, part| format!("{text}-{part}"))
}

/// A release's id as this API's client reads it.
pub(super) fn release_uuid(id: &str) -> String {
    Ulid::from_string(id).map_or_else(|_| id.to_owned(), |id| uuid(id.0))
}

/// The release that an id in a path names, in either spelling.
pub(super) fn release_id(text: &str) -> ReleaseId {
    let digits: String = text.chars().filter(|letter| *letter != '-').collect();
    let bits = (digits.len() == 32)
        .then(|| u128::from_str_radix(&digits, 16).ok())
        .flatten();
    ReleaseId(bits.map_or_else(|| text.to_owned(), |bits| Ulid(bits).to_string()))
}

/// A UUID (version 8) that stands for a token.
pub(super) fn user_uuid(token: i64) -> String {
    let digest = ota_model::Sha256::of(format!("switchtower token {token}").as_bytes());
    let bits = digest
        .as_bytes()
        .iter()
        .take(16)
        .fold(0_u128, |bits, byte| bits << 8 | u128::from(*byte));
    let version = 0xf << 76;
    let variant = 0b11 << 62;
    uuid(bits & !version & !variant | 0x8 << 76 | 0b10 << 62)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_read_as_they_are_written() {
        let id = Ulid::generate().to_string();
        let uuid = release_uuid(&id);
        assert_eq!(uuid.len(), 36);
        assert_eq!(
            uuid.match_indices('-')
                .map(|(at, _)| at)
                .collect::<Vec<_>>(),
            [8, 13, 18, 23]
        );
        assert_eq!(release_id(&uuid).0, id);
        assert_eq!(release_id(&id).0, id);
        assert_eq!(release_id("nothing").0, "nothing");
        let user = user_uuid(7);
        assert_eq!(user.as_bytes()[14], b'8', "{user}");
        assert!(b"89ab".contains(&user.as_bytes()[19]), "{user}");
    }

    #[test]
    fn only_the_platforms_of_this_api_are_known() {
        assert_eq!(
            platform("darwin", "aarch64").unwrap().as_str(),
            "darwin-aarch64"
        );
        for (target, arch) in [
            ("linux", "i686"),
            ("macos", "x86_64"),
            ("android", "aarch64"),
            ("", ""),
        ] {
            assert!(platform(target, arch).is_none(), "{target}-{arch}");
        }
    }
}
