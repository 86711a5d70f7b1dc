//! The banner that stands over everything while the server does not answer.

use egui::Ui;

use super::server_name;
use crate::model::{Action, Dialog, FaultKind, Link, Model, words};
use crate::ui::widgets::{Banner, Button, label_line};
use crate::ui::{Font, Tokens, Tone, icons};

/// Says since when what is shown is old, and what that means for devices.
pub(super) fn stale_banner_ui(ui: &mut Ui, model: &Model, actions: &mut Vec<Action>) {
    let Link::Down {
        fault, retry_at, ..
    } = &model.link
    else {
        return;
    };
    let what = if fault.kind == FaultKind::Unreachable {
        format!("Can’t reach {}", server_name(model))
    } else {
        format!("{} does not answer as it should", server_name(model))
    };
    let (title, text) = match model.overview.fetched_at() {
        Some(at) => (
            format!(
                "{what}. Showing what was true {}, at {}",
                words::ago(at, model.now),
                words::clock(at)
            ),
            "Devices keep the release they run. Actions wait until the connection is back",
        ),
        None => (
            what,
            "Devices keep the release they run. There is nothing to show before the first answer",
        ),
    };
    let seconds = (*retry_at - model.now).num_seconds().max(0);
    let banner = Banner::new(Tone::Stop, icons::CLOUD_SLASH.fill(), &title)
        .text(text)
        .edge_to_edge();
    banner.ui_with(ui, |ui| {
        let tokens = Tokens::of(ui);
        let waiting = if seconds == 0 {
            "Trying now".to_owned()
        } else {
            format!("Trying again in {seconds} s")
        };
        label_line(ui, Font::Small, tokens.tx_tertiary, waiting);
        let again = Button::secondary("Try now").icon(icons::ARROWS_CLOCKWISE);
        if again.ui(ui).clicked() {
            actions.push(Action::TryNow);
        }
        let details = Button::ghost("Details").name("Details of the lost connection");
        if details.ui(ui).clicked() {
            actions.push(Action::Open(Dialog::Message {
                title: format!("Can’t reach {}", server_name(model)),
                fault: fault.clone(),
            }));
        }
    });
}
