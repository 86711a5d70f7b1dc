//! Keys, tokens and passwords in files.
//!
//! All anchors ("ghp_", "-----BEGIN ") are searched at once while a file is hashed; what follows an anchor then has to
//! have the shape of a real secret. False alarms stop a release, so each shape is as narrow as its issuer documents it.

use std::ops::RangeInclusive;
use std::sync::LazyLock;

use aho_corasick::{AhoCorasick, MatchKind};

use super::{CheckId, Facts, Finding, Place, Severity};
use crate::text::{count, list};

/// How many kinds of secrets are looked for.
pub const SECRET_PATTERNS: usize = SHAPES.len() + FILE_RULES.len();

/// No shape needs more bytes behind its anchor.
pub(crate) const LOOKAHEAD: usize = 512;
/// More of them in one file tell nothing new.
const MOST_PER_FILE: usize = 20;

/// What a secret looks like.
struct Shape {
    what: &'static str,
    severity: Severity,
    anchors: &'static [&'static str],
    rest: Rest,
}

/// What has to follow an anchor.
enum Rest {
    /// This many of these characters, not one more, and not an obvious placeholder.
    Token(fn(u8) -> bool, RangeInclusive<usize>),
    /// Anything this function takes.
    Custom(fn(&[u8]) -> bool),
}

const fn stop(what: &'static str, anchors: &'static [&'static str], rest: Rest) -> Shape {
    Shape {
        what,
        severity: Severity::Stop,
        anchors,
        rest,
    }
}

const fn token(of: fn(u8) -> bool, least: usize, most: usize) -> Rest {
    Rest::Token(of, least..=most)
}

const LONG: usize = 400;

static SHAPES: [Shape; 22] = [
    stop("a private key", &["-----BEGIN "], Rest::Custom(private_key)),
    stop(
        "a PuTTY key",
        &["PuTTY-User-Key-File-"],
        Rest::Custom(|rest| rest.get(1..3) == Some(b": ")),
    ),
    // Base64 of the algorithm bytes that begin a secret key, with and without a password.
    stop(
        "a minisign secret key",
        &["RWRTY0Iy", "RWQAAEIy"],
        token(base64, 180, LONG),
    ),
    // Base64 of "untrusted comment: rsign (or minisign) encrypted secret key", as `tauri signer` writes it.
    stop(
        "a Tauri signing key",
        &[
            "dW50cnVzdGVkIGNvbW1lbnQ6IHJzaWduIGVuY3J5cHRlZCBzZWNyZXQga2V5",
            "dW50cnVzdGVkIGNvbW1lbnQ6IG1pbmlzaWduIGVuY3J5cHRlZCBzZWNyZXQga2V5",
        ],
        token(base64, 180, LONG + 100),
    ),
    stop(
        "an age secret key",
        &["AGE-SECRET-KEY-1"],
        token(upper, 58, 58),
    ),
    stop(
        "a Switchtower token",
        &["swt_"],
        token(url_base64, 32, LONG),
    ),
    stop("an AWS access key", &["AKIA", "ASIA"], token(upper, 16, 16)),
    stop(
        "a GitHub token",
        &["ghp_", "gho_", "ghu_", "ghs_", "ghr_"],
        token(alphanumeric, 36, LONG),
    ),
    stop("a GitHub token", &["github_pat_"], token(word, 60, LONG)),
    stop("a GitLab token", &["glpat-"], token(url_base64, 20, LONG)),
    stop(
        "a Slack token",
        &["xoxa-", "xoxb-", "xoxe-", "xoxp-", "xoxr-", "xoxs-"],
        token(url_base64, 24, LONG),
    ),
    stop(
        "a Slack webhook",
        &["hooks.slack.com/services/"],
        token(path, 40, LONG),
    ),
    stop(
        "a Stripe key",
        &["sk_live_", "rk_live_"],
        token(alphanumeric, 24, LONG),
    ),
    stop("an npm token", &["npm_"], token(alphanumeric, 36, 36)),
    stop(
        "an npm password",
        &["//registry.npmjs.org/:_authToken="],
        token(url_base64, 20, LONG),
    ),
    stop(
        "a PyPI token",
        &["pypi-AgEIcHlwaS5vcmc"],
        token(url_base64, 50, LONG),
    ),
    stop(
        "an Anthropic key",
        &["sk-ant-api03-", "sk-ant-admin01-"],
        token(url_base64, 80, LONG),
    ),
    stop(
        "an OpenAI key",
        &["sk-proj-", "sk-svcacct-"],
        token(url_base64, 60, LONG),
    ),
    stop("a SendGrid key", &["SG."], Rest::Custom(sendgrid)),
    stop(
        "a DigitalOcean token",
        &["dop_v1_", "doo_v1_"],
        token(hexadecimal, 64, 64),
    ),
    stop(
        "a Shopify token",
        &["shpat_", "shpss_", "shpca_"],
        token(hexadecimal, 32, 32),
    ),
    // Web pages carry such keys on purpose (Maps, Firebase); only a person can tell whether this one is restricted.
    Shape {
        what: "a Google API key",
        severity: Severity::Decide,
        anchors: &["AIza"],
        rest: Rest::Token(url_base64, 35..=35),
    },
];

type NameRule = fn(&str) -> bool;

/// Files whose name says that they hold secrets.
const FILE_RULES: [(&str, NameRule); 3] = [
    ("settings with secrets", |name| {
        let sample = [".example", ".sample", ".template"]
            .iter()
            .any(|end| name.ends_with(end));
        (name == ".env" || name.starts_with(".env.")) && !sample
    }),
    ("a key store", |name| {
        let lower = name.to_ascii_lowercase();
        let ending = lower.rsplit_once('.').map_or("", |(_, ending)| ending);
        matches!(ending, "p12" | "pfx" | "jks" | "keystore" | "kdbx" | "ppk")
            || matches!(
                lower.as_str(),
                "id_rsa" | "id_dsa" | "id_ecdsa" | "id_ed25519"
            )
    }),
    ("stored passwords", |name| {
        matches!(
            name,
            ".netrc"
                | "_netrc"
                | ".htpasswd"
                | ".pgpass"
                | ".git-credentials"
                | ".npmrc"
                | ".pypirc"
        )
    }),
];

/// A secret in a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SecretHit {
    pub(crate) path: String,
    pub(crate) line: u64,
    what: &'static str,
    severity: Severity,
}

