//! The Publish page: a build is chosen, reviewed, signed and published.

mod checks;
mod done;
mod drop;
mod files;
mod form;
pub(in crate::ui) mod idle;
pub(in crate::ui) mod layout;
mod review;
mod running;
mod summary;
mod tree;
mod verdict;

use std::collections::BTreeMap;

use egui::{Align, Layout, Rect, Ui, UiBuilder, pos2, vec2};
use ota_bundle::CheckId;
use ota_model::ChannelName;

pub use drop::drop_overlay_ui;

use super::Tokens;
use super::theme::space;
use super::widgets::{rule, steps_bar, trailing};
use crate::model::{Action, KeyRef, Model, Publish, RequestId};
use layout::place;
use tree::{Filter, Tree};

/// What the page remembers of itself: what was typed, and what is open.
#[derive(Debug, Clone, Default)]
pub struct PublishForm {
    /// The reading that the fields belong to; another build starts with fresh ones.
    build: Option<RequestId>,
    version: Proposed,
    binary: Proposed,
    notes: String,
    key: Option<KeyRef>,
    /// What was typed to unlock a protected channel, and which.
    typed: String,
    typed_for: Option<ChannelName>,
    filter: Filter,
    /// Folders that the person opened or closed.
    folders: BTreeMap<String, bool>,
    selected: Option<String>,
    focus_selected: bool,
    tree: Tree,
    all_checks: bool,
    /// The check whose places are shown.
    places_of: Option<(CheckId, String)>,
    log_closed: bool,
    /// The path of a build, as far as it is written.
    path: String,
}

/// A field that is filled in until somebody types.
#[derive(Debug, Clone, Default)]
struct Proposed {
    text: String,
    edited: bool,
}

/// The steps above the page.
const STEPS: [&str; 4] = ["Choose build", "Review", "Sign & publish", "Live"];
const TOOLBAR: f32 = 48.0;
const SIDE: f32 = 372.0;
/// Below this width of the window the side panel moves under what it stands beside.
const NARROW: f32 = 1180.0;

/// The page, in the rectangle of `ui`.
pub fn publish_ui(ui: &mut Ui, model: &Model, form: &mut PublishForm, actions: &mut Vec<Action>) {
    match &model.publish {
        Publish::Idle => {
            let rest = toolbar_ui(ui, 0, |_| ());
            place(ui, rest, "idle", |ui| {
                idle::idle_ui(ui, model, form, actions);
            });
        }
        Publish::Reading(reading) => {
            let rest = toolbar_ui(ui, 0, |_| ());
            place(ui, rest, "reading", |ui| {
                idle::reading_ui(ui, reading, actions);
            });
        }
        Publish::Unreadable { path, fault } => {
            let rest = toolbar_ui(ui, 0, |_| ());
            place(ui, rest, "unreadable", |ui| {
                idle::unreadable_ui(ui, model, form, (path, fault), actions);
            });
        }
        Publish::Review(review) => {
            // It led here.
            form.path.clear();
            review::review_ui(ui, model, review, form, actions);
        }
        Publish::Running(running) => running::running_ui(ui, model, running, form, actions),
        Publish::Done(done) => done::done_ui(ui, model, done, actions),
    }
}

/// The bar with the steps, and `buttons` at its right end. Returns what is left below.
fn toolbar_ui(ui: &mut Ui, step: usize, buttons: impl FnOnce(&mut Ui)) -> Rect {
    let whole = ui.max_rect();
    let bar = Rect::from_min_size(whole.min, vec2(whole.width(), TOOLBAR - 1.0));
    let builder = UiBuilder::new()
        .id_salt("publish-toolbar")
        .max_rect(bar.with_min_x(bar.left() + space::S5))
        .layout(Layout::left_to_right(Align::Center));
    ui.scope_builder(builder, |ui| {
        steps_bar(ui, &STEPS, step);
        trailing(ui, TOOLBAR - 1.0, 8.0, |ui| {
            buttons(ui);
            ui.add_space(8.0);
        });
    });
    let line = Rect::from_min_max(
        pos2(whole.left(), bar.bottom()),
        pos2(whole.right(), bar.bottom() + 1.0),
    );
    place(ui, line, "publish-toolbar-rule", |ui| {
        rule(ui);
    });
    whole.with_min_y(line.bottom())
}

/// Whether the side panel has no room beside the rest.
fn is_narrow(ui: &Ui) -> bool {
    ui.ctx().content_rect().width() < NARROW
}

/// Splits off the panel at the right and paints its surface.
fn side_panel(ui: &Ui, rect: Rect) -> (Rect, Rect) {
    let tokens = Tokens::of(ui);
    let side = rect.with_min_x(rect.right() - SIDE);
    ui.painter().rect_filled(side, 0.0, tokens.bg_rail);
    let edge = Rect::from_min_size(side.min, vec2(1.0, side.height()));
    ui.painter().rect_filled(edge, 0.0, tokens.st_subtle);
    (rect.with_max_x(side.left()), side)
}
