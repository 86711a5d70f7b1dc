//! Dialogs: header, body, footer, and who has the focus.

use egui::{
    Align, Color32, Context, CornerRadius, Frame, Id, Key, Layout, Margin, Modal, Modifiers, Rect,
    Response, ScrollArea, Sense, Stroke, StrokeKind, Ui, UiBuilder, UiStackInfo, vec2,
};

use super::card::rule;
use super::icon_button;
use super::paint::{row, trailing};
use super::text::{label, label_line};
use crate::ui::style::dialog_shadow;
use crate::ui::theme::radius;
use crate::ui::{Font, Icon, Tokens, Tone, icons};

/// Tags the content of a dialog in the frame in which it appears.
const OPENING: &str = "switchtower-dialog-opening";

const HEADER: f32 = 75.0;
const FOOTER: f32 = 57.0;
/// Kept free around a dialog in a small window.
const MARGIN: f32 = 24.0;

/// A dialog above everything else.
#[must_use = "call `show`"]
pub struct Dialog<'a> {
    id: Id,
    name: &'a str,
    width: f32,
}

/// What happened to a dialog.
pub struct DialogResponse<R> {
    /// What its content returned.
    pub inner: R,
    /// Esc was pressed: take the safe button's way.
    pub escaped: bool,
    /// The scrim was clicked. A dialog that holds typed text ignores it.
    pub scrim_clicked: bool,
    opener: Option<Id>,
    ctx: Context,
}

impl<R> DialogResponse<R> {
    /// Give the focus back to the control that opened the dialog. Call it in the frame that closes it.
    pub fn return_focus(&self) {
        if let Some(opener) = self.opener {
            self.ctx
                .data_mut(|data| data.insert_temp(Id::unique(RETURN_FOCUS), opener));
        }
    }
}

/// Under this id stands the control that gets the focus back.
const RETURN_FOCUS: &str = "switchtower-return-focus";

/// egui keeps the focus above a dialog until the frame after its last, so the focus returns only then.
pub(crate) fn return_pending_focus(ctx: &Context) {
    let id = Id::unique(RETURN_FOCUS);
    let Some(opener) = ctx.data(|data| data.get_temp::<Id>(id)) else {
        return;
    };
    if ctx.memory(|memory| memory.top_modal_layer().is_some()) {
        ctx.request_repaint();
        return;
    }
    ctx.data_mut(|data| data.remove::<Id>(id));
    ctx.memory_mut(|memory| memory.request_focus(opener));
}

/// Under this id stands what the dialog that was in front last remembers.
const LAST: &str = "switchtower-dialog-last";

/// What a dialog remembers while it is open.
#[derive(Clone, Copy)]
struct Memory {
    opened_at: u64,
    last_seen: u64,
    opener: Option<Id>,
}

impl<'a> Dialog<'a> {
    /// A dialog, 560 wide. `name` is read out when it opens.
    pub fn new(id: &'static str, name: &'a str) -> Self {
        Self {
            id: Id::unique(id),
            name,
            width: 560.0,
        }
    }

    /// Another width: 768 for roll back.
    pub const fn width(mut self, width: f32) -> Self {
        self.width = width;
        self
    }

    /// Show it. The focus stays inside while it is open.
    pub fn show<R>(self, ctx: &Context, content: impl FnOnce(&mut Ui) -> R) -> DialogResponse<R> {
        let tokens = Tokens::of_ctx(ctx);
        let memory = self.remember(ctx);
        let opening = memory.opened_at == ctx.cumulative_frame_nr();
        let frame = Frame::new()
            .fill(tokens.bg_card)
            .stroke(Stroke::new(1.0, tokens.st_default))
            .corner_radius(CornerRadius::same(radius::XL))
            .shadow(dialog_shadow(tokens));
        let width = self.width.min(ctx.content_rect().width() - 2.0 * MARGIN);
        let shown = Modal::new(self.id)
            .backdrop_color(tokens.scrim)
            .frame(frame)
            .show(ctx, |ui| {
                let info = UiStackInfo::default();
                let builder = UiBuilder::new()
                    .accessibility_role(egui::Role::Dialog)
                    .accessibility_label(self.name)
                    .ui_stack_info(if opening {
                        info.with_tag(OPENING)
                    } else {
                        info
                    });
                ui.scope_builder(builder, |ui| {
                    ui.set_width(width);
                    ui.spacing_mut().item_spacing.y = 0.0;
                    content(ui)
                })
                .inner
            });
        let escaped = shown.is_top_modal
            && !shown.any_popup_open
            && ctx.input_mut(|input| input.consume_key(Modifiers::NONE, Key::Escape));
        DialogResponse {
            inner: shown.inner,
            escaped,
            scrim_clicked: shown.backdrop_response.clicked(),
            opener: memory.opener,
            ctx: ctx.clone(),
        }
    }

    fn remember(&self, ctx: &Context) -> Memory {
        let frame = ctx.cumulative_frame_nr();
        let last = Id::unique(LAST);
        let before: Option<Memory> = ctx.data(|data| data.get_temp(self.id));
        let memory = match before {
            Some(memory) if memory.last_seen + 1 >= frame => Memory {
                last_seen: frame,
                ..memory
            },
            _ => Memory {
                opened_at: frame,
                last_seen: frame,
                opener: match ctx.data(|data| data.get_temp::<Memory>(last)) {
                    // One dialog follows another: what opened the first is still there afterwards.
                    Some(before) if before.last_seen + 1 >= frame => before.opener,
                    _ => ctx.memory(egui::Memory::focused),
                },
            },
        };
        ctx.data_mut(|data| {
            data.insert_temp(self.id, memory);
            data.insert_temp(last, memory);
        });
        memory
    }
}

