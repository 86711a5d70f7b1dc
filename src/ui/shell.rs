//! The window around the pages: rail, top bar, banner, status bar, toasts.

mod banner;
mod rail;
mod status_bar;
mod top_bar;

use std::path::PathBuf;

use egui::{CentralPanel, Context, Frame, Panel, Rangef, Stroke, Ui};

use super::forms::Forms;
use super::theme::stale_scope;
use super::widgets::{Toast, ToastAction, toasts_ui};
use super::{
    Tokens, Tone, channels, connect, dialogs, first_run, icons, keyboard, keys, publish, settings,
};
use crate::model::{Action, Link, Model, Page, Publish, ServerChoice, ToastKind};

/// Below this width the rail shows icons only and the cards become rows.
pub const NARROW: f32 = 1180.0;

const STATUS_BAR: f32 = 26.0;
const RAIL: f32 = 208.0;
const RAIL_NARROW: f32 = 52.0;
const TOP_BAR: f32 = 48.0;
/// The pinned foot of the review, with the button and what stands above it.
const REVIEW_FOOT: f32 = 150.0;

/// Draw the whole window from the model. What the person wishes is pushed to `actions`.
pub fn draw(ui: &mut Ui, model: &Model, forms: &mut Forms, actions: &mut Vec<Action>) {
    forms.follow(model);
    keyboard::read_keys(ui.ctx(), model, actions);
    let ctx = ui.ctx().clone();
    // Screen readers call the window by this name; the title bar is the system's.
    ctx.accesskit_node_builder(egui::accesskit_root_id(), |node| {
        node.set_label("Switchtower");
    });
    if matches!(model.link, Link::FirstRun { .. }) {
        first_run::first_run_ui(ui, model, forms, actions);
    } else {
        window_ui(ui, model, forms, actions);
    }
    dialogs::dialog_ui(&ctx, model, forms, actions);
    dialogs::picking_ui(&ctx, model, actions);
    let hovered: Vec<PathBuf> = ctx.input(|input| {
        let files = input.raw.hovered_files.iter();
        files.filter_map(|file| file.path.clone()).collect()
    });
    publish::drop_overlay_ui(&ctx, model, &hovered);
    toasts(&ctx, model, actions);
}

fn window_ui(ui: &mut Ui, model: &Model, forms: &mut Forms, actions: &mut Vec<Action>) {
    let tokens = Tokens::of(ui);
    let narrow = is_narrow(ui.ctx());
    let side = Frame::new().fill(tokens.bg_rail);
    let main = Frame::new().fill(tokens.bg_panel);
    Panel::bottom("status")
        .exact_size(STATUS_BAR)
        .resizable(false)
        .show_separator_line(false)
        .frame(side)
        .show(ui, |ui| {
            line_above(ui);
            status_bar::status_bar_ui(ui, model, narrow, actions);
        });
    Panel::left("rail")
        .exact_size(if narrow { RAIL_NARROW } else { RAIL })
        .resizable(false)
        .show_separator_line(false)
        .frame(side)
        .show(ui, |ui| rail::rail_ui(ui, model, narrow, actions));
    Panel::top("top")
        .exact_size(TOP_BAR)
        .resizable(false)
        .show_separator_line(false)
        .frame(main)
        .show(ui, |ui| top_bar::top_bar_ui(ui, model, narrow, actions));
    if model.is_stale() {
        Panel::top("stale")
            .resizable(false)
            .show_separator_line(false)
            .frame(main)
            .show(ui, |ui| banner::stale_banner_ui(ui, model, actions));
    }
    CentralPanel::default().frame(main).show(ui, |ui| {
        page_ui(ui, model, forms, actions);
    });
}

fn page_ui(ui: &mut Ui, model: &Model, forms: &mut Forms, actions: &mut Vec<Action>) {
    match model.page() {
        Page::Channels => stale_scope(ui, model.is_stale(), |ui| {
            channels::channels_ui(ui, model, actions);
        }),
        Page::Publish => publish::publish_ui(ui, model, &mut forms.publish, actions),
        Page::Keys => keys::keys_ui(ui, model, &mut forms.keys, actions),
        Page::Connect => connect::connect_ui(ui, model, &mut forms.connect, actions),
        Page::Settings => {
            settings::settings_ui(ui, model, &forms.data_folder, &mut forms.keys, actions);
        }
    }
}

/// Whether the window is too narrow for the layout with the wide rail.
pub fn is_narrow(ctx: &Context) -> bool {
    ctx.content_rect().width() < NARROW
}

/// What the server is called: its host, or this computer.
pub fn server_name(model: &Model) -> String {
    match &model.settings.server {
        Some(ServerChoice::Remote { url }) => host(url),
        Some(ServerChoice::Embedded) | None => "This computer".to_owned(),
    }
}

/// The host of an address, with its port if it names one.
pub(super) fn host(address: &str) -> String {
    let Ok(url) = url::Url::parse(address) else {
        return address.to_owned();
    };
    match (url.host_str(), url.port()) {
        (Some(host), Some(port)) => format!("{host}:{port}"),
        (Some(host), None) => host.to_owned(),
        (None, _) => address.to_owned(),
    }
}

/// What a toast must not cover: the review's last button, at the bottom right.
fn foot(model: &Model) -> f32 {
    let reviewing = model.page() == Page::Publish && matches!(model.publish, Publish::Review(_));
    if reviewing { REVIEW_FOOT } else { 0.0 }
}

fn toasts(ctx: &Context, model: &Model, actions: &mut Vec<Action>) {
    let toasts: Vec<Toast> = model
        .toasts
        .iter()
        .map(|toast| {
            let (tone, icon) = match toast.kind {
                ToastKind::Done => (Tone::Go, icons::CHECK_CIRCLE.fill()),
                ToastKind::Failed => (Tone::Stop, icons::WARNING_OCTAGON.fill()),
            };
            Toast {
                id: toast.id,
                tone,
                icon,
                title: toast.text.clone(),
                detail: toast.detail.clone(),
                link: model
                    .undo
                    .as_ref()
                    .filter(|undo| undo.toast == toast.id)
                    .map(|_| "Undo".to_owned()),
            }
        })
        .collect();
    match toasts_ui(ctx, STATUS_BAR + foot(model), &toasts) {
        Some(ToastAction::Follow(id)) => actions.push(Action::UndoServe(id)),
        Some(ToastAction::Close(id)) => actions.push(Action::CloseToast(id)),
        None => {}
    }
}

fn line_above(ui: &Ui) {
    let rect = ui.max_rect();
    hairline(ui, rect.x_range(), rect.top() + 0.5);
}

fn hairline(ui: &Ui, x: impl Into<Rangef>, y: f32) {
    let stroke = Stroke::new(1.0, Tokens::of(ui).st_subtle);
    ui.painter().hline(x, y, stroke);
}
