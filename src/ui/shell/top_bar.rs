//! The top bar: the page, the connection, the role.

use egui::{
    CornerRadius, CursorIcon, Frame, Margin, Popup, Response, Role, Sense, Stroke, StrokeKind, Ui,
    WidgetInfo, vec2,
};

use super::{hairline, server_name};
use crate::model::{Action, Link, Model, Page, Publish, words};
use crate::ui::style::menu_shadow;
use crate::ui::theme::radius;
use crate::ui::widgets::{Strip, label_line, menu_item, paint_focus_ring, row, trailing};
use crate::ui::{Font, Icon, Tokens, icons};

/// Title at the left, connection and role at the right.
pub(super) fn top_bar_ui(ui: &mut Ui, model: &Model, narrow: bool, actions: &mut Vec<Action>) {
    let rect = ui.max_rect();
    hairline(ui, rect.x_range(), rect.bottom() - 0.5);
    let tokens = Tokens::of(ui);
    let margin = Margin {
        left: if narrow { 16 } else { 20 },
        right: if narrow { 12 } else { 16 },
        top: 0,
        bottom: 1,
    };
    Frame::new().inner_margin(margin).show(ui, |ui| {
        let height = rect.height() - 1.0;
        row(ui, height, 10.0, |ui| {
            label_line(ui, Font::Section, tokens.tx_primary, model.page().title());
            let subtitle = subtitle(model);
            if !subtitle.is_empty() {
                let room = (ui.available_width() - 320.0).max(60.0);
                ui.scope(|ui| {
                    ui.set_max_width(room);
                    label_line(ui, Font::Small, tokens.tx_tertiary, subtitle);
                });
            }
            trailing(ui, height, if narrow { 10.0 } else { 16.0 }, |ui| {
                let pill = connection_ui(ui, model, narrow);
                connection_menu(ui, &pill, model, actions);
                role_ui(ui, model, narrow);
            });
        });
    });
}

/// The one line that sums up the page.
fn subtitle(model: &Model) -> String {
    if model.is_stale() {
        return model.overview.fetched_at().map_or_else(String::new, |at| {
            format!("as of {}, {}", words::clock(at), words::ago(at, model.now))
        });
    }
    match (model.page(), model.overview.latest()) {
        (Page::Channels, Some(overview)) => {
            let channels = overview.channels.len();
            let live = overview
                .channels
                .iter()
                .filter(|channel| channel.live.is_some());
            let paused = overview
                .channels
                .iter()
                .filter(|channel| channel.paused)
                .count();
            let live = live.count();
            match paused {
                0 => format!("{channels} channels · {live} live"),
                _ => format!("{channels} channels · {live} live · {paused} paused"),
            }
        }
        (Page::Publish, _) => match &model.publish {
            Publish::Review(review) => format!(
                "{} · nothing has left this computer yet",
                review.build.path.display()
            ),
            _ => String::new(),
        },
        (Page::Keys, _) => match model.keys.all().count() {
            // A keyring that is closed does not say how many it holds.
            0 if model.keys.is_waiting() || model.keys.keyring.fault().is_some() => String::new(),
            1 => "1 key on this computer".to_owned(),
            count => format!("{count} keys on this computer"),
        },
        _ => String::new(),
    }
}

