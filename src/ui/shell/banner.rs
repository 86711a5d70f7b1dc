//! The banner that stands over everything while the server does not answer, or not with this token.

use egui::Ui;

use super::server_name;
use crate::model::{Action, Dialog, FaultKind, Link, Model, words};
use crate::ui::widgets::{Banner, Button, label_line};
use crate::ui::{Font, Tokens, Tone, icons};

/// Says since when what is shown is old, and what that means for devices.
pub(super) fn stale_banner_ui(ui: &mut Ui, model: &Model, actions: &mut Vec<Action>) {
    let Link::Down {
        fault,
        retry_at,
        trying,
        ..
    } = &model.link
    else {
        return;
    };
    let server = server_name(model);
    let refused = model.is_refused();
    let what = match &fault.kind {
        FaultKind::Unreachable => format!("Can’t reach {server}"),
        FaultKind::Token => format!("{server} no longer accepts your token"),
        _ => format!("{server} does not answer as it should"),
    };
    let (title, text) = match (model.overview.fetched_at(), refused) {
        (Some(at), _) => (
            format!(
                "{what}. Showing what was true {}, at {}",
                words::ago(at, model.now),
                words::clock(at)
            ),
            if refused {
                "Devices keep the release they run. Actions wait until you sign in again"
            } else {
                "Devices keep the release they run. Actions wait until the connection is back"
            },
        ),
        (None, false) => (
            what,
            "Devices keep the release they run. There is nothing to show before the first answer",
        ),
        (None, true) => (
            what,
            "Devices keep the release they run. There is nothing to show before you sign in again",
        ),
    };
    let (tone, icon) = if refused {
        (Tone::Caution, icons::IDENTIFICATION_BADGE.fill())
    } else {
        (Tone::Stop, icons::CLOUD_SLASH.fill())
    };
    let banner = Banner::new(tone, icon, &title).text(text).edge_to_edge();
    banner.ui_with(ui, |ui| {
        if refused {
            if Button::secondary("Sign in again…").ui(ui).clicked() {
                actions.push(Action::AskSignIn);
            }
            return;
        }
        let tokens = Tokens::of(ui);
        let seconds = (*retry_at - model.now).num_seconds().max(0);
        let waiting = if *trying || seconds == 0 {
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
                title: format!("Can’t reach {server}"),
                fault: fault.clone(),
            }));
        }
    });
}
