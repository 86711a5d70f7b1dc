//! Checks that look at names and kinds of files.

use std::collections::{BTreeMap, BTreeSet};

use super::{CheckId, Facts, Finding, Place, Severity, total, up_to_part};
use crate::names::windows_problem;
use crate::text::{bytes, count, list};

/// What tools leave behind. No client needs it, and some of it tells more than a bundle should.
const LEFTOVERS: [&str; 7] = [
    ".DS_Store",
    "__MACOSX",
    ".git",
    "node_modules",
    "Thumbs.db",
    "desktop.ini",
    ".svn",
];
/// What hotswap writes into each folder it unpacks (`protocols.md` 1.5).
const HOTSWAP_META: &str = "hotswap-meta.json";

pub(super) fn empty() -> Finding {
    Finding::new(
        CheckId::Empty,
        Severity::Stop,
        "The folder is empty",
        "Run your build first, or choose the folder that it writes",
    )
}

pub(super) fn unreadable(facts: &Facts<'_>) -> Option<Finding> {
    if facts.unreadable.is_empty() {
        return None;
    }
    let places: Vec<_> = facts
        .unreadable
        .iter()
        .map(|(path, why)| Place::whole(path, why))
        .collect();
    Some(
        Finding::new(
            CheckId::Unreadable,
            Severity::Stop,
            format!("{} cannot be read", count(places.len(), "file", "files")),
            "Allow yourself to read it, or leave it out",
        )
        .ignorable(places),
    )
}

pub(super) fn links(facts: &Facts<'_>) -> Finding {
    if facts.not_files.is_empty() {
        return Finding::pass(
            CheckId::Links,
            "Regular files only",
            "no links, no special files",
        );
    }
    let places: Vec<_> = facts
        .not_files
        .iter()
        .map(|(path, kind)| Place::whole(path, *kind))
        .collect();
    Finding::new(
        CheckId::Links,
        Severity::Stop,
        count(
            places.len(),
            "link or special file",
            "links or special files",
        ),
        "Clients skip these. Put the real file in its place, or leave it out",
    )
    .ignorable(places)
}

pub(super) fn names(facts: &Facts<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    if !facts.bad_names.is_empty() {
        let places: Vec<_> = facts
            .bad_names
            .iter()
            .map(|(path, why)| Place::whole(path, format!("the name {why}")))
            .collect();
        findings.push(
            Finding::new(
                CheckId::Names,
                Severity::Stop,
                count(
                    places.len(),
                    "name that no client takes",
                    "names that no client takes",
                ),
                "Rename it in your build, or leave it out",
            )
            .ignorable(places),
        );
    }
    let windows: Vec<_> = facts
        .listing
        .files
        .iter()
        .filter_map(|file| windows_problem(&file.path).map(|why| Place::whole(&file.path, why)))
        .collect();
    if !windows.is_empty() {
        findings.push(
            Finding::new(
                CheckId::Names,
                Severity::Decide,
                count(windows.len(), "name that Windows cannot store", "names that Windows cannot store"),
                "No device with Windows can unpack this bundle. Rename it in your build, or leave it out",
            )
            .ignorable(windows),
        );
    }
    if facts.listing.contains(HOTSWAP_META) {
        findings.push(
            Finding::new(
                CheckId::Names,
                Severity::Decide,
                "1 name that hotswap uses itself",
                "Hotswap clients overwrite this file. Rename it in your build, or leave it out",
            )
            .ignorable(vec![Place::whole(HOTSWAP_META, "overwritten by hotswap")]),
        );
    }
    if findings.is_empty() {
        let checked = count(facts.listing.files.len(), "file", "files");
        findings.push(Finding::pass(
            CheckId::Names,
            "Names fit every system",
            checked,
        ));
    }
    findings
}

