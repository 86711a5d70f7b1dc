//! Checks of sizes.

use super::{CheckId, Facts, Finding, LiveInfo, Place, Severity};
use crate::diff::diff;
use crate::pack::Bundle;
use crate::text::bytes;

/// What hotswap clients download at most unless their app says otherwise (`protocols.md` 1.3): 512 MiB.
pub const HOTSWAP_LIMIT_BYTES: u64 = 512 * 1024 * 1024;

/// Growth below this is never unusual.
const SMALL_GROWTH_BYTES: u64 = 1_000_000;
/// Growth beyond this share of what is live is.
const UNUSUAL_PERCENT: u64 = 30;

pub(super) fn findings(facts: &Facts<'_>) -> Vec<Finding> {
    let unpacked = facts.listing.total_bytes();
    let mut findings = Vec::new();
    if unpacked > HOTSWAP_LIMIT_BYTES {
        findings.push(
            Finding::new(
                CheckId::SizeLimit,
                Severity::Decide,
                format!("{} unpacked", bytes(unpacked)),
                "Hotswap clients download at most 512 MiB. Leave out what devices do not need",
            )
            .detail("known for sure when it is packed")
            .at(Vec::new()),
        );
    } else {
        findings.push(Finding::pass(
            CheckId::SizeLimit,
            "Within the download limit",
            format!("{} unpacked, 512 MiB packed is the limit", bytes(unpacked)),
        ));
    }
    findings.extend(facts.live.map(|live| unpacked_growth(facts, live)));
    findings
}

fn unpacked_growth(facts: &Facts<'_>, live: &LiveInfo) -> Finding {
    let (before, after) = (live.listing.total_bytes(), facts.listing.total_bytes());
    let finding = growth(before, after, "unpacked");
    if finding.severity == Severity::Pass {
        return finding;
    }
    let mut rows = diff(&live.listing, facts.listing).rows;
    rows.retain(|row| row.delta_bytes() > 0);
    rows.sort_by_key(|row| std::cmp::Reverse(row.delta_bytes()));
    let places = rows
        .iter()
        .take(5)
        .map(|row| {
            Place::whole(
                &row.path,
                format!("+{}", bytes(row.delta_bytes().unsigned_abs())),
            )
        })
        .collect();
    finding.at(places)
}

fn growth(before: u64, after: u64, what: &str) -> Finding {
    let more = after.saturating_sub(before);
    let detail = format!("{} {what}, {} is live", bytes(after), bytes(before));
    if more < SMALL_GROWTH_BYTES
        || more.saturating_mul(100) <= before.saturating_mul(UNUSUAL_PERCENT)
    {
        return Finding::pass(CheckId::Growth, "Usual size", detail);
    }
    Finding::new(
        CheckId::Growth,
        Severity::Decide,
        format!("{} more than what is live", bytes(more)),
        "Look at what was added: a large file may have slipped in",
    )
    .detail(detail)
}

/// What is known once the archive exists: its size against what is live and what clients download.
pub fn packed_findings(bundle: &Bundle, live: Option<&LiveInfo>) -> Vec<Finding> {
    let limit = if bundle.size_bytes > HOTSWAP_LIMIT_BYTES {
        Finding::new(
            CheckId::SizeLimit,
            Severity::Stop,
            format!("The bundle has {}", bytes(bundle.size_bytes)),
            "Leave out what devices do not need",
        )
        .detail("hotswap clients download at most 512 MiB")
    } else {
        let detail = format!("{}, 512 MiB is the limit", bytes(bundle.size_bytes));
        Finding::pass(CheckId::SizeLimit, "Within the download limit", detail)
    };
    let growth = live.map(|live| growth(live.bundle_size_bytes, bundle.size_bytes, "packed"));
    std::iter::once(limit).chain(growth).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_large_and_unusual_growth_is_reported() {
        for (before, after, severity) in [
            (0, 900_000, Severity::Pass),
            (10_000_000, 12_900_000, Severity::Pass),
            (10_000_000, 13_100_000, Severity::Decide),
            (100_000, 2_000_000, Severity::Decide),
            (20_000_000, 5_000_000, Severity::Pass),
            (u64::MAX, u64::MAX, Severity::Pass),
        ] {
            assert_eq!(
                growth(before, after, "unpacked").severity,
                severity,
                "{before} → {after}"
            );
        }
    }
}
