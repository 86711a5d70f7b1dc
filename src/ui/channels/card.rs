//! One channel as a card: what it offers, how it stands to its neighbours, what can be done.

use egui::{EventFilter, Key, Modifiers, Rect, Role, Sense, Ui, Vec2, WidgetInfo, pos2, vec2};
use ota_api::{ChannelState, LiveRelease};

use super::{empty, facts, paint_card};
use crate::model::{Action, Model, words};
use crate::ui::place::{place, place_one};
use crate::ui::theme::{is_stale, radius};
use crate::ui::widgets::{Button, Strip, paint_focus_ring, row, skeleton, tag, trailing};
use crate::ui::{Font, Tokens, icons};

const LIVE: f32 = 80.0;
const STATE: f32 = 124.0;
const FOOTER: f32 = 48.0;
/// All cards are equally high, so that nothing jumps when a release comes.
pub(super) const HEIGHT: f32 = LIVE + STATE + FOOTER;
const PAD: f32 = 14.0;
/// At least this much stands between the two buttons of a card.
const BETWEEN: f32 = 4.0;

/// The card of the channel at `index`.
pub(super) fn card_ui(
    ui: &mut Ui,
    rect: Rect,
    model: &Model,
    index: usize,
    actions: &mut Vec<Action>,
) {
    let Some(channel) = model
        .overview
        .latest()
        .and_then(|overview| overview.channels.get(index))
    else {
        return;
    };
    paint_card(ui, rect);
    group_ui(ui, rect, model, channel, actions);
    place_one(ui, rect, channel.name.as_str(), |ui| {
        ui.set_clip_rect(rect.intersect(ui.clip_rect()));
        ui.spacing_mut().item_spacing = Vec2::ZERO;
        match &channel.live {
            Some(live) => {
                live_ui(ui, rect.with_max_y(rect.top() + LIVE), model, live);
                let middle = Rect::from_min_size(
                    pos2(rect.left(), rect.top() + LIVE),
                    vec2(rect.width(), STATE),
                );
                divider(ui, middle);
                state_ui(ui, middle, model, index, channel, live);
                let footer = rect.with_min_y(middle.bottom());
                divider(ui, footer);
                footer_ui(ui, footer, model, channel, actions);
            }
            None => empty::empty_ui(ui, rect, model, index, actions),
        }
    });
}

/// The card as one thing: arrows go to its neighbours, R and M act on it.
pub(super) fn group_ui(
    ui: &Ui,
    rect: Rect,
    model: &Model,
    channel: &ChannelState,
    actions: &mut Vec<Action>,
) {
    let id = id(channel);
    let response = ui.interact(rect, id, Sense::focusable_noninteractive());
    let spoken = facts::spoken(channel, is_stale(ui));
    response.widget_info(|| WidgetInfo::labeled(Role::Group, true, &spoken));
    paint_focus_ring(ui, &response, rect, radius::LG, 0.0);
    if !response.has_focus() {
        return;
    }
    let arrows = EventFilter {
        horizontal_arrows: true,
        vertical_arrows: true,
        ..EventFilter::default()
    };
    ui.memory_mut(|memory| memory.set_focus_lock_filter(id, arrows));
    let pressed = |key| ui.input_mut(|input| input.consume_key(Modifiers::NONE, key));
    if pressed(Key::R) && facts::cannot_roll_back(model, channel).is_none() {
        actions.push(Action::AskRollBack(channel.name.clone()));
    }
    let has_next = model.next_channel(&channel.name).is_some();
    if pressed(Key::M) && has_next && facts::cannot_promote(model, channel).is_none() {
        actions.push(Action::AskPromote(channel.name.clone()));
    }
    let channels = model
        .overview
        .latest()
        .map(|overview| overview.channels.as_slice())
        .unwrap_or_default();
    let step = if pressed(Key::ArrowRight) || pressed(Key::ArrowDown) {
        1
    } else if pressed(Key::ArrowLeft) || pressed(Key::ArrowUp) {
        -1
    } else {
        return;
    };
    let place = channels.iter().position(|other| other.name == channel.name);
    let next = place
        .and_then(|place| place.checked_add_signed(step))
        .and_then(|place| channels.get(place));
    if let Some(next) = next {
        ui.memory_mut(|memory| memory.request_focus(self::id(next)));
    }
}