/// How the server is doing, as a button that opens a menu.
fn connection_ui(ui: &mut Ui, model: &Model, narrow: bool) -> Response {
    let tokens = Tokens::of(ui);
    let (icon, color, state, outline, fill): (Icon, _, String, _, _) = match &model.link {
        Link::Up(connected) => (
            icons::PLUGS_CONNECTED.fill(),
            tokens.go,
            if narrow {
                "Connected".to_owned()
            } else {
                format!("Connected · {} ms", connected.latency_ms)
            },
            tokens.st_default,
            tokens.bg_card,
        ),
        Link::Down { .. } if model.is_refused() => (
            icons::IDENTIFICATION_BADGE.fill(),
            tokens.caution,
            "Token refused".to_owned(),
            tokens.caution_st,
            tokens.caution_bg,
        ),
        Link::Down { .. } => (
            icons::CLOUD_SLASH.fill(),
            tokens.stop,
            "Unreachable".to_owned(),
            tokens.stop_st,
            tokens.stop_bg,
        ),
        Link::Starting | Link::FirstRun { .. } => (
            icons::PLUGS,
            tokens.tx_secondary,
            "Connecting…".to_owned(),
            tokens.st_default,
            tokens.bg_card,
        ),
    };
    let down = model.is_stale();
    let name = server_name(model);
    let text = |font: Font, text: &str| {
        let galley = ui
            .painter()
            .layout_no_wrap(text.to_owned(), font.id(), tokens.tx_primary);
        galley.size().x
    };
    let width = 10.0
        + 16.0
        + 8.0
        + text(Font::SmallStrong, &name)
        + 8.0
        + text(Font::Small, &state)
        + 8.0
        + 14.0
        + 9.0;
    let (rect, response) = ui.allocate_exact_size(vec2(width.ceil(), 28.0), Sense::click());
    let spoken = format!("Server {name}: {state}");
    response.widget_info(|| WidgetInfo::labeled(Role::Button, true, &spoken));
    let fill = if response.hovered() && !down {
        tokens.bg_hover
    } else {
        fill
    };
    ui.painter().rect(
        rect,
        CornerRadius::same(radius::MD),
        fill,
        Stroke::new(1.0, outline),
        StrokeKind::Inside,
    );
    let mut strip = Strip::new(ui, rect);
    strip.space_right(9.0);
    strip.icon_right(icons::CARET_DOWN, 14.0, tokens.tx_secondary);
    strip.space_right(4.0);
    strip.space(10.0);
    strip.icon(icon, 16.0, color);
    strip.space(8.0);
    strip.text(Font::SmallStrong, tokens.tx_primary, &name);
    strip.space(8.0);
    let state_color = if down { color } else { tokens.tx_secondary };
    strip.text(Font::Small, state_color, &state);
    paint_focus_ring(ui, &response, rect, radius::MD, 1.0);
    response.on_hover_cursor(CursorIcon::PointingHand)
}

fn connection_menu(ui: &Ui, pill: &Response, model: &Model, actions: &mut Vec<Action>) {
    let tokens = Tokens::of(ui);
    let frame = Frame::new()
        .fill(tokens.bg_raised)
        .stroke(Stroke::new(1.0, tokens.st_default))
        .corner_radius(CornerRadius::same(radius::LG))
        .shadow(menu_shadow(tokens))
        .inner_margin(Margin::same(4));
    let width = (pill.rect.width() - 10.0).max(220.0);
    Popup::menu(pill)
        .frame(frame)
        .gap(4.0)
        .width(width)
        .accessible_name("Server")
        .show(|ui| {
            ui.set_width(width);
            ui.spacing_mut().item_spacing.y = 0.0;
            if menu_item(ui, Some(icons::ARROWS_CLOCKWISE), "Refresh now", "F5", None).clicked() {
                actions.push(Action::Refresh);
            }
            if let Link::Up(connected) = &model.link
                && menu_item(ui, Some(icons::COPY), "Copy address", "", None).clicked()
            {
                actions.push(Action::Copy {
                    text: connected.url.clone(),
                    what: "server address".to_owned(),
                });
            }
            if menu_item(ui, Some(icons::GEAR_SIX), "Server settings", "", None).clicked() {
                actions.push(Action::Go(Page::Settings));
            }
        });
}

/// What the token may do.
fn role_ui(ui: &mut Ui, model: &Model, narrow: bool) {
    let Some(session) = model.session() else {
        return;
    };
    let tokens = Tokens::of(ui);
    let role = session.role.label();
    let text = if narrow { "" } else { role };
    let galley =
        ui.painter()
            .layout_no_wrap(text.to_owned(), Font::SmallStrong.id(), tokens.tx_primary);
    let width = if narrow {
        30.0
    } else {
        11.0 + 16.0 + 8.0 + galley.size().x + 11.0
    };
    let (rect, response) = ui.allocate_exact_size(vec2(width.ceil(), 28.0), Sense::hover());
    let name = format!("Your role: {role}");
    response.widget_info(|| WidgetInfo::labeled(Role::Label, true, &name));
    ui.painter().rect(
        rect,
        CornerRadius::same(radius::MD),
        tokens.bg_card,
        Stroke::new(1.0, tokens.st_default),
        StrokeKind::Inside,
    );
    let mut strip = Strip::new(ui, rect);
    strip.space(if narrow { 7.0 } else { 11.0 });
    strip.icon(icons::IDENTIFICATION_BADGE, 16.0, tokens.tx_secondary);
    strip.space(8.0);
    strip.text(Font::SmallStrong, tokens.tx_primary, text);
    let until = session.expires_at.map_or_else(
        || "This token does not expire".to_owned(),
        |at| format!("Until {}", words::exact(at)),
    );
    response.on_hover_text(format!("{role}, as {}\n{until}", session.operator));
}