/// Windows and macOS keep one of two such files; which one depends on the order of unpacking.
pub(super) fn name_case(facts: &Facts<'_>) -> Finding {
    let mut spellings: BTreeMap<String, BTreeSet<&str>> = BTreeMap::new();
    for file in &facts.listing.files {
        let path = file.path.as_str();
        let ends = path
            .match_indices('/')
            .map(|(at, _)| at)
            .chain([path.len()]);
        for prefix in ends.filter_map(|end| path.get(..end)) {
            spellings
                .entry(prefix.to_lowercase())
                .or_default()
                .insert(prefix);
        }
    }
    let clashes: Vec<&BTreeSet<&str>> = spellings.values().filter(|same| same.len() > 1).collect();
    if clashes.is_empty() {
        return Finding::pass(CheckId::NameCase, "No names differ only in case", "");
    }
    let shown: Vec<String> = clashes
        .iter()
        .map(|same| same.iter().copied().collect::<Vec<_>>().join(" and "))
        .collect();
    let places = clashes
        .iter()
        .flat_map(|same| {
            same.iter()
                .map(|path| Place::whole(*path, "differs only in case from another"))
        })
        .collect();
    Finding::new(
        CheckId::NameCase,
        Severity::Decide,
        count(
            clashes.len(),
            "name in two spellings",
            "names in two spellings",
        ),
        "Windows and macOS keep only one of them. Rename one in your build",
    )
    .detail(list(&shown))
    .at(places)
}

pub(super) fn leftovers(facts: &Facts<'_>) -> Finding {
    let is_leftover = |part: &str| LEFTOVERS.contains(&part) || part.starts_with("._");
    let mut found: BTreeMap<&str, u64> = BTreeMap::new();
    for file in &facts.listing.files {
        if let Some(top) = up_to_part(&file.path, is_leftover) {
            *found.entry(top).or_default() += file.size_bytes;
        }
    }
    found.retain(|top, _| !top.ends_with("node_modules") || holds_packages(facts, top));
    if found.is_empty() {
        return Finding::pass(CheckId::Leftovers, "Nothing left behind by tools", "");
    }
    let names: Vec<&str> = found.keys().copied().collect();
    let detail = format!("{}, {}", list(&names), bytes(found.values().sum()));
    let places: Vec<_> = found
        .iter()
        .map(|(path, size)| Place::whole(*path, bytes(*size)))
        .collect();
    Finding::new(
        CheckId::Leftovers,
        Severity::Decide,
        count(places.len(), "leftover of a tool", "leftovers of tools"),
        "No device needs it. Leave it out",
    )
    .detail(detail)
    .ignorable(places)
}

/// Bundlers name chunks after the package they come from, so an application may need its `assets/node_modules`. What npm
/// installs has descriptions of packages in it.
fn holds_packages(facts: &Facts<'_>, folder: &str) -> bool {
    let below = |path: &str| {
        path.strip_prefix(folder)
            .is_some_and(|rest| rest.starts_with('/'))
    };
    let files = &facts.listing.files;
    files
        .iter()
        .any(|file| file.path.ends_with("/package.json") && below(&file.path))
}

pub(super) fn source_maps(facts: &Facts<'_>) -> Finding {
    const ENDINGS: [&str; 4] = [".js.map", ".mjs.map", ".cjs.map", ".css.map"];
    let maps: Vec<_> = facts
        .listing
        .files
        .iter()
        .filter(|file| ENDINGS.iter().any(|ending| file.path.ends_with(ending)))
        .collect();
    if maps.is_empty() {
        return Finding::pass(CheckId::SourceMaps, "No source maps", "");
    }
    let size = bytes(total(maps.iter().copied()));
    let places = maps
        .iter()
        .map(|file| Place::whole(&file.path, bytes(file.size_bytes)))
        .collect();
    Finding::new(
        CheckId::SourceMaps,
        Severity::Decide,
        count(maps.len(), "source map", "source maps"),
        "Everybody with the app can read your source. Leave it out, unless that is what you want",
    )
    .detail(format!("readable source, {size}"))
    .ignorable(places)
}
