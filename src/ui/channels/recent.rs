//! What has happened: the newest entries of the activity log.

use egui::{Rect, Role, Sense, Stroke, Ui, WidgetInfo, pos2, vec2};
use ota_api::{ActionKind, ActivityEntry};

use super::paint_card;
use crate::model::{Model, words};
use crate::ui::place::place;
use crate::ui::widgets::{EmptyState, Strip};
use crate::ui::{Font, Icon, Tokens, icons};

const HEAD: f32 = 42.0;
const ROW: f32 = 30.0;
const LEAST_ROWS: f32 = 5.0;
const PAD: f32 = 14.0;

/// A card that fills `room`, at least five rows high.
pub(super) fn recent_ui(ui: &mut Ui, model: &Model, room: f32) {
    let height = room.max(HEAD + LEAST_ROWS * ROW + 8.0);
    let size = vec2(ui.available_width(), height);
    let (rect, _) = ui.allocate_exact_size(size, Sense::hover());
    paint_card(ui, rect);
    let inner = rect.shrink2(vec2(PAD, 0.0));
    let head = Rect::from_min_size(
        pos2(inner.left(), rect.top() + 4.0),
        vec2(inner.width(), HEAD - 8.0),
    );
    place(ui, head, |ui| head_ui(ui, model));
    let Some(entries) = model.recent.latest() else {
        return;
    };
    if entries.is_empty() {
        let below = rect.with_min_y(rect.top() + HEAD + 24.0);
        let state = EmptyState::new(
            icons::CLOCK_COUNTER_CLOCKWISE,
            "Nothing has happened yet",
            "Publishing, promoting and rolling back are kept here.",
        );
        place(ui, below, |ui| state.ui(ui, None));
        return;
    }
    let mut y = rect.top() + HEAD;
    for entry in entries {
        if y + ROW > rect.bottom() - 4.0 {
            break;
        }
        let row = Rect::from_min_size(pos2(rect.left(), y), vec2(rect.width(), ROW));
        entry_ui(ui, row, model, entry);
        y += ROW;
    }
}

fn head_ui(ui: &Ui, model: &Model) {
    let tokens = Tokens::of(ui);
    let rect = ui.max_rect();
    let title = ui.interact(rect, ui.scope_id().with("title"), Sense::hover());
    title.widget_info(|| WidgetInfo::labeled(Role::Heading, true, "Recent events"));
    let mut strip = Strip::new(ui, rect);
    strip.text(Font::CardTitle, tokens.tx_primary, "Recent events");
    strip.space(8.0);
    if let Some(overview) = model.overview.latest() {
        let entries = match overview.activity_head {
            1 => "1 entry".to_owned(),
            count => format!("{} entries", words::count(count)),
        };
        let text = format!("{entries} · all times local");
        strip.text(Font::Small, tokens.tx_tertiary, &text);
    }
}

fn entry_ui(ui: &Ui, rect: Rect, model: &Model, entry: &ActivityEntry) {
    let tokens = Tokens::of(ui);
    let fact = &entry.statement;
    let inner = rect.shrink2(vec2(PAD, 0.0));
    let id = ui.scope_id().with(("entry", fact.entry));
    let response = ui.interact(rect, id, Sense::hover());
    let when = words::short(entry.statement.at, model.now);
    let channel = fact.channel.as_ref().map_or("", |name| name.as_str());
    let spoken = format!("{when}, {}, by {}", fact.summary, fact.by);
    response.widget_info(|| WidgetInfo::labeled(Role::Label, true, &spoken));
    let stroke = Stroke::new(1.0, tokens.st_subtle);
    let x = (rect.left() + 1.0)..=(rect.right() - 1.0);
    ui.painter().hline(x, rect.top() + 0.5, stroke);
    let mut strip = Strip::new(ui, inner);
    strip.text_right(Font::Small, tokens.tx_tertiary, channel);
    strip.space_right(16.0);
    strip.text(Font::Mono, tokens.tx_tertiary, &when);
    strip.left_at(56.0);
    let (icon, color) = look(tokens, fact.action);
    strip.icon(icon, 14.0, color);
    strip.space(8.0);
    strip.text(Font::BodyStrong, tokens.tx_primary, &fact.by);
    strip.space(6.0);
    strip.text(Font::Body, tokens.tx_secondary, &sentence(&fact.summary));
    if let Some(reason) = &fact.reason {
        strip.space(8.0);
        strip.text(Font::Small, tokens.tx_tertiary, reason);
    }
    let when = format!("Entry {}, {}", fact.entry, words::exact(fact.at));
    response.on_hover_text(match &fact.reason {
        Some(reason) => format!("{when}\nReason: {reason}"),
        None => when,
    });
}

/// The newest entry on one line, for a window without room.
pub(super) fn newest_ui(ui: &mut Ui, model: &Model) {
    let Some(entry) = model.recent.latest().and_then(|entries| entries.first()) else {
        return;
    };
    let tokens = Tokens::of(ui);
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), 24.0), Sense::hover());
    let fact = &entry.statement;
    let text = format!(
        "{} {} {}",
        words::short(entry.statement.at, model.now),
        fact.by,
        sentence(&fact.summary)
    );
    response
        .widget_info(|| WidgetInfo::labeled(Role::Label, true, format!("Recent events: {text}")));
    let mut strip = Strip::new(ui, rect);
    strip.space(2.0);
    strip.text(Font::CardTitle, tokens.tx_primary, "Recent events");
    strip.space(8.0);
    let (icon, color) = look(tokens, fact.action);
    strip.icon(icon, 14.0, color);
    strip.space(8.0);
    strip.text(Font::Small, tokens.tx_secondary, &text);
}

/// A summary as the rest of a sentence that begins with who did it.
fn sentence(summary: &str) -> String {
    let mut letters = summary.chars();
    letters.next().map_or_else(String::new, |first| {
        first.to_lowercase().chain(letters).collect()
    })
}

fn look(tokens: &Tokens, action: ActionKind) -> (Icon, egui::Color32) {
    match action {
        ActionKind::Published => (icons::UPLOAD_SIMPLE, tokens.tx_secondary),
        ActionKind::Promoted => (icons::ARROW_RIGHT, tokens.tx_secondary),
        ActionKind::RolledBack | ActionKind::WentBuiltIn => {
            (icons::ARROW_U_UP_LEFT, tokens.caution)
        }
        ActionKind::ReIssued => (icons::ARROWS_CLOCKWISE, tokens.tx_secondary),
        ActionKind::ReleaseReady | ActionKind::InstallerAdded => {
            (icons::SEAL_CHECK.fill(), tokens.go)
        }
        ActionKind::ReleaseRecalled => (icons::PROHIBIT, tokens.stop),
        ActionKind::DraftDiscarded => (icons::TRASH, tokens.tx_secondary),
        ActionKind::ReleaseUpdated => (icons::PENCIL_SIMPLE, tokens.tx_secondary),
        ActionKind::KeyTrusted => (icons::KEY, tokens.tx_secondary),
        ActionKind::AppCreated | ActionKind::ChannelCreated => (icons::PLUS, tokens.tx_secondary),
        ActionKind::AppUpdated | ActionKind::ChannelUpdated => {
            (icons::SLIDERS_HORIZONTAL, tokens.tx_secondary)
        }
    }
}
