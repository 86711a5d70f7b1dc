//! The channels as rows, for a window too narrow for four cards.

use egui::{Frame, Margin, Rect, Role, ScrollArea, Sense, Ui, Vec2, WidgetInfo, pos2, vec2};
use ota_api::{ChannelState, LiveRelease};

use super::{card, empty, facts, paint_card, recent};
use crate::model::{Action, Model, words};
use crate::ui::place::{place, place_one};
use crate::ui::widgets::{Button, Strip, signal, skeleton, status_chip};
use crate::ui::{Font, Tokens, icons};

const ROW: f32 = 108.0;
const GAP: f32 = 8.0;
const BUTTONS: f32 = 156.0;

/// One row per channel, the newest event below.
pub(super) fn rows_ui(
    ui: &mut Ui,
    model: &Model,
    channels: &[ChannelState],
    actions: &mut Vec<Action>,
) {
    let page = ui.max_rect();
    scroll(ui, |ui| {
        for (index, channel) in channels.iter().enumerate() {
            let size = vec2(ui.available_width(), ROW);
            let (rect, _) = ui.allocate_exact_size(size, Sense::hover());
            row_ui(ui, rect, model, index, channel, actions);
            ui.add_space(GAP);
        }
        ui.add_space(4.0);
        let room = page.bottom() - 12.0 - ui.cursor().top();
        if room < 200.0 {
            recent::newest_ui(ui, model);
        } else {
            recent::recent_ui(ui, model, room);
        }
    });
}

/// Rows of grey bars.
pub(super) fn skeleton_ui(ui: &mut Ui) {
    for _ in 0..4 {
        let size = vec2(ui.available_width(), ROW);
        let (rect, _) = ui.allocate_exact_size(size, Sense::hover());
        paint_card(ui, rect);
        for (x, y, width) in [
            (36.0, 30.0, 90.0),
            (36.0, 56.0, 60.0),
            (172.0, 30.0, 110.0),
            (322.0, 30.0, 180.0),
        ] {
            let bar = Rect::from_min_size(rect.min + vec2(x, y), vec2(width, 12.0));
            place(ui, bar, |ui| skeleton(ui, bar.size()));
        }
        ui.add_space(GAP);
    }
}

fn scroll(ui: &mut Ui, content: impl FnOnce(&mut Ui)) {
    ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
        let margin = Margin {
            left: 16,
            right: 12,
            top: 12,
            bottom: 12,
        };
        Frame::new().inner_margin(margin).show(ui, |ui| {
            ui.spacing_mut().item_spacing = Vec2::ZERO;
            content(ui);
        });
    });
}

fn row_ui(
    ui: &mut Ui,
    rect: Rect,
    model: &Model,
    index: usize,
    channel: &ChannelState,
    actions: &mut Vec<Action>,
) {
    paint_card(ui, rect);
    card::group_ui(ui, rect, model, channel, actions);
    place_one(ui, rect, channel.name.as_str(), |ui| {
        head_ui(ui, rect, channel);
        let middle = Rect::from_min_max(
            pos2(rect.left() + 172.0, rect.top()),
            pos2(rect.right() - BUTTONS - 24.0, rect.bottom()),
        );
        if let Some(live) = &channel.live {
            live_ui(ui, middle, model, index, channel, live);
        } else {
            let tokens = Tokens::of(ui);
            let text = "Devices show what their binary shipped with";
            let mut strip = Strip::new(ui, middle);
            strip.text(Font::Small, tokens.tx_tertiary, text);
        }
        let right = Rect::from_min_max(
            pos2(rect.right() - BUTTONS - 12.0, rect.top()),
            pos2(rect.right() - 12.0, rect.bottom()),
        );
        buttons_ui(ui, right, model, index, channel, actions);
    });
}

fn head_ui(ui: &mut Ui, rect: Rect, channel: &ChannelState) {
    let tokens = Tokens::of(ui);
    let head = Rect::from_min_size(
        pos2(rect.left() + 12.0, rect.center().y - 13.0),
        vec2(14.0, 26.0),
    );
    place(ui, head, |ui| {
        // The head alone: a row has no track for the post to stand on.
        ui.set_clip_rect(head.intersect(ui.clip_rect()));
        signal(ui, facts::lamp(channel))
    });
    let top = rect.center().y - 24.0;
    let mut name = Strip::new(ui, rect).at(top, 20.0);
    name.left_at(36.0);
    name.right_at(rect.width() - 160.0);
    name.text(Font::Section, tokens.tx_primary, channel.name.as_str());
    if channel.protected {
        name.space(6.0);
        name.icon(icons::LOCK_SIMPLE, 14.0, tokens.tx_tertiary);
    }
    let chip = Rect::from_min_size(pos2(rect.left() + 35.0, top + 26.0), vec2(130.0, 20.0));
    place(ui, chip, |ui| status_chip(ui, facts::status(channel)));
}

