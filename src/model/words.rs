//! Numbers and times as they are written.

use std::sync::OnceLock;

use chrono::{DateTime, FixedOffset, Local, Utc};
use ota_api::LiveRelease;
use ota_keys::CustodyKind;
use ota_model::ReleaseKind;

/// Set where pictures must look the same everywhere.
static ZONE: OnceLock<FixedOffset> = OnceLock::new();

/// Write times in this zone instead of the computer's, from now on. The first call wins.
pub fn fix_zone(zone: FixedOffset) {
    ZONE.get_or_init(|| zone);
}

/// A time as the person's clock has it.
fn local(at: DateTime<Utc>) -> DateTime<FixedOffset> {
    match ZONE.get() {
        Some(zone) => at.with_timezone(zone),
        None => at.with_timezone(&Local).fixed_offset(),
    }
}

/// Where a key is kept, in the middle of a sentence.
pub const fn kept(custody: CustodyKind) -> &'static str {
    match custody {
        CustodyKind::Keyring => "in the OS keyring",
        CustodyKind::File => "in a key file",
        CustodyKind::Memory => "in memory",
    }
}

/// Text with a large first letter.
pub fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| {
        first.to_uppercase().chain(letters).collect()
    })
}

/// A release within a sentence: its version, or what stands for it.
pub fn release(live: &LiveRelease) -> String {
    match live.release_kind {
        ReleaseKind::Web | ReleaseKind::Native => live.version.to_string(),
        ReleaseKind::BuiltIn => "the built-in assets".to_owned(),
    }
}

/// Bytes done and in all, in the unit of all: `3.21 of 4.99 MB`.
pub fn size_of(done: u64, all: u64) -> String {
    let (done, all) = (size(done), size(all));
    let unit = |text: &str| text.split_once(' ').map(|(_, unit)| unit.to_owned());
    match done.split_once(' ') {
        Some((number, own)) if unit(&all).as_deref() == Some(own) => format!("{number} of {all}"),
        _ => format!("{done} of {all}"),
    }
}

/// A size: MB with two decimals, KB and bytes below.
pub fn size(bytes: u64) -> String {
    const KB: u64 = 1000;
    const MB: u64 = 1_000_000;
    if bytes >= MB {
        format!("{:.2} MB", bytes as f64 / MB as f64)
    } else if bytes >= KB {
        format!("{:.1} KB", bytes as f64 / KB as f64)
    } else {
        format!("{bytes} B")
    }
}

/// A change of size with a real sign; `0` when there is none.
pub fn size_change(delta: i64) -> String {
    match delta {
        0 => "0".to_owned(),
        1.. => format!("+{}", size(delta.unsigned_abs())),
        _ => format!("\u{2212}{}", size(delta.unsigned_abs())),
    }
}