/// The same wherever the card is drawn, so that its neighbours can name it.
fn id(channel: &ChannelState) -> egui::Id {
    egui::Id::unique(("channel card", channel.name.as_str()))
}

fn divider(ui: &Ui, rect: Rect) {
    let color = Tokens::of(ui).st_subtle;
    let stroke = egui::Stroke::new(1.0, color);
    let x = (rect.left() + 1.0)..=(rect.right() - 1.0);
    ui.painter().hline(x, rect.top() + 0.5, stroke);
}

fn live_ui(ui: &mut Ui, rect: Rect, model: &Model, live: &LiveRelease) {
    let tokens = Tokens::of(ui);
    let inner = rect.shrink2(vec2(PAD, 0.0));
    let mut first = Strip::new(ui, inner).at(rect.top() + 12.0, 16.0);
    first.text_right(
        Font::Small,
        tokens.tx_tertiary,
        &words::ago(live.since, model.now),
    );
    first.space_right(8.0);
    first.text(Font::Small, tokens.tx_tertiary, "Live");
    let since = Rect::from_min_max(
        pos2(inner.center().x, rect.top() + 8.0),
        pos2(inner.right(), rect.top() + 28.0),
    );
    let id = ui.scope_id().with("since");
    ui.interact(since, id, Sense::hover())
        .on_hover_text(words::exact(live.since));
    let second = Rect::from_min_size(
        pos2(inner.left(), rect.top() + 30.0),
        vec2(inner.width(), 22.0),
    );
    place(ui, second, |ui| {
        row(ui, 22.0, 8.0, |ui| {
            let room = ui.available_width() - 56.0;
            ui.scope(|ui| {
                ui.set_max_width(room);
                let text = facts::version(live);
                crate::ui::widgets::label_line(ui, Font::Version, tokens.tx_primary, text);
            });
            tag(ui, &live.sequence.to_string());
        })
    });
    let third = Rect::from_min_size(
        pos2(inner.left(), rect.top() + 54.0),
        vec2(inner.width(), 16.0),
    );
    let by = place(ui, third, |ui| {
        crate::ui::widgets::label_line(ui, Font::Small, tokens.tx_tertiary, facts::by(live))
    });
    if let Some(reason) = &live.reason {
        by.on_hover_text(reason);
    }
}

fn state_ui(
    ui: &Ui,
    rect: Rect,
    model: &Model,
    index: usize,
    channel: &ChannelState,
    live: &LiveRelease,
) {
    let tokens = Tokens::of(ui);
    let inner = rect.shrink2(vec2(PAD, 0.0));
    let line = |y: f32| Strip::new(ui, inner).at(rect.top() + y, 18.0);
    let neighbours = facts::neighbours(model, index);
    let mut first = line(12.0);
    let (title, text) = if channel.paused {
        first.icon(icons::PAUSE_CIRCLE.fill(), 14.0, tokens.caution);
        (
            "Paused",
            "Devices that check are offered nothing".to_owned(),
        )
    } else {
        first.icon(icons::CHECK, 14.0, tokens.tx_secondary);
        (
            "No rollout in progress",
            format!("Every device that checks is offered {}", live.sequence),
        )
    };
    first.space(6.0);
    first.text(Font::BodyStrong, tokens.tx_primary, title);
    line(32.0).text(Font::Small, tokens.tx_tertiary, &text);
    let spoken = format!("{title}. {text}. {}", neighbours.join(". "));
    let response = ui.interact(rect, ui.scope_id().with("state"), Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::Label, true, &spoken));
    for (index, text) in neighbours.iter().enumerate() {
        let mut line = line(60.0 + index as f32 * 20.0);
        line.icon(icons::GIT_COMMIT, 14.0, tokens.tx_secondary);
        line.space(6.0);
        line.text(Font::Small, tokens.tx_secondary, text);
    }
}