fn live_ui(
    ui: &Ui,
    rect: Rect,
    model: &Model,
    index: usize,
    channel: &ChannelState,
    live: &LiveRelease,
) {
    let tokens = Tokens::of(ui);
    let split = 150.0_f32.max(rect.width() * 0.32);
    let left = rect.with_max_x(rect.left() + split - 8.0);
    let top = rect.center().y - 26.0;
    let line = |rect: Rect, y: f32| Strip::new(ui, rect).at(top + y, 18.0);
    line(left, 0.0).text(Font::Small, tokens.tx_tertiary, "Live");
    line(left, 17.0).text(Font::MonoField, tokens.tx_primary, &facts::version(live));
    let ago = words::ago(live.since, model.now);
    let mut third = line(left, 35.0);
    third.text(Font::Mono, tokens.tx_secondary, &live.sequence.to_string());
    third.text(Font::Small, tokens.tx_tertiary, &format!(" · {ago}"));

    let right = rect.with_min_x(rect.left() + split);
    let neighbours = facts::neighbours(model, index);
    let lines = 1 + neighbours.len();
    let top = rect.center().y - lines as f32 * 9.0;
    let mut first = Strip::new(ui, right).at(top, 18.0);
    let title = if channel.paused {
        first.icon(icons::PAUSE_CIRCLE.fill(), 14.0, tokens.caution);
        "Paused: offers nothing"
    } else {
        first.icon(icons::CHECK, 14.0, tokens.tx_secondary);
        "No rollout in progress"
    };
    first.space(6.0);
    first.text(Font::Body, tokens.tx_primary, title);
    let by = facts::by(live);
    let spoken = format!("{title}, since {ago}, {by}. {}", neighbours.join(". "));
    let response = ui.interact(rect, ui.scope_id().with("live"), Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::Label, true, &spoken));
    for (place, text) in neighbours.iter().enumerate() {
        let y = top + (place + 1) as f32 * 18.0;
        let mut line = Strip::new(ui, right).at(y, 18.0);
        line.space(20.0);
        line.text(Font::Small, tokens.tx_tertiary, text);
    }
}

fn buttons_ui(
    ui: &mut Ui,
    rect: Rect,
    model: &Model,
    index: usize,
    channel: &ChannelState,
    actions: &mut Vec<Action>,
) {
    let two = channel.live.is_some() && model.next_channel(&channel.name).is_some();
    let height = if two { 26.0 * 2.0 + 6.0 } else { 26.0 };
    let column = Rect::from_center_size(rect.center(), vec2(rect.width(), height));
    place(ui, column, |ui| {
        ui.spacing_mut().item_spacing.y = 6.0;
        if channel.live.is_none() {
            remedy_ui(ui, model, index, channel, actions);
            return;
        }
        if let Some(next) = model.next_channel(&channel.name) {
            let label = format!("Promote to {}", next.name);
            let name = format!("Promote {} to {}…", channel.name, next.name);
            let may_not = facts::cannot_promote(model, channel);
            let button = Button::secondary(&label)
                .card_footer()
                .min_width(BUTTONS)
                .name(&name)
                .disabled(may_not.as_deref());
            if button.ui(ui).clicked() {
                actions.push(Action::AskPromote(channel.name.clone()));
            }
        }
        card::roll_back_button(ui, model, channel, BUTTONS, actions);
    });
}

fn remedy_ui(
    ui: &mut Ui,
    model: &Model,
    index: usize,
    channel: &ChannelState,
    actions: &mut Vec<Action>,
) {
    let name = &channel.name;
    match empty::remedy(model, index) {
        empty::Remedy::Promote(before) => {
            let spoken = format!("Promote {} to {name}…", before.name);
            let label = format!("Promote from {}", before.name);
            let may_not = facts::cannot_promote(model, before);
            let button = Button::secondary(&label)
                .card_footer()
                .min_width(BUTTONS)
                .name(&spoken)
                .disabled(may_not.as_deref());
            if button.ui(ui).clicked() {
                actions.push(Action::AskPromote(before.name.clone()));
            }
        }
        empty::Remedy::Choose => {
            let spoken = format!("Choose a build for {name}…");
            let may_not = model.cannot_choose();
            let button = Button::secondary("Choose build…")
                .card_footer()
                .min_width(BUTTONS)
                .name(&spoken)
                .disabled(may_not.as_deref());
            if button.ui(ui).clicked() {
                actions.push(Action::ChooseChannel(name.clone()));
                actions.push(Action::ChooseBuild);
            }
        }
        empty::Remedy::Wait(_) => {}
    }
}