/// A count with a separator: `20,535`.
pub fn count(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A duration: `0.84 s`, `340 ms`.
pub fn duration(milliseconds: u64) -> String {
    if milliseconds < 1000 {
        format!("{milliseconds} ms")
    } else {
        format!("{:.1} s", milliseconds as f64 / 1000.0)
    }
}

/// How long ago: relative under seven days, a date beyond.
pub fn ago(then: DateTime<Utc>, now: DateTime<Utc>) -> String {
    let seconds = (now - then).num_seconds().max(0);
    match seconds {
        0..=4 => "just now".to_owned(),
        5..=59 => format!("{seconds} s ago"),
        60..=3599 => format!("{} min ago", seconds / 60),
        3600..=86_399 => format!("{} h ago", seconds / 3600),
        86_400..=604_799 => format!("{} d ago", seconds / 86_400),
        _ => date(then),
    }
}

/// The exact time with its zone, for tooltips.
pub fn exact(at: DateTime<Utc>) -> String {
    local(at).format("%a %-d %b %Y, %H:%M:%S %:z").to_string()
}

/// The clock time, for banners and event rows.
pub fn clock(at: DateTime<Utc>) -> String {
    local(at).format("%H:%M").to_string()
}

/// A time in a list, never wider than `14 Jul`: the clock of the last hours, the weekday, the date.
pub fn short(at: DateTime<Utc>, now: DateTime<Utc>) -> String {
    match (now - at).num_hours() {
        ..20 => clock(at),
        20..144 => local(at).format("%a").to_string(),
        _ => local(at).format("%-d %b").to_string(),
    }
}

/// The date: `29 Sep 2026`.
pub fn date(at: DateTime<Utc>) -> String {
    local(at).format("%-d %b %Y").to_string()
}

/// Day and clock time, where both matter: `14 Jul 09:30`.
pub fn moment(at: DateTime<Utc>) -> String {
    local(at).format("%-d %b %H:%M").to_string()
}

/// The version that most likely comes next: the last number of a pre-release counts up, else a first `-ota.1` of the
/// next patch.
pub fn next_version(live: Option<&semver::Version>) -> String {
    let Some(live) = live else {
        return "1.0.0".to_owned();
    };
    let core = format!("{}.{}.{}", live.major, live.minor, live.patch);
    let pre = live.pre.as_str();
    if pre.is_empty() {
        return format!("{}.{}.{}-ota.1", live.major, live.minor, live.patch + 1);
    }
    match pre.rsplit_once('.') {
        Some((head, last)) if last.parse::<u64>().is_ok() => {
            format!("{core}-{head}.{}", last.parse::<u64>().unwrap_or(0) + 1)
        }
        _ => format!("{core}-{pre}.1"),
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;

    #[test]
    fn two_sizes_share_their_unit() {
        assert_eq!(size_of(3_210_000, 4_990_000), "3.21 of 4.99 MB");
        assert_eq!(size_of(512_000, 4_990_000), "512.0 KB of 4.99 MB");
        assert_eq!(size_of(0, 27), "0 of 27 B");
    }

    #[test]
    fn sizes_and_changes_are_written_as_the_design_says() {
        assert_eq!(size(5_120_000), "5.12 MB");
        assert_eq!(size(812_400), "812.4 KB");
        assert_eq!(size(45), "45 B");
        assert_eq!(size_change(212), "+212 B");
        assert_eq!(size_change(-799_100), "\u{2212}799.1 KB");
        assert_eq!(size_change(0), "0");
        assert_eq!(count(20_535), "20,535");
        assert_eq!(count(7), "7");
        assert_eq!(count(1_234_567), "1,234,567");
    }

    #[test]
    fn ages_are_relative_under_seven_days() {
        let now = DateTime::UNIX_EPOCH + TimeDelta::days(20_000);
        for (seconds, text) in [
            (0, "just now"),
            (12, "12 s ago"),
            (60, "1 min ago"),
            (7300, "2 h ago"),
            (200_000, "2 d ago"),
        ] {
            assert_eq!(ago(now - TimeDelta::seconds(seconds), now), text);
        }
        // A clock that runs behind the server's does not give negative ages.
        assert_eq!(ago(now + TimeDelta::seconds(30), now), "just now");
    }

    #[test]
    fn times_in_lists_stay_short() {
        let now = DateTime::UNIX_EPOCH + TimeDelta::days(20_000);
        for days in 0..400 {
            let text = short(now - TimeDelta::days(days), now);
            assert!(text.chars().count() <= 6, "{text}");
        }
        assert!(short(now, now).contains(':'));
        assert!(date(now - TimeDelta::days(9)).ends_with("2024"));
    }

    #[test]
    fn the_next_version_counts_up() {
        let next = |text: &str| next_version(Some(&text.parse().unwrap()));
        assert_eq!(next("2.5.0-ota.2"), "2.5.0-ota.3");
        assert_eq!(next("2.4.0"), "2.4.1-ota.1");
        assert_eq!(next("2.4.0-rc"), "2.4.0-rc.1");
        assert_eq!(next_version(None), "1.0.0");
    }
}
