//! The Keys page: the signing keys of this computer, and which of them the app trusts.

pub(in crate::ui) mod checkbox;
mod delete;
mod detail;
mod dialogs;
mod keep;
mod list;
mod missing;
mod password;
mod place;
mod transfer;
mod unlock;

use egui::{Rect, Ui, vec2};
use ota_api::TrustedKey;
use ota_keys::{KeyInfo, PublicKey};
use ota_model::KeyId;

pub use dialogs::key_dialog_ui;
pub(super) use place::place_ui;

use super::Tokens;
use super::publish::layout::place;
use crate::model::{Action, KeyRef, Model};
use dialogs::Fields;
use keep::FolderField;

/// What the page remembers of itself: which key is shown, and what is typed in its dialogs.
#[derive(Debug, Clone, Default)]
pub struct KeysForm {
    selected: Option<Selected>,
    fields: Fields,
    folder: FolderField,
}

impl KeysForm {
    /// What was typed in a dialog is forgotten once it is closed, whichever page is shown.
    pub(super) fn follow(&mut self, model: &Model) {
        self.fields.follow(model);
    }
}

/// Which key is shown: one of this computer, or one that the app trusts and that is elsewhere.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Selected {
    Here(KeyRef),
    Elsewhere(KeyId),
}

/// A key of this computer, a key that the app trusts, or both.
#[derive(Clone, Copy)]
struct Entry<'a> {
    here: Option<&'a KeyInfo>,
    trusted: Option<&'a TrustedKey>,
}

impl<'a> Entry<'a> {
    /// The keys of this computer, then those that the app trusts and that are elsewhere.
    fn all(model: &'a Model) -> Vec<Self> {
        let trusted = model
            .overview
            .latest()
            .map_or(&[][..], |overview| overview.keys.as_slice());
        let mut entries: Vec<Self> = model
            .keys
            .all()
            .map(|key| Entry {
                here: Some(key),
                trusted: trusted.iter().find(|known| known.id == key.id),
            })
            .collect();
        entries.sort_by_key(|entry| entry.trusted.is_none());
        let elsewhere = trusted
            .iter()
            .filter(|known| model.keys.all().all(|key| key.id != known.id));
        entries.extend(elsewhere.map(|known| Entry {
            here: None,
            trusted: Some(known),
        }));
        entries
    }

    fn id(&self) -> Option<&'a KeyId> {
        self.here
            .map(|key| &key.id)
            .or_else(|| self.trusted.map(|known| &known.id))
    }

    fn selected(&self) -> Option<Selected> {
        match self.here {
            Some(key) => Some(Selected::Here(KeyRef::from(key))),
            None => self.id().cloned().map(Selected::Elsewhere),
        }
    }

    fn name(&self) -> &'a str {
        match (self.here, self.trusted) {
            (Some(key), _) => key.name.as_str(),
            (None, Some(known)) => &known.name,
            (None, None) => "",
        }
    }

    fn public(&self) -> Option<PublicKey> {
        match (self.here, self.trusted) {
            (Some(key), _) => Some(key.public),
            (None, Some(known)) => known.public_key.parse().ok(),
            (None, None) => None,
        }
    }
}

/// The name of the app that is shown; none before there is one.
fn app_name(model: &Model) -> Option<&str> {
    match model.overview.latest() {
        Some(overview) => Some(&overview.app.name),
        None => model.app().map(ota_model::AppSlug::as_str),
    }
}

const LIST: f32 = 384.0;
const LIST_NARROW: f32 = 320.0;
/// Below this width of the window the list is narrower.
const NARROW: f32 = 1180.0;

fn is_narrow(ui: &Ui) -> bool {
    ui.ctx().content_rect().width() < NARROW
}

/// The page, in the rectangle of `ui`.
pub fn keys_ui(ui: &mut Ui, model: &Model, form: &mut KeysForm, actions: &mut Vec<Action>) {
    form.follow(model);
    let tokens = Tokens::of(ui);
    let whole = ui.max_rect();
    let width = if is_narrow(ui) { LIST_NARROW } else { LIST };
    let (left, right) = whole.split_left_right_at_x(whole.left() + width);
    let edge = Rect::from_min_size(right.min, vec2(1.0, right.height()));
    ui.painter().rect_filled(edge, 0.0, tokens.st_subtle);

    let entries = Entry::all(model);
    let selected = entries
        .iter()
        .find(|entry| entry.selected() == form.selected)
        .or_else(|| entries.first())
        .copied();
    place(ui, left, "keys-list", |ui| {
        list::list_ui(ui, model, &entries, selected, form, actions);
    });
    let right = right.with_min_x(right.left() + 1.0);
    place(ui, right, "keys-detail", |ui| {
        match (selected, model.keys.keyring.fault()) {
            (None, Some(fault)) => missing::fault_ui(ui, fault, actions),
            (None, None) if model.keys.is_waiting() => {}
            (None, None) => missing::empty_ui(ui, actions),
            (Some(entry), _) => detail::detail_ui(ui, model, entry, actions),
        }
    });
}
