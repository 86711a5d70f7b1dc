//! Making an app.

use std::collections::BTreeSet;

use egui::{Context, Ui};
use ota_client::connect::what_it_updates;
use ota_model::{AppSlug, ClientSystem, Systems};

use super::words_of;
use crate::model::{Action, Fault};
use crate::ui::keys::checkbox::checkbox;
use crate::ui::widgets::{
    Banner, Button, Dialog, TextField, dialog_body, dialog_footer, dialog_header, field_label,
    focus_on_open,
};
use crate::ui::{Tone, icons};

/// What is typed in the dialog that makes an app.
pub struct CreateAppForm {
    name: String,
    slug: String,
    /// The slug follows the name until it is typed itself.
    slug_typed: bool,
    serves: BTreeSet<ClientSystem>,
}

impl Default for CreateAppForm {
    fn default() -> Self {
        Self {
            name: String::new(),
            slug: String::new(),
            slug_typed: false,
            serves: Systems::default().serves,
        }
    }
}

/// The dialog.
pub(super) fn create_app_ui(
    ctx: &Context,
    failed: Option<&Fault>,
    form: &mut CreateAppForm,
    actions: &mut Vec<Action>,
) {
    let mut close = false;
    let shown = Dialog::new("create-app", "Create an app").show(ctx, |ui| {
        let subtitle = "It gets the channels hotfix, staging, beta and production";
        close |= dialog_header(ui, Tone::Idle, icons::APP_WINDOW, "Create an app", subtitle);
        let wrong = (!form.slug.is_empty())
            .then(|| AppSlug::parse(&form.slug).err())
            .flatten()
            .map(|error| error.to_string());
        dialog_body(ui, |ui| {
            if let Some(fault) = failed {
                let (message, hint) = words_of(fault);
                Banner::new(Tone::Stop, icons::WARNING_OCTAGON.fill(), &message)
                    .text(&hint)
                    .ui(ui);
                ui.add_space(12.0);
            }
            let name = TextField::new("Name")
                .hint("for people")
                .placeholder("Tidepool");
            let response = name.ui(ui, &mut form.name);
            focus_on_open(ui, &response);
            if response.changed() && !form.slug_typed {
                form.slug = slug_of(&form.name);
            }
            ui.add_space(12.0);
            let slug = TextField::new("Slug")
                .hint("in the addresses that devices ask")
                .mono()
                .placeholder("tidepool")
                .error(wrong.as_deref())
                .help("It cannot be changed later: devices know the app by it");
            if slug.ui(ui, &mut form.slug).changed() {
                form.slug_typed = !form.slug.is_empty();
            }
            ui.add_space(12.0);
            serves_ui(ui, &mut form.serves);
            ui.add_space(4.0);
        });
        dialog_footer(ui, "", |ui| {
            close |= Button::secondary("Not now").keycap("Esc").ui(ui).clicked();
            let name = form.name.trim();
            let label = if name.is_empty() {
                "Create the app".to_owned()
            } else {
                format!("Create {name}")
            };
            let missing = if name.is_empty() {
                Some("Give it a name first")
            } else if form.slug.is_empty() {
                Some("Give it a slug first")
            } else {
                wrong.as_deref()
            };
            if Button::primary(&label).disabled(missing).ui(ui).clicked() {
                actions.push(Action::CreateApp {
                    slug: form.slug.clone(),
                    name: name.to_owned(),
                    serves: form.serves.clone(),
                });
            }
        });
    });
    if close || shown.escaped {
        shown.return_focus();
        actions.push(Action::CloseDialog);
    }
}

/// Which client systems the app serves.
fn serves_ui(ui: &mut Ui, serves: &mut BTreeSet<ClientSystem>) {
    field_label(ui, "Updates", "can be changed at any time");
    ui.add_space(2.0);
    for system in ClientSystem::ALL {
        let mut chosen = serves.contains(&system);
        checkbox(
            ui,
            &mut chosen,
            system.label(),
            what_it_updates(system),
            None,
        );
        if chosen {
            serves.insert(system);
        } else {
            serves.remove(&system);
        }
    }
}

/// A name as a slug: lowercase letters, digits, single hyphens.
fn slug_of(name: &str) -> String {
    let mut slug = String::new();
    for letter in name.chars().flat_map(char::to_lowercase) {
        if letter.is_ascii_alphanumeric() {
            slug.push(letter);
        } else if !slug.is_empty() && !slug.ends_with('-') {
            slug.push('-');
        }
    }
    slug.truncate(40);
    slug.trim_end_matches('-').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slug_follows_the_name() {
        for (name, slug) in [
            ("Tidepool", "tidepool"),
            ("Tide Pool  2", "tide-pool-2"),
            (" Über-App! ", "ber-app"),
            ("", ""),
        ] {
            assert_eq!(slug_of(name), slug);
        }
    }
}