struct Anchors {
    search: AhoCorasick,
    /// For each anchor: its shape, and its length.
    shapes: Vec<(&'static Shape, usize)>,
}

static ANCHORS: LazyLock<Anchors> = LazyLock::new(|| {
    let pairs = || {
        SHAPES
            .iter()
            .flat_map(|shape| shape.anchors.iter().map(move |anchor| (shape, *anchor)))
    };
    let mut search = AhoCorasick::builder();
    // This kind may skip ahead by vector instructions. No anchor begins at a word boundary within another one, so nothing
    // is lost by matches that do not overlap.
    search.match_kind(MatchKind::LeftmostFirst);
    match search.build(pairs().map(|(_, anchor)| anchor)) {
        Ok(search) => Anchors {
            search,
            shapes: pairs()
                .map(|(shape, anchor)| (shape, anchor.len()))
                .collect(),
        },
        // Fails for gigabytes of patterns only. Searching for nothing would call every file clean.
        Err(error) => unreachable!("the built-in patterns do not compile: {error}"),
    }
});

/// Searches one file that arrives in overlapping windows.
pub(crate) struct SecretScanner<'a> {
    path: &'a str,
    lines: u64,
    hits: Vec<SecretHit>,
}

impl<'a> SecretScanner<'a> {
    pub(crate) const fn new(path: &'a str) -> Self {
        Self {
            path,
            lines: 1,
            hits: Vec::new(),
        }
    }

