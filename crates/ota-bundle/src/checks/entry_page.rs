//! Checks of `index.html`.

use super::html::{attributes, local_addresses};
use super::{CheckId, Facts, Finding, Place, Severity};
use crate::listing::Listing;
use crate::text::list;

const ENTRY_PAGE: &str = "index.html";

/// The only folder that holds an `index.html` nearest to the root, when the root has none.
pub(crate) fn wrapper_folder(listing: &Listing) -> Option<String> {
    let mut nearest: Vec<&str> = Vec::new();
    for file in &listing.files {
        let Some(folder) = file.path.strip_suffix("/index.html") else {
            continue;
        };
        let depth = folder.matches('/').count();
        let best = nearest
            .first()
            .map_or(usize::MAX, |known| known.matches('/').count());
        if depth < best {
            nearest = vec![folder];
        } else if depth == best {
            nearest.push(folder);
        }
    }
    match nearest.as_slice() {
        [only] => Some((*only).to_owned()),
        _ => None,
    }
}

pub(super) fn entry_page(facts: &Facts<'_>) -> Option<Finding> {
    if facts.listing.files.is_empty() {
        return None;
    }
    if facts.listing.contains(ENTRY_PAGE) {
        return Some(Finding::pass(
            CheckId::EntryPage,
            "index.html at the root",
            ENTRY_PAGE,
        ));
    }
    let stop = |detail: String, remedy: String| {
        Finding::new(
            CheckId::EntryPage,
            Severity::Stop,
            "No index.html at the root",
            remedy,
        )
        .detail(detail)
    };
    Some(match wrapper_folder(facts.listing) {
        // Clients accept such a bundle, change nothing visibly and report success (`protocols.md` 1.5).
        Some(folder) => stop(
            format!("it is in {folder}/"),
            format!("Bundle {folder}/ instead"),
        ),
        None => stop(
            "clients have nothing to show".to_owned(),
            "Drop the folder that your build writes, usually dist/".to_owned(),
        ),
    })
}

/// Addresses in the entry page that are not true on a device.
pub(super) fn addresses(facts: &Facts<'_>) -> Vec<Finding> {
    let Some(page) = facts.entry_page else {
        return Vec::new();
    };
    vec![base_path(page, facts.listing), developer_addresses(page)]
}

fn base_path(page: &str, listing: &Listing) -> Finding {
    let Some((base, line)) = declared_base(page).or_else(|| implied_base(page, listing)) else {
        return Finding::pass(CheckId::BasePath, "Served from /", "as devices do");
    };
    let place = Place {
        path: ENTRY_PAGE.to_owned(),
        line: Some(line),
        note: format!("refers to {base}"),
    };
    Finding::new(
        CheckId::BasePath,
        Severity::Decide,
        format!("Base path is {base}"),
        "Build with the base path / or ./",
    )
    .detail("devices serve from /")
    .at(vec![place])
}

/// `<base href>`, unless it is the root.
fn declared_base(page: &str) -> Option<(String, u64)> {
    let base = attributes(page).find(|found| found.tag == "base" && found.name == "href")?;
    let value = base.value.trim();
    match value {
        "" | "/" | "." | "./" => None,
        _ => Some((value.to_owned(), base.line)),
    }
}

/// The start of an absolute reference, when the file is there without it.
fn implied_base(page: &str, listing: &Listing) -> Option<(String, u64)> {
    attributes(page)
        .filter(|found| matches!(found.name.as_str(), "src" | "href"))
        .find_map(|found| {
            let path = found.value.trim();
            let path = path.split(['?', '#']).next().unwrap_or(path);
            let inner = path
                .strip_prefix('/')
                .filter(|inner| !inner.starts_with('/'))?;
            if inner.is_empty() || listing.contains(inner) {
                return None;
            }
            let cut = inner
                .match_indices('/')
                .map(|(at, _)| at + 1)
                .find(|at| inner.get(*at..).is_some_and(|rest| listing.contains(rest)))?;
            Some((
                format!("/{}", inner.get(..cut).unwrap_or_default()),
                found.line,
            ))
        })
}

fn developer_addresses(page: &str) -> Finding {
    let places: Vec<_> = local_addresses(page)
        .into_iter()
        .map(|(address, line)| Place {
            path: ENTRY_PAGE.to_owned(),
            line: Some(line),
            note: address,
        })
        .collect();
    if places.is_empty() {
        return Finding::pass(
            CheckId::LocalAddresses,
            "No addresses of your own machine",
            ENTRY_PAGE,
        );
    }
    let shown: Vec<&str> = places.iter().map(|place| place.note.as_str()).collect();
    let detail = list(&shown);
    Finding::new(
        CheckId::LocalAddresses,
        Severity::Decide,
        "The entry page refers to your own machine",
        "Build for production: on a device, nothing answers there",
    )
    .detail(detail)
    .at(places)
}

#[cfg(test)]
mod tests {
    use ota_model::Sha256;

    use super::*;
    use crate::listing::FileEntry;

    fn listing(paths: &[&str]) -> Listing {
        Listing::new(
            paths
                .iter()
                .map(|path| FileEntry {
                    path: (*path).to_owned(),
                    size_bytes: 1,
                    sha256: Sha256::of(b"x"),
                })
                .collect(),
        )
    }

    #[test]
    fn the_one_wrapper_is_found() {
        for (paths, wrapper) in [
            (&["dist/index.html", "dist/a.js"][..], Some("dist")),
            (
                &["dist/browser/index.html", "dist/3rdparty.txt"],
                Some("dist/browser"),
            ),
            (&["dist/index.html", "dist/help/index.html"], Some("dist")),
            (&["a/index.html", "b/index.html"], None),
            (&["a/app.js"], None),
        ] {
            assert_eq!(
                wrapper_folder(&listing(paths)).as_deref(),
                wrapper,
                "{paths:?}"
            );
        }
    }

    #[test]
    fn a_base_path_is_named() {
        let files = listing(&["index.html", "assets/app.js", "app/own.js"]);
        for (page, base) in [
            (r#"<base href="/app/">"#, Some("/app/")),
            (
                "<base href='./'><script src='/assets/app.js'></script>",
                None,
            ),
            (
                r#"<script type=module src="/app/assets/app.js?v=1"></script>"#,
                Some("/app/"),
            ),
            (r#"<script src="/app/own.js"></script>"#, None),
            (
                r#"<script src="//cdn.example/assets/app.js"></script>"#,
                None,
            ),
            (
                r#"<!-- <base href="/x/"> --><link href="/missing.css">"#,
                None,
            ),
        ] {
            let finding = base_path(page, &files);
            match base {
                Some(base) => assert_eq!(finding.title, format!("Base path is {base}"), "{page}"),
                None => assert_eq!(finding.severity, Severity::Pass, "{page}"),
            }
        }
    }
}