/// Focus `response` when the dialog around it opens: the first field, or the safe button.
pub fn focus_on_open(ui: &Ui, response: &Response) {
    if ui.stack().iter().any(|node| node.tags().contains(OPENING)) {
        response.request_focus();
    }
}

/// Icon tile, title, one line below, close button. Returns whether close was pressed.
pub fn dialog_header(ui: &mut Ui, tone: Tone, icon: Icon, title: &str, subtitle: &str) -> bool {
    let tokens = Tokens::of(ui);
    let padding = Margin {
        left: 24,
        right: 24,
        top: 20,
        bottom: 18,
    };
    let close = Frame::new()
        .inner_margin(padding)
        .show(ui, |ui| {
            row(ui, 36.0, 12.0, |ui| {
                icon_tile(ui, tone, icon, 36.0);
                let width = ui.available_width() - 40.0;
                ui.allocate_ui_with_layout(vec2(width, 36.0), Layout::top_down(Align::Min), |ui| {
                    ui.set_width(width);
                    ui.spacing_mut().item_spacing.y = 0.0;
                    if subtitle.is_empty() {
                        ui.add_space(6.0);
                    } else {
                        ui.add_space(-3.0);
                    }
                    label_line(ui, Font::Heading, tokens.tx_primary, title);
                    if !subtitle.is_empty() {
                        label_line(ui, Font::Body, tokens.tx_secondary, subtitle);
                    }
                });
                icon_button(ui, icons::X, &format!("Close {}", title.to_lowercase()))
            })
            .inner
        })
        .inner;
    rule(ui);
    close.clicked()
}

/// A rounded square with an icon in the colours of a tone.
pub(super) fn icon_tile(ui: &mut Ui, tone: Tone, icon: Icon, size: f32) -> Response {
    let colors = Tokens::of(ui).tone(tone);
    let (rect, response) = ui.allocate_exact_size(vec2(size, size), Sense::hover());
    paint_icon_tile(ui, rect, icon, (colors.text, colors.fill, colors.outline));
    response
}

fn paint_icon_tile(
    ui: &Ui,
    rect: Rect,
    icon: Icon,
    (text, fill, outline): (Color32, Color32, Color32),
) {
    ui.painter().rect(
        rect,
        CornerRadius::same(radius::LG),
        fill,
        Stroke::new(1.0, outline),
        StrokeKind::Inside,
    );
    icon.paint(ui.painter(), rect.center(), rect.height() * 0.55, text);
}

/// The padded body. In a low window it scrolls, while header and footer stay.
pub fn dialog_body<R>(ui: &mut Ui, content: impl FnOnce(&mut Ui) -> R) -> R {
    let window = ui.ctx().content_rect().height();
    let most = (window - 2.0 * MARGIN - HEADER - FOOTER).max(120.0);
    ScrollArea::vertical()
        .max_height(most)
        // The layer around it begins low, and would keep it so.
        .min_scrolled_height(most)
        .show(ui, |ui| {
            Frame::new()
                .inner_margin(Margin::symmetric(24, 16))
                .show(ui, |ui| {
                    ui.set_width(ui.available_width());
                    content(ui)
                })
                .inner
        })
        .inner
}

/// A message as a dialog's body: what happened, what is not affected, what to do. `extra` comes below.
pub fn dialog_message<R>(
    ui: &mut Ui,
    (tone, icon): (Tone, Icon),
    title: &str,
    facts: &[(&str, &str)],
    extra: impl FnOnce(&mut Ui) -> R,
) -> R {
    let tokens = Tokens::of(ui);
    dialog_body(ui, |ui| {
        ui.horizontal_top(|ui| {
            ui.spacing_mut().item_spacing.x = 12.0;
            icon_tile(ui, tone, icon, 36.0);
            ui.vertical(|ui| {
                ui.set_width(ui.available_width());
                ui.spacing_mut().item_spacing.y = 8.0;
                label(ui, Font::Section, tokens.tx_primary, title);
                for (key, text) in facts {
                    ui.horizontal_top(|ui| {
                        let width = 90.0;
                        ui.allocate_ui(vec2(width, 16.0), |ui| {
                            ui.set_width(width);
                            label_line(ui, Font::Small, tokens.tx_tertiary, *key);
                        });
                        label(ui, Font::Small, tokens.tx_secondary, *text);
                    });
                }
                extra(ui)
            })
            .inner
        })
        .inner
    })
}

/// The footer: a note at the left, the buttons at the right, the outcome last.
pub fn dialog_footer<R>(ui: &mut Ui, note: &str, buttons: impl FnOnce(&mut Ui) -> R) -> R {
    let tokens = Tokens::of(ui);
    rule(ui);
    let height = FOOTER - 1.0;
    let frame = Frame::new().inner_margin(Margin::symmetric(24, 0));
    frame
        .show(ui, |ui| {
            row(ui, height, 0.0, |ui| {
                let id = ui.unique_id().with("note");
                let known: f32 = ui.data(|data| data.get_temp(id)).unwrap_or(0.0);
                if !note.is_empty() {
                    let room = (ui.available_width() - known - 12.0).max(0.0);
                    ui.allocate_ui(vec2(room, 16.0), |ui| {
                        label_line(ui, Font::Small, tokens.tx_tertiary, note)
                    });
                }
                let shown = trailing(ui, height, 8.0, buttons);
                ui.data_mut(|data| data.insert_temp(id, shown.response.rect.width()));
                shown.inner
            })
            .inner
        })
        .inner
}
