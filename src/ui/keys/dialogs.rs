//! The dialogs about keys: a new one, another name, and which of them is in front.

use std::path::PathBuf;

use egui::{Context, Key, Modifiers, Ui};
use ota_keys::{KeyInfo, KeyName};

use super::checkbox::checkbox;
use super::keep::{self, KeepFields};
use super::password::Typed;
use super::{KeysForm, app_name, delete, transfer, unlock};
use crate::model::{Action, Dialog, Fault, KeyPlace, KeyRef, Model};
use crate::ui::publish::idle::sentence;
use crate::ui::widgets::{
    self, Banner, Button, TextField, dialog_body, dialog_footer, dialog_header, focus_on_open,
    label,
};
use crate::ui::{Font, Icon, Tokens, Tone, icons};

/// What is typed in a dialog. Emptied when it closes; passwords are wiped.
#[derive(Clone, Default)]
pub(super) struct Fields {
    /// Which dialog they belong to.
    of: Option<String>,
    pub(super) name: String,
    pub(super) name_edited: bool,
    /// The password of a file that is there.
    pub(super) password: Typed,
    pub(super) remember: bool,
    /// How a new key is kept.
    pub(super) keep: KeepFields,
    pub(super) trust: bool,
    pub(super) typed: String,
    /// The file's path, chosen or written.
    pub(super) path: String,
    /// The file that was chosen last.
    pub(super) chosen: Option<PathBuf>,
    /// The file whose name was proposed.
    pub(super) proposed: Option<PathBuf>,
}

// Passwords are never shown, in logs neither.
impl std::fmt::Debug for Fields {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Fields")
            .field("of", &self.of)
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}

impl Fields {
    /// Keep what is typed as long as the same dialog is open.
    pub(super) fn follow(&mut self, model: &Model) {
        let of = tag(model.dialog.as_ref());
        if self.of == of {
            return;
        }
        // Passwords are overwritten as they are dropped.
        *self = Self::default();
        self.keep.place = model.keys.place(model.settings.new_keys);
        self.trust = app_name(model).is_some() && model.cannot_administer().is_none();
        match &model.dialog {
            Some(Dialog::NewKey { .. }) => self.name = free_name(model),
            Some(Dialog::RenameKey { key, .. }) => self.name = key.name.to_string(),
            _ => {}
        }
        self.of = of;
    }
}

/// Which dialog about keys is open, and about which key.
fn tag(dialog: Option<&Dialog>) -> Option<String> {
    match dialog? {
        Dialog::NewKey { .. } => Some("new".to_owned()),
        Dialog::ImportKey { .. } => Some("import".to_owned()),
        Dialog::BackUpKey { key, .. } => Some(format!("back up {}", key.id)),
        Dialog::RenameKey { key, .. } => Some(format!("rename {}", key.id)),
        Dialog::DeleteKey { key, .. } => Some(format!("delete {}", key.id)),
        Dialog::Unlock(unlock) => Some(format!("unlock {}", unlock.key.name)),
        _ => None,
    }
}

/// The dialog about keys, if one is open. What was typed is forgotten by [`super::keys_ui`] once its dialog is closed.
pub fn key_dialog_ui(ctx: &Context, model: &Model, form: &mut KeysForm, actions: &mut Vec<Action>) {
    let fields = &mut form.fields;
    fields.follow(model);
    match &model.dialog {
        Some(Dialog::NewKey { failed, busy }) => {
            new_key_ui(ctx, model, fields, failed.as_ref(), *busy, actions);
        }
        Some(Dialog::ImportKey { path, failed, busy }) => {
            let state = transfer::State {
                path: path.as_deref(),
                failed: failed.as_ref(),
                busy: *busy,
            };
            transfer::import_ui(ctx, model, fields, &state, actions);
        }
        Some(Dialog::BackUpKey {
            key,
            path,
            failed,
            busy,
        }) => {
            let state = transfer::State {
                path: path.as_deref(),
                failed: failed.as_ref(),
                busy: *busy,
            };
            transfer::back_up_ui(ctx, model, key, fields, &state, actions);
        }
        Some(Dialog::RenameKey { key, failed }) => {
            rename_ui(ctx, model, fields, key, failed.as_ref(), actions);
        }
        Some(Dialog::DeleteKey {
            key,
            trusted_by,
            failed,
        }) => delete::delete_ui(ctx, fields, key, trusted_by, failed.as_ref(), actions),
        Some(Dialog::Unlock(unlock)) => unlock::unlock_ui(ctx, model, unlock, fields, actions),
        _ => {}
    }
}

/// What the head and the foot of a dialog say.
pub(super) struct Frame<'a> {
    pub(super) id: &'static str,
    pub(super) tone: Tone,
    pub(super) icon: Icon,
    pub(super) title: &'a str,
    pub(super) subtitle: &'a str,
    pub(super) note: &'a str,
    /// The safe button.
    pub(super) stay: &'a str,
    /// What the last button says and looks like.
    pub(super) outcome: Button<'a>,
    /// Why it cannot be pressed.
    pub(super) reason: Option<&'a str>,
    /// Whether Ctrl+Enter presses it. Never for what cannot be undone.
    pub(super) shortcut: bool,
}