fn footer_ui(
    ui: &mut Ui,
    rect: Rect,
    model: &Model,
    channel: &ChannelState,
    actions: &mut Vec<Action>,
) {
    let inner = rect.shrink2(vec2(PAD, 1.0));
    place(ui, inner, |ui| {
        row(ui, inner.height(), 4.0, |ui| {
            promote_button(ui, model, channel, actions);
            trailing(ui, inner.height(), 8.0, |ui| {
                roll_back_button(ui, model, channel, 0.0, actions);
            });
        });
    });
}

/// Promote to the next channel, or the end of the line.
pub(super) fn promote_button(
    ui: &mut Ui,
    model: &Model,
    channel: &ChannelState,
    actions: &mut Vec<Action>,
) {
    let tokens = Tokens::of(ui);
    let Some(next) = model.next_channel(&channel.name) else {
        let (rect, response) = ui.allocate_exact_size(vec2(120.0, 26.0), Sense::hover());
        response.widget_info(|| WidgetInfo::labeled(Role::Label, true, "End of the line"));
        let mut strip = Strip::new(ui, rect);
        strip.icon(icons::FLAG_CHECKERED, 14.0, tokens.tx_tertiary);
        strip.space(6.0);
        strip.text(Font::Small, tokens.tx_tertiary, "End of the line");
        return;
    };
    let label = format!("Promote to {}", next.name);
    let name = format!("Promote {} to {}…", channel.name, next.name);
    let may_not = facts::cannot_promote(model, channel);
    let button = || {
        Button::secondary(&label)
            .card_footer()
            .name(&name)
            .disabled(may_not.as_deref())
    };
    let with_arrow = button().icon_right(icons::ARROW_RIGHT);
    let roll_back = Button::secondary(ROLL_BACK).card_footer().width(ui);
    // A long name leaves no room for the arrow.
    let fits = with_arrow.width(ui) + BETWEEN + roll_back <= ui.available_width();
    let button = if fits { with_arrow } else { button() };
    if button.ui(ui).clicked() {
        actions.push(Action::AskPromote(channel.name.clone()));
    }
}

const ROLL_BACK: &str = "Roll back…";

/// Opens the roll back dialog.
pub(super) fn roll_back_button(
    ui: &mut Ui,
    model: &Model,
    channel: &ChannelState,
    width: f32,
    actions: &mut Vec<Action>,
) {
    let name = format!("Roll back {}…", channel.name);
    let may_not = facts::cannot_roll_back(model, channel);
    let button = Button::secondary(ROLL_BACK)
        .card_footer()
        .min_width(width)
        .name(&name)
        .disabled(may_not.as_deref());
    if button.ui(ui).clicked() {
        actions.push(Action::AskRollBack(channel.name.clone()));
    }
}

/// A card whose channel is not known yet.
pub(super) fn skeleton_ui(ui: &mut Ui, rect: Rect) {
    paint_card(ui, rect);
    let bars = [
        (12.0, vec2(72.0, 10.0)),
        (32.0, vec2(140.0, 18.0)),
        (58.0, vec2(96.0, 10.0)),
        (LIVE + 16.0, vec2(rect.width() - 2.0 * PAD, 10.0)),
        (LIVE + 36.0, vec2(128.0, 10.0)),
        (LIVE + 64.0, vec2(160.0, 10.0)),
    ];
    for (y, size) in bars {
        let bar = Rect::from_min_size(rect.min + vec2(PAD, y), size);
        place(ui, bar, |ui| skeleton(ui, size));
    }
    divider(ui, rect.with_min_y(rect.top() + LIVE));
    divider(ui, rect.with_min_y(rect.bottom() - FOOTER));
}
