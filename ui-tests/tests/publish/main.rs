//! The Publish page: what can be done, by label, and how it looks.

mod files;
#[cfg(test)]
mod fixtures;
mod form;
mod pictures;
#[path = "../support/mod.rs"]
mod support;
#[cfg(test)]
#[path = "../tidepool/mod.rs"]
mod tidepool;
mod way;

use egui::{Theme, Vec2};
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use egui_kittest::{Harness, Node};
use switchtower::model::{Action, Model};
use switchtower::ui::publish::{PublishForm, publish_ui};

use support::{harness, whole_window};
use tidepool::page;

/// The page with its model, and what was wished for. Wishes are not applied.
pub(crate) struct Page {
    pub(crate) model: Model,
    form: PublishForm,
    pub(crate) actions: Vec<Action>,
}

impl Page {
    pub(crate) fn new(model: Model) -> Self {
        Self {
            model,
            form: PublishForm::default(),
            actions: Vec::new(),
        }
    }
}

fn draw(ui: &mut egui::Ui, state: &mut Page) {
    whole_window(ui, |ui| {
        page(ui, |ui| {
            publish_ui(ui, &state.model, &mut state.form, &mut state.actions);
        });
    });
}

/// The page in a window.
pub(crate) fn window(
    size: impl Into<Vec2>,
    theme: Theme,
    pictures: bool,
    model: Model,
) -> Harness<'static, Page> {
    let builder = harness(size, theme);
    let builder = if pictures { builder.wgpu() } else { builder };
    builder.build_ui_state(draw, Page::new(model))
}

pub(crate) const WIDE: [f32; 2] = [1440.0, 900.0];

pub(crate) fn open(model: Model) -> Harness<'static, Page> {
    let mut harness = window(WIDE, Theme::Dark, false, model);
    harness.run();
    harness
}

pub(crate) fn publish_button<'a>(
    harness: &'a Harness<'static, Page>,
    channel: &'a str,
) -> Node<'a> {
    harness.get_by(move |node| {
        node.label()
            .is_some_and(|label| label.strip_prefix("Sign & publish to ") == Some(channel))
    })
}

pub(crate) fn reason(node: &Node<'_>) -> Option<String> {
    assert!(node.accesskit_node().is_disabled());
    node.accesskit_node()
        .data()
        .description()
        .map(str::to_owned)
}