/// A dialog about keys. Returns whether its outcome was ordered.
pub(super) fn frame_ui(
    ctx: &Context,
    frame: Frame<'_>,
    failed: Option<&Fault>,
    actions: &mut Vec<Action>,
    body: impl FnOnce(&mut Ui, &mut Vec<Action>),
) -> bool {
    let ordered = frame.shortcut
        && frame.reason.is_none()
        && ctx.input_mut(|input| input.consume_key(Modifiers::COMMAND, Key::Enter));
    let shown = widgets::Dialog::new(frame.id, frame.title).show(ctx, |ui| {
        let mut close = dialog_header(ui, frame.tone, frame.icon, frame.title, frame.subtitle);
        dialog_body(ui, |ui| {
            ui.spacing_mut().item_spacing.y = 0.0;
            if let Some(fault) = failed {
                Banner::new(Tone::Stop, icons::WARNING_OCTAGON.fill(), &fault.message)
                    .text(&sentence(fault.hint.as_deref().unwrap_or("")))
                    .ui(ui);
                ui.add_space(14.0);
            }
            body(ui, actions);
        });
        let pressed = dialog_footer(ui, frame.note, |ui| {
            close |= Button::secondary(frame.stay).keycap("Esc").ui(ui).clicked();
            frame.outcome.disabled(frame.reason).ui(ui).clicked()
        });
        (close, pressed)
    });
    let (close, pressed) = shown.inner;
    if close || shown.escaped {
        shown.return_focus();
        actions.push(Action::CloseDialog);
    }
    (ordered || pressed) && !close
}

/// A name for a key of the app that no key has yet.
fn free_name(model: &Model) -> String {
    let base = model
        .app()
        .map_or_else(|| "release".to_owned(), |app| format!("{app}-prod"));
    let mut name = base.clone();
    let mut number = 2;
    while name_problem(model, &name, None).is_some() && number < 100 {
        name = format!("{base}-{number}");
        number += 1;
    }
    name
}

/// What is wrong with a name, in a sentence. `own` is the name that the key has now.
pub(super) fn name_problem(model: &Model, text: &str, own: Option<&KeyName>) -> Option<String> {
    let name = match KeyName::parse(text) {
        Ok(name) => name,
        Err(_) if text.is_empty() => return Some("Give the key a name.".to_owned()),
        Err(error) => return Some(format!("{error}.")),
    };
    model
        .keys
        .all()
        .filter(|key| Some(&key.name) != own)
        .find(|key| key.name.clashes_with(&name))
        .map(|key| format!("There is already a key named {}.", key.name))
}

/// "Let Tidepool trust it."
pub(super) fn trust_ui(ui: &mut Ui, model: &Model, fields: &mut Fields) {
    let Some(app) = app_name(model) else {
        return;
    };
    let text = format!("Let {app} trust it");
    let help = "The server then takes releases that it signs.";
    let cannot = model.cannot_administer();
    checkbox(ui, &mut fields.trust, &text, help, cannot.as_deref());
}

fn new_key_ui(
    ctx: &Context,
    model: &Model,
    fields: &mut Fields,
    failed: Option<&Fault>,
    busy: bool,
    actions: &mut Vec<Action>,
) {
    let problem = name_problem(model, &fields.name, None);
    let outcome = if busy {
        "Making the key…".to_owned()
    } else {
        format!("Make {}", fields.name)
    };
    let reason = if busy {
        Some("The key is being made")
    } else {
        problem.as_deref().or_else(|| keep::problem(model, fields))
    };
    let subtitle = match fields.keep.place {
        KeyPlace::Keyring => "Ed25519, made on this computer and kept in its keyring",
        KeyPlace::File => "Ed25519, made on this computer and kept in a file",
    };
    let frame = Frame {
        id: "new-key",
        tone: Tone::Go,
        icon: icons::KEY.fill(),
        title: "New signing key",
        subtitle,
        note: keep::note(fields),
        stay: "Not now",
        outcome: Button::primary(&outcome).icon(icons::PLUS),
        reason,
        shortcut: true,
    };
    let ordered = frame_ui(ctx, frame, failed, actions, |ui, actions| {
        let field = TextField::new("Name").hint("only you see it");
        let response = field
            .error(problem.as_deref())
            .enabled(!busy)
            .ui(ui, &mut fields.name);
        focus_on_open(ui, &response);
        ui.add_space(14.0);
        keep::keep_ui(ui, model, fields, (busy, false), actions);
        ui.add_space(14.0);
        trust_ui(ui, model, fields);
        ui.add_space(14.0);
        label(
            ui,
            Font::Small,
            Tokens::of(ui).tx_secondary,
            "Devices take updates only from the key that is built into their binary. Back the key up right after: \
             whoever loses it cannot update these binaries any more.",
        );
    });
    if ordered {
        let keep = keep::order(model, fields, actions);
        actions.push(Action::GenerateKey {
            name: fields.name.clone(),
            keep,
            trust: fields.trust,
        });
    }
}

fn rename_ui(
    ctx: &Context,
    model: &Model,
    fields: &mut Fields,
    key: &KeyInfo,
    failed: Option<&Fault>,
    actions: &mut Vec<Action>,
) {
    let from = key.name.as_str();
    let problem = name_problem(model, &fields.name, Some(&key.name));
    let same = (fields.name == from).then_some("It has this name already");
    let title = format!("Rename {from}");
    let outcome = format!("Rename to {}", fields.name);
    let frame = Frame {
        id: "rename-key",
        tone: Tone::Idle,
        icon: icons::PENCIL_SIMPLE,
        title: &title,
        subtitle: "Signatures and apps are not affected: they know the key by its id",
        note: "",
        stay: "Keep the name",
        outcome: Button::primary(&outcome),
        reason: problem.as_deref().or(same),
        shortcut: true,
    };
    let ordered = frame_ui(ctx, frame, failed, actions, |ui, _| {
        let response = TextField::new("New name")
            .error(problem.as_deref())
            .ui(ui, &mut fields.name);
        focus_on_open(ui, &response);
    });
    if ordered {
        actions.push(Action::RenameKey {
            key: KeyRef::from(key),
            to: fields.name.clone(),
        });
    }
}
