//! Keys that come from a file, and keys that go into one.

use std::path::Path;

use egui::{Context, CornerRadius, Sense, Stroke, StrokeKind, Ui, vec2};
use ota_keys::{KeyInfo, Password};

use super::dialogs::{Fields, Frame, frame_ui, name_problem, trust_ui};
use crate::model::{Action, Fault, Model};
use crate::ui::theme::radius;
use crate::ui::widgets::{Button, Strip, TextField, field_label, focus_on_open, label};
use crate::ui::{Font, Tokens, Tone, icons};

/// Shorter passwords can be guessed by whoever has the file.
const LEAST_CHARACTERS: usize = 12;

/// What the model knows of the dialog.
pub(super) struct State<'a> {
    pub(super) path: Option<&'a Path>,
    pub(super) failed: Option<&'a Fault>,
    pub(super) busy: bool,
}

/// The file that was chosen, or the button that chooses one.
fn file_ui(ui: &mut Ui, caption: &str, path: Option<&Path>, choose: &str, busy: bool) -> bool {
    let tokens = Tokens::of(ui);
    field_label(ui, caption, "");
    let reason = busy.then_some("The work has begun");
    let Some(path) = path else {
        let button = Button::secondary(choose).icon(icons::FOLDER_OPEN);
        let response = button.disabled(reason).ui(ui);
        focus_on_open(ui, &response);
        return response.clicked();
    };
    let mut clicked = false;
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = 8.0;
        let width = ui.available_width() - 108.0;
        let (rect, response) = ui.allocate_exact_size(vec2(width, 32.0), Sense::hover());
        let text = path.display().to_string();
        response.widget_info(|| {
            egui::WidgetInfo::labeled(egui::Role::Label, true, format!("{caption}: {text}"))
        });
        ui.painter().rect(
            rect,
            CornerRadius::same(radius::MD),
            tokens.bg_rail,
            Stroke::new(1.0, tokens.st_subtle),
            StrokeKind::Inside,
        );
        let mut strip = Strip::new(ui, rect);
        strip.space(11.0);
        strip.space_right(8.0);
        strip.icon(icons::FILE, 14.0, tokens.tx_secondary);
        strip.space(8.0);
        strip.text(Font::Mono, tokens.tx_primary, &text);
        response.on_hover_text(&text);
        let name = format!("Choose another: {caption}");
        let other = Button::secondary("Change…").name(&name).min_width(100.0);
        clicked = other.disabled(reason).ui(ui).clicked();
    });
    clicked
}

/// Import a key file.
pub(super) fn import_ui(
    ctx: &Context,
    model: &Model,
    fields: &mut Fields,
    state: &State<'_>,
    actions: &mut Vec<Action>,
) {
    propose_name(fields, state.path);
    let problem = name_problem(model, &fields.name, None);
    let reason = match (state.busy, state.path) {
        (true, _) => Some("The key is being imported"),
        (false, None) => Some("Choose the key file first"),
        (false, Some(_)) => problem.as_deref(),
    };
    let outcome = match (state.busy, fields.name.is_empty()) {
        (true, _) => "Opening the key…".to_owned(),
        (false, true) => "Import the key".to_owned(),
        (false, false) => format!("Import {}", fields.name),
    };
    let frame = Frame {
        id: "import-key",
        tone: Tone::Go,
        icon: icons::DOWNLOAD_SIMPLE,
        title: "Import a key",
        subtitle: "A minisign or Tauri key file, or a backup",
        note: "The file itself is not changed.",
        stay: "Not now",
        outcome: Button::primary(&outcome).icon(icons::DOWNLOAD_SIMPLE),
        reason,
        shortcut: true,
    };
    let ordered = frame_ui(ctx, frame, state.failed, actions, |ui, actions| {
        if file_ui(ui, "Key file", state.path, "Choose a key file…", state.busy) {
            actions.push(Action::ChooseKeyFile);
        }
        ui.add_space(14.0);
        let shown = problem.as_deref().filter(|_| state.path.is_some());
        let name = TextField::new("Name").hint("only you see it");
        let name = name.error(shown).enabled(!state.busy);
        if name.ui(ui, &mut fields.name).changed() {
            fields.name_edited = true;
        }
        ui.add_space(14.0);
        TextField::new("Password of the file")
            .hint("empty if it has none")
            .enabled(!state.busy)
            .password(&mut fields.reveal)
            .ui(ui, &mut fields.password);
        ui.add_space(14.0);
        trust_ui(ui, model, fields);
    });
    if ordered && let Some(path) = state.path {
        let password = Some(fields.password.as_str()).filter(|text| !text.is_empty());
        actions.push(Action::ImportKey {
            path: path.to_owned(),
            name: fields.name.clone(),
            password: password.map(Password::new),
            trust: fields.trust,
        });
    }
}

