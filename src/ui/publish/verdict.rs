//! Whether the form can be published, and if not, why.

use ota_api::TrustedKey;
use ota_bundle::Severity;
use ota_keys::KeyInfo;
use semver::Version;

use super::PublishForm;
use crate::model::{KeyRef, Model, PublishOrder, Review, words};

/// What is wrong with the form, and what could be ordered.
pub(super) struct Verdict {
    /// Below the version field.
    pub(super) version: Option<String>,
    /// Below the field of the oldest binary.
    pub(super) binary: Option<String>,
    /// Why the button is disabled: the first reason.
    pub(super) reason: Option<String>,
    /// Whether that is a check, which nothing in the form settles.
    pub(super) stopped: bool,
}

/// Keep what was typed with the build that it was typed for, and fill in what was not typed.
pub(super) fn prefill(form: &mut PublishForm, model: &Model, review: &Review) {
    if form.build != Some(review.request) {
        *form = PublishForm {
            build: Some(review.request),
            log_closed: form.log_closed,
            ..PublishForm::default()
        };
    }
    let live = model
        .channel(&review.channel)
        .and_then(|channel| channel.live.as_ref());
    if !form.version.edited {
        form.version.text =
            free_version(model, words::next_version(live.map(|live| &live.version)));
    }
    if !form.binary.edited {
        form.binary.text = live.map_or_else(
            || "1.0.0".to_owned(),
            |live| live.min_binary_version.to_string(),
        );
    }
    if form.typed_for.as_ref() != Some(&review.channel) {
        form.typed.clear();
        form.typed_for = Some(review.channel.clone());
    }
    let known = |key: &KeyRef| model.keys.get(key).is_some();
    if !form.key.as_ref().is_some_and(known) {
        form.key = default_key(model);
    }
}

/// Counts up until no channel offers the version: a version is used once.
fn free_version(model: &Model, mut version: String) -> String {
    while let Some(parsed) = version.parse().ok().filter(|parsed| is_live(model, parsed)) {
        version = words::next_version(Some(&parsed));
    }
    version
}

fn is_live(model: &Model, version: &Version) -> bool {
    live_on(model, version).is_some()
}

fn live_on<'a>(model: &'a Model, version: &Version) -> Option<&'a str> {
    let channels = &model.overview.latest()?.channels;
    let offers = |live: &ota_api::LiveRelease| live.version == *version;
    channels
        .iter()
        .find(|channel| channel.live.as_ref().is_some_and(offers))
        .map(|channel| channel.name.as_str())
}

/// The keys of this computer, those that the app trusts first.
pub(super) fn keys(model: &Model) -> impl Iterator<Item = (&KeyInfo, bool)> {
    let trusted: &[TrustedKey] = model
        .overview
        .latest()
        .map_or(&[], |overview| overview.keys.as_slice());
    let is_trusted = move |key: &KeyInfo| trusted.iter().any(|known| known.id == key.id);
    let first = model.keys.all().filter(move |key| is_trusted(key));
    let rest = model.keys.all().filter(move |key| !is_trusted(key));
    first
        .map(|key| (key, true))
        .chain(rest.map(|key| (key, false)))
}

/// The key that signed last if the app trusts it, else the first one that it trusts, else any.
fn default_key(model: &Model) -> Option<KeyRef> {
    let last = model.settings.signer.as_ref();
    keys(model)
        .find(|(key, trusted)| *trusted && Some(&KeyRef::from(*key)) == last)
        .or_else(|| keys(model).next())
        .map(|(key, _)| KeyRef::from(key))
}

/// The chosen key, and whether the app trusts it.
pub(super) fn chosen_key<'a>(model: &'a Model, form: &PublishForm) -> Option<(&'a KeyInfo, bool)> {
    keys(model).find(|(key, _)| Some(KeyRef::from(*key)) == form.key)
}

/// The name of the app that is shown.
pub(super) fn app_name(model: &Model) -> &str {
    match model.overview.latest() {
        Some(overview) => &overview.app.name,
        None => model.app().map_or("The app", ota_model::AppSlug::as_str),
    }
}