    /// Searches for anchors that begin in `window[from..until]`. What is before and behind is only looked at. The next
    /// window must go on where this one ends.
    pub(crate) fn search(&mut self, window: &[u8], from: usize, until: usize) {
        let Some(searched) = window.get(..until) else {
            return;
        };
        let anchors = &*ANCHORS;
        // An anchor may reach beyond `until`; it has to begin before.
        let reach = window.len().min(until + LOOKAHEAD);
        let haystack = window.get(from..reach).unwrap_or_default();
        for found in anchors.search.find_iter(haystack) {
            let at = from + found.start();
            if at >= until || self.hits.len() >= MOST_PER_FILE {
                break;
            }
            let Some((shape, length)) = anchors.shapes.get(found.pattern().as_usize()) else {
                continue;
            };
            let before = at
                .checked_sub(1)
                .and_then(|before| window.get(before))
                .copied();
            let rest = window.get(at + length..).unwrap_or_default();
            let rest = rest.get(..LOOKAHEAD).unwrap_or(rest);
            if !before.is_some_and(continues_word) && shape.rest.accepts(rest) {
                let newlines = count_newlines(searched.get(from..at).unwrap_or_default());
                self.hits.push(SecretHit {
                    path: self.path.to_owned(),
                    line: self.lines + newlines,
                    what: shape.what,
                    severity: shape.severity,
                });
            }
        }
        self.lines += count_newlines(searched.get(from..).unwrap_or_default());
    }

    pub(crate) fn finish(self) -> Vec<SecretHit> {
        self.hits
    }
}

fn count_newlines(bytes: &[u8]) -> u64 {
    bytes.iter().map(|byte| u64::from(*byte == b'\n')).sum()
}

fn continues_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

impl Rest {
    fn accepts(&self, rest: &[u8]) -> bool {
        match self {
            Self::Token(of, length) => {
                let token = run(rest, *of);
                length.contains(&token.len()) && !is_placeholder(token)
            }
            Self::Custom(accepts) => accepts(rest),
        }
    }
}

fn run(rest: &[u8], of: fn(u8) -> bool) -> &[u8] {
    let end = rest
        .iter()
        .position(|byte| !of(*byte))
        .unwrap_or(rest.len());
    rest.get(..end).unwrap_or_default()
}

/// What documentation writes where a secret would be.
fn is_placeholder(token: &[u8]) -> bool {
    let lower = token.to_ascii_lowercase();
    let has = |word: &[u8]| lower.windows(word.len()).any(|window| window == word);
    let mut distinct = lower.clone();
    distinct.sort_unstable();
    distinct.dedup();
    has(b"example") || has(b"xxxx") || has(b"your") || distinct.len() < 8
}

fn alphanumeric(byte: u8) -> bool {
    byte.is_ascii_alphanumeric()
}

fn upper(byte: u8) -> bool {
    byte.is_ascii_uppercase() || byte.is_ascii_digit()
}

fn word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

fn base64(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=')
}

fn url_base64(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_')
}

fn path(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'/'
}

fn hexadecimal(byte: u8) -> bool {
    byte.is_ascii_hexdigit()
}

/// `SG.` 22 characters `.` 43 characters.
fn sendgrid(rest: &[u8]) -> bool {
    let id = run(rest, url_base64);
    let Some(after) = rest
        .get(id.len()..)
        .and_then(|after| after.strip_prefix(b"."))
    else {
        return false;
    };
    let secret = run(after, url_base64);
    id.len() == 22 && secret.len() == 43 && !is_placeholder(secret)
}