/// The file's name without its ending, unless a name was typed.
fn propose_name(fields: &mut Fields, path: Option<&Path>) {
    if fields.name_edited || fields.proposed.as_deref() == path {
        return;
    }
    fields.proposed = path.map(Path::to_owned);
    fields.name = path
        .and_then(Path::file_stem)
        .map_or_else(String::new, |stem| stem.to_string_lossy().into_owned());
}

/// What is wrong with a new password, below its two fields.
fn password_problems(first: &str, second: &str) -> (Option<String>, Option<&'static str>) {
    let length = first.chars().count();
    let short = (length < LEAST_CHARACTERS).then(|| {
        format!("Use at least {LEAST_CHARACTERS} characters: whoever has the file can try for as long as they like.")
    });
    let differs = (first != second).then_some("The two passwords are not the same.");
    (short, differs)
}

/// Back a key up.
pub(super) fn back_up_ui(
    ctx: &Context,
    key: &KeyInfo,
    fields: &mut Fields,
    state: &State<'_>,
    actions: &mut Vec<Action>,
) {
    let name = key.name.as_str();
    let (short, differs) = password_problems(&fields.password, &fields.repeated);
    let reason = if state.busy {
        Some("The backup is being written")
    } else if state.path.is_none() {
        Some("Choose where it goes first")
    } else if fields.password.is_empty() {
        Some("Choose a password for it")
    } else if short.is_some() {
        Some("Use a longer password")
    } else {
        differs
    };
    // What is wrong with a password that is being typed stands below its field.
    let missing = state.path.is_none() || fields.password.is_empty();
    let note = reason.filter(|_| missing || state.busy).unwrap_or("");
    let title = format!("Back up {name}");
    let outcome = if state.busy {
        "Writing and checking…"
    } else {
        title.as_str()
    };
    let frame = Frame {
        id: "back-up-key",
        tone: Tone::Go,
        icon: icons::FLOPPY_DISK,
        title: &title,
        subtitle: "An encrypted copy that minisign can open too",
        note,
        stay: "Not now",
        outcome: Button::primary(outcome).icon(icons::FLOPPY_DISK),
        reason,
        shortcut: true,
    };
    let ordered = frame_ui(ctx, frame, state.failed, actions, |ui, actions| {
        if file_ui(ui, "File", state.path, "Choose where it goes…", state.busy) {
            actions.push(Action::ChooseBackUpFile {
                name: name.to_owned(),
            });
        }
        ui.add_space(14.0);
        passwords_ui(ui, fields, state.busy, short.as_deref(), differs);
        ui.add_space(14.0);
        label(
            ui,
            Font::Small,
            Tokens::of(ui).tx_secondary,
            "The copy is written, restored with this password, and used to sign and verify. Only then the key counts as \
             backed up. Keep the file and the password apart from this computer, and apart from each other.",
        );
    });
    if ordered && let Some(path) = state.path {
        actions.push(Action::BackUpKey {
            name: name.to_owned(),
            path: path.to_owned(),
            password: Password::new(fields.password.as_str()),
        });
    }
}

fn passwords_ui(
    ui: &mut Ui,
    fields: &mut Fields,
    busy: bool,
    short: Option<&str>,
    differs: Option<&'static str>,
) {
    let typed = !fields.password.is_empty();
    let help = format!(
        "At least {LEAST_CHARACTERS} characters; a few words that do not belong together are good."
    );
    let good = format!("{} characters", fields.password.chars().count());
    TextField::new("New password")
        .enabled(!busy)
        .error(short.filter(|_| typed))
        .valid(typed && short.is_none())
        .help(if typed && short.is_none() {
            &good
        } else {
            &help
        })
        .password(&mut fields.reveal)
        .ui(ui, &mut fields.password);
    ui.add_space(14.0);
    let repeated = !fields.repeated.is_empty();
    let mut hidden = fields.reveal;
    TextField::new("The same password again")
        .enabled(!busy)
        .error(differs.filter(|_| repeated))
        .valid(typed && short.is_none() && differs.is_none())
        .password(&mut hidden)
        .ui(ui, &mut fields.repeated);
    fields.reveal = hidden;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_password_is_long_and_typed_twice_alike() {
        let good = "correct horse battery";
        assert_eq!(password_problems(good, good), (None, None));
        assert!(password_problems("short", "short").0.is_some());
        assert!(password_problems(good, "correct horse").1.is_some());
        // Characters count, not bytes.
        assert!(password_problems("éééééé", "éééééé").0.is_some());
    }

    #[test]
    fn the_file_proposes_a_name_until_one_is_typed() {
        let mut fields = Fields::default();
        propose_name(&mut fields, Some(Path::new("/keys/tidepool-old.key")));
        assert_eq!(fields.name, "tidepool-old");
        fields.name = "mine".to_owned();
        fields.name_edited = true;
        propose_name(&mut fields, Some(Path::new("/keys/other.key")));
        assert_eq!(fields.name, "mine");
    }
}
