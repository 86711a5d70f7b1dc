//! Connect your app: which client systems the app serves, what to paste into it, and whether a device has asked yet.

mod detail;
mod list;
mod seen;
mod switch;

use egui::{Rect, Ui, vec2};
use ota_model::{AppSlug, ChannelName, ClientSystem, KeyId};

use super::publish::layout::place;
use super::theme::stale_scope;
use super::widgets::EmptyState;
use super::{Tokens, icons};
use crate::model::{Action, Model};

/// What the page remembers of itself.
#[derive(Debug, Clone, Default)]
pub struct ConnectForm {
    /// Whose choices these are.
    app: Option<AppSlug>,
    system: Option<ClientSystem>,
    channel: Option<ChannelName>,
    key: Option<KeyId>,
}

impl ConnectForm {
    /// Another app starts with its own choices.
    fn follow(&mut self, model: &Model) {
        if self.app.as_ref() != model.app() {
            *self = Self {
                app: model.app().cloned(),
                ..Self::default()
            };
        }
    }

    /// The system that is shown: the chosen one, else the first that is served.
    fn shown(&self, model: &Model) -> ClientSystem {
        let served = || {
            ClientSystem::ALL
                .into_iter()
                .find(|system| model.serves(*system))
        };
        self.system.or_else(served).unwrap_or(ClientSystem::Hotswap)
    }
}

const LIST: f32 = 384.0;
const LIST_NARROW: f32 = 300.0;

/// The page, in the rectangle of `ui`.
pub fn connect_ui(ui: &mut Ui, model: &Model, form: &mut ConnectForm, actions: &mut Vec<Action>) {
    form.follow(model);
    stale_scope(ui, model.is_stale(), |ui| {
        if model.overview.latest().is_none() {
            waiting_ui(ui, model);
            return;
        }
        let tokens = Tokens::of(ui);
        let whole = ui.max_rect();
        let narrow = super::shell::is_narrow(ui.ctx());
        let width = if narrow { LIST_NARROW } else { LIST };
        let (left, right) = whole.split_left_right_at_x(whole.left() + width);
        let edge = Rect::from_min_size(right.min, vec2(1.0, right.height()));
        ui.painter().rect_filled(edge, 0.0, tokens.st_subtle);
        let shown = form.shown(model);
        place(ui, left, "connect-list", |ui| {
            list::list_ui(ui, model, shown, form, actions);
        });
        let right = right.with_min_x(right.left() + 1.0);
        place(ui, right, "connect-detail", |ui| {
            detail::detail_ui(ui, model, shown, form, actions);
        });
    });
}

/// Nothing is known of the app yet, or there is none.
fn waiting_ui(ui: &mut Ui, model: &Model) {
    let (title, text) = if model.app().is_none() {
        (
            "No app yet",
            "Create an app under Channels. What to put into it then stands here.",
        )
    } else if let Some(fault) = model.overview.fault() {
        ("No answer", fault.message.as_str())
    } else {
        return;
    };
    let rect = ui.max_rect();
    let top = rect.top() + (rect.height() - 160.0).max(0.0) * 0.4;
    place(ui, rect.with_min_y(top), "connect-empty", |ui| {
        EmptyState::new(icons::PLUGS, title, text).ui(ui, None);
    });
}