impl Verdict {
    pub(super) fn of(model: &Model, review: &Review, form: &PublishForm) -> Self {
        let version = version_problem(&form.version.text).or_else(|| {
            let parsed = form.version.text.trim().parse().ok()?;
            let channel = live_on(model, &parsed)?;
            Some(format!(
                "{parsed} is live on {channel}, and a version is used once."
            ))
        });
        let binary = version_problem(&form.binary.text);
        let protected = model
            .channel(&review.channel)
            .is_some_and(|channel| channel.protected);
        let wrong = |field: &str, problem: &Option<String>| {
            problem.as_ref().map(|_| format!("Correct {field} first"))
        };
        let reason = model
            .cannot_publish()
            .or_else(|| stopped(review))
            .or_else(|| {
                review
                    .repacking
                    .then(|| "The build is being packed again".to_owned())
            })
            .or_else(|| {
                let empty = review.build.scan.listing.files.is_empty();
                empty.then(|| "There is no file to publish".to_owned())
            })
            .or_else(|| wrong("the version", &version))
            .or_else(|| wrong("the oldest binary", &binary))
            .or_else(|| key_problem(model, form))
            .or_else(|| {
                (protected && form.typed != review.channel.as_str())
                    .then(|| format!("Type {} to unlock it", review.channel))
            });
        Self {
            version,
            binary,
            reason,
            stopped: review.build.scan.is_stopped(),
        }
    }
}

fn stopped(review: &Review) -> Option<String> {
    let finding = review
        .build
        .scan
        .findings
        .iter()
        .find(|finding| finding.severity == Severity::Stop)?;
    let remedy = finding
        .remedy
        .as_ref()
        .map_or_else(String::new, |remedy| format!(". {remedy}"));
    Some(format!("{}{remedy}", finding.title))
}

fn key_problem(model: &Model, form: &PublishForm) -> Option<String> {
    match chosen_key(model, form) {
        Some((_, true)) => None,
        Some((key, false)) => Some(format!(
            "{} does not trust {} yet",
            app_name(model),
            key.name
        )),
        None => Some("There is no key to sign with".to_owned()),
    }
}

/// What is wrong with a version, in a sentence.
pub(super) fn version_problem(text: &str) -> Option<String> {
    let text = text.trim();
    if text.is_empty() {
        return Some("Write a version, such as 2.5.0.".to_owned());
    }
    if Version::parse(text).is_ok() {
        return None;
    }
    let bare = text.trim_start_matches(['v', 'V']);
    if bare.len() < text.len() && Version::parse(bare).is_ok() {
        return Some(format!("Write it without the letter: {bare}."));
    }
    let parts: Vec<&str> = text.split('.').collect();
    let numbers = parts.iter().all(|part| part.parse::<u64>().is_ok());
    if numbers && parts.len() < 3 {
        let whole = [parts.as_slice(), &vec!["0"; 3 - parts.len()]].concat();
        return Some(format!(
            "Version {text} is not complete. Write {}.",
            whole.join(".")
        ));
    }
    Some(format!(
        "{text} is not a version. Write it as 2.5.0 or 2.5.0-ota.3."
    ))
}

impl PublishForm {
    pub(super) fn order(&self, review: &Review) -> Option<PublishOrder> {
        Some(PublishOrder {
            version: self.version.text.trim().to_owned(),
            notes: self.notes.trim().to_owned(),
            min_binary_version: self.binary.text.trim().to_owned(),
            channel: review.channel.clone(),
            key: self.key.clone()?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_wrong_with_a_version_is_said_with_what_to_write() {
        assert_eq!(version_problem("2.5.0"), None);
        assert_eq!(version_problem(" 2.5.0-ota.3 "), None);
        let problem = |text| version_problem(text).unwrap();
        assert_eq!(problem("2.5"), "Version 2.5 is not complete. Write 2.5.0.");
        assert_eq!(problem("7"), "Version 7 is not complete. Write 7.0.0.");
        assert_eq!(problem("v2.5.0"), "Write it without the letter: 2.5.0.");
        assert!(problem("").contains("2.5.0"));
        assert!(problem("2.05.0").contains("is not a version"));
        assert!(problem("latest").contains("is not a version"));
    }
}
