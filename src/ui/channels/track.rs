//! The header of a column: signal, name, status, and the track below them.

use egui::{Align, Layout, Rect, Role, Sense, Ui, UiBuilder, WidgetInfo, pos2, vec2};
use ota_api::ChannelState;

use super::{GAP, facts};
use crate::ui::place::place;
use crate::ui::theme::is_stale;
use crate::ui::widgets::{
    Strip, TrackLine, paint_track, paint_track_arrow, paint_track_node, signal, skeleton,
    status_chip,
};
use crate::ui::{Font, Tokens, icons};

/// From the column's left edge to the middle of the signal.
const POST: f32 = 20.0;
/// From the header's lower edge to the track.
const LINE: f32 = 10.0;

/// The header over one card.
pub(super) fn track_ui(ui: &mut Ui, rect: Rect, channel: &ChannelState, last: bool) {
    let tokens = Tokens::of(ui);
    line_ui(ui, rect, last);
    let head = Rect::from_min_size(
        pos2(rect.left() + POST - 7.0, rect.top() + 16.0),
        vec2(14.0, 36.0),
    );
    place(ui, head, |ui| signal(ui, facts::lamp(channel)));
    let title = Rect::from_min_max(
        pos2(rect.left() + 38.0, rect.top() + 24.0),
        pos2(rect.right(), rect.top() + 50.0),
    );
    let response = ui.interact(
        title,
        ui.scope_id().with(("channel", &channel.name)),
        Sense::hover(),
    );
    let name = channel.name.as_str();
    response.widget_info(|| WidgetInfo::labeled(Role::Heading, true, name));
    // The chip comes first, so that a long name ends before it.
    let layout = Layout::right_to_left(Align::Center);
    let builder = UiBuilder::new().max_rect(title).layout(layout);
    let chip = status_chip(&mut ui.new_child(builder), facts::status(channel)).rect;
    let free = title.with_max_x((chip.left() - 8.0).max(title.left()));
    let mut strip = Strip::new(ui, free);
    if channel.protected {
        strip.space_right(22.0);
    }
    let drawn = strip.text(Font::Section, tokens.tx_primary, name);
    if channel.protected {
        let lock = pos2(drawn.right() + 14.0, free.center().y);
        icons::LOCK_SIMPLE.paint(ui.painter(), lock, 14.0, tokens.tx_tertiary);
    }
    if channel.protected && !is_stale(ui) {
        response.on_hover_text("Protected: its name is typed before what it offers changes");
    }
}

/// The track below a header that is still empty.
pub(super) fn skeleton_ui(ui: &mut Ui, rect: Rect, last: bool) {
    line_ui(ui, rect, last);
    let bar = Rect::from_min_size(
        pos2(rect.left() + 38.0, rect.top() + 30.0),
        vec2(96.0, 14.0),
    );
    place(ui, bar, |ui| skeleton(ui, bar.size()));
    let head = Rect::from_min_size(
        pos2(rect.left() + POST - 7.0, rect.top() + 16.0),
        vec2(14.0, 36.0),
    );
    place(ui, head, |ui| signal(ui, None));
}

fn line_ui(ui: &Ui, rect: Rect, last: bool) {
    let tokens = Tokens::of(ui);
    let y = rect.bottom() - LINE;
    let end = if last {
        rect.right()
    } else {
        rect.right() + GAP / 2.0
    };
    paint_track(ui.painter(), tokens, rect.left()..=end, y, TrackLine::Plain);
    if !last {
        let tip = pos2(rect.right() + GAP / 2.0 + 2.0, y);
        paint_track_arrow(ui.painter(), tokens, tip, TrackLine::Plain);
    }
    let node = pos2(rect.left() + POST, y);
    paint_track_node(ui.painter(), tokens, node, tokens.bg_panel);
}