/// A PEM or PGP header *with a body*: libraries that read keys hold the header alone.
fn private_key(rest: &[u8]) -> bool {
    const LONGEST_LABEL: usize = 40;
    let label = run(rest, |byte| {
        byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b' '
    });
    let is_private = label.ends_with(b"PRIVATE KEY") || label.ends_with(b"PRIVATE KEY BLOCK");
    let Some(body) = rest
        .get(label.len()..)
        .and_then(|rest| rest.strip_prefix(b"-----"))
    else {
        return false;
    };
    if !is_private || label.len() > LONGEST_LABEL {
        return false;
    }
    let body = skip_breaks(body);
    let has_headers = [&b"Proc-Type: "[..], b"Version: ", b"Comment: "]
        .iter()
        .any(|header| body.starts_with(header));
    let line = run(body, base64);
    has_headers || line.len() >= 40 && !is_placeholder(line)
}

/// Line breaks, also in the spelling of a string literal.
fn skip_breaks(mut body: &[u8]) -> &[u8] {
    loop {
        body = match body {
            [b'\n' | b'\r' | b' ' | b'\t', rest @ ..]
            | [b'\\', b'n' | b'r', rest @ ..]
            | [b'\\', b'\\', b'n' | b'r', rest @ ..] => rest,
            _ => return body,
        };
    }
}

/// Which rule the name of a file falls under.
fn secret_file(path: &str) -> Option<&'static str> {
    let name = path.rsplit('/').next().unwrap_or(path);
    FILE_RULES
        .iter()
        .find(|(_, rule)| rule(name))
        .map(|(what, _)| *what)
}

pub(super) fn secrets(facts: &Facts<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    let files: Vec<_> = facts
        .listing
        .files
        .iter()
        .filter_map(|file| secret_file(&file.path).map(|what| Place::whole(&file.path, what)))
        .collect();
    if !files.is_empty() {
        findings.push(
            Finding::new(
                CheckId::Secrets,
                Severity::Stop,
                count(
                    files.len(),
                    "file made for secrets",
                    "files made for secrets",
                ),
                "Everybody with the app can read it. Leave it out",
            )
            .ignorable(files),
        );
    }
    findings.extend(in_content(
        facts,
        Severity::Stop,
        "Everybody with the app could read it. Remove it from your build, and revoke it if it was ever published",
    ));
    findings.extend(in_content(
        facts,
        Severity::Decide,
        "Such keys are often public. Make sure that this one is restricted to your app",
    ));
    if findings
        .iter()
        .all(|finding| finding.severity != Severity::Stop)
    {
        let searched = count(facts.searched, "file", "files");
        let detail = format!("{SECRET_PATTERNS} patterns, {searched}");
        findings.push(Finding::pass(CheckId::Secrets, "No secrets found", detail));
    }
    findings
}

fn in_content(facts: &Facts<'_>, severity: Severity, remedy: &str) -> Option<Finding> {
    let hits: Vec<_> = facts
        .secrets
        .iter()
        .filter(|hit| hit.severity == severity)
        .collect();
    if hits.is_empty() {
        return None;
    }
    let title = match severity {
        Severity::Stop => count(hits.len(), "secret found", "secrets found"),
        _ => count(
            hits.len(),
            "key that may be public",
            "keys that may be public",
        ),
    };
    let shown: Vec<String> = hits
        .iter()
        .map(|hit| format!("{} in {}, line {}", hit.what, hit.path, hit.line))
        .collect();
    let places: Vec<_> = hits
        .iter()
        .map(|hit| Place {
            path: hit.path.clone(),
            line: Some(hit.line),
            note: hit.what.to_owned(),
        })
        .collect();
    // Without its entry page, a bundle is nothing.
    let can_ignore = places.iter().all(|place| place.path != "index.html");
    let finding = Finding::new(CheckId::Secrets, severity, title, remedy)
        .detail(list(&shown))
        .at(places);
    Some(Finding {
        can_ignore,
        ..finding
    })
}

#[cfg(test)]
#[path = "secrets_tests.rs"]
mod tests;
