//! Toasts: what just happened, bottom right. Whoever owns the list decides when one leaves.

use egui::accesskit::Live;
use egui::{
    Align, Align2, Area, Context, CornerRadius, Frame, Id, Layout, Margin, Order, Role, Stroke, Ui,
    UiBuilder, vec2,
};

use super::text::label;
use super::{Button, link};
use crate::ui::style::menu_shadow;
use crate::ui::theme::radius;
use crate::ui::{Font, Icon, Tokens, Tone, icons};

/// One toast.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Toast {
    /// Tells it from the others.
    pub id: u64,
    /// Its colour.
    pub tone: Tone,
    /// Its icon.
    pub icon: Icon,
    /// The sentence.
    pub title: String,
    /// The small line below.
    pub detail: String,
    /// The word of its one link.
    pub link: Option<String>,
}

/// What was pressed on a toast.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ToastAction {
    /// Its link.
    Follow(u64),
    /// Its cross.
    Close(u64),
}

/// How many are shown at once.
const MOST: usize = 3;
const WIDTH: f32 = 360.0;

/// Show the newest three, newest lowest, `above` points over the lower edge of the window.
pub fn toasts_ui(ctx: &Context, above: f32, toasts: &[Toast]) -> Option<ToastAction> {
    if toasts.is_empty() {
        return None;
    }
    let newest = toasts.len().saturating_sub(MOST);
    Area::new(Id::unique("toasts"))
        .order(Order::Foreground)
        .anchor(Align2::RIGHT_BOTTOM, vec2(-16.0, -16.0 - above))
        .show(ctx, |ui| {
            ui.spacing_mut().item_spacing.y = 8.0;
            toasts
                .iter()
                .skip(newest)
                .filter_map(|toast| ui.push_id(toast.id, |ui| toast_ui(ui, toast)).inner)
                .last()
        })
        .inner
}

/// One toast, 360 wide.
pub fn toast_ui(ui: &mut Ui, toast: &Toast) -> Option<ToastAction> {
    let tokens = Tokens::of(ui);
    let builder = UiBuilder::new()
        .accessibility_role(if toast.tone == Tone::Stop {
            Role::Alert
        } else {
            Role::Status
        })
        .accessibility_label(format!("{}. {}", toast.title, toast.detail));
    let shown = ui.scope_builder(builder, |ui| {
        Frame::new()
            .fill(tokens.bg_raised)
            .stroke(Stroke::new(1.0, tokens.st_default))
            .corner_radius(CornerRadius::same(radius::LG))
            .shadow(menu_shadow(tokens))
            .inner_margin(Margin::symmetric(12, 9))
            .show(ui, |ui| {
                ui.set_width(WIDTH - 26.0);
                content(ui, toast)
            })
            .inner
    });
    // What went wrong interrupts a screen reader; the rest waits for the end of the sentence.
    let live = if toast.tone == Tone::Stop {
        Live::Assertive
    } else {
        Live::Polite
    };
    ui.ctx()
        .accesskit_node_builder(shown.response.id, |node| node.set_live(live));
    shown.inner
}

fn content(ui: &mut Ui, toast: &Toast) -> Option<ToastAction> {
    let tokens = Tokens::of(ui);
    let mut action = None;
    ui.horizontal_top(|ui| {
        ui.spacing_mut().item_spacing = vec2(8.0, 0.0);
        let (rect, _) = ui.allocate_exact_size(vec2(16.0, 18.0), egui::Sense::hover());
        let color = tokens.tone(toast.tone).text;
        toast.icon.paint(ui.painter(), rect.center(), 14.0, color);
        let room = if toast.link.is_some() { 96.0 } else { 32.0 };
        let width = ui.available_width() - room;
        ui.allocate_ui(vec2(width, 34.0), |ui| {
            ui.vertical(|ui| {
                ui.set_width(width);
                label(
                    ui,
                    Font::BodyStrong,
                    tokens.tx_primary,
                    toast.title.as_str(),
                );
                if !toast.detail.is_empty() {
                    label(ui, Font::Small, tokens.tx_tertiary, toast.detail.as_str());
                }
            });
        });
        // The cross is higher than the line that it stands in.
        let place = ui.available_rect_before_wrap().translate(vec2(0.0, -3.0));
        let builder = UiBuilder::new()
            .max_rect(place)
            .layout(Layout::left_to_right(Align::Min));
        super::trailing(&mut ui.new_child(builder), 24.0, 4.0, |ui| {
            if let Some(word) = &toast.link
                && link(ui, word).clicked()
            {
                action = Some(ToastAction::Follow(toast.id));
            }
            let name = format!("Close the message {}", toast.title);
            let close = Button::ghost("").small().icon(icons::X).name(&name);
            if close.ui(ui).clicked() {
                action = Some(ToastAction::Close(toast.id));
            }
        });
    });
    action
}
