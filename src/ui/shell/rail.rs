//! The rail: which app, which page, who one is.

use egui::{
    Align2, CornerRadius, CursorIcon, Frame, Margin, Popup, Rect, Response, Role, Sense, Stroke,
    StrokeKind, Ui, UiBuilder, Vec2, WidgetInfo, pos2, vec2,
};

use super::{RAIL_NARROW, TOP_BAR, hairline};
use crate::model::{Action, Dialog, Model, Page};
use crate::ui::style::menu_shadow;
use crate::ui::theme::radius;
use crate::ui::widgets::{NavItem, Strip, menu_item, menu_rule, paint_focus_ring};
use crate::ui::{Font, Icon, Tokens, icons};

/// The rail, with icons alone when it is narrow.
pub(super) fn rail_ui(ui: &mut Ui, model: &Model, narrow: bool, actions: &mut Vec<Action>) {
    let rect = ui.max_rect();
    let stroke = Stroke::new(1.0, Tokens::of(ui).st_subtle);
    ui.painter()
        .vline(rect.right() - 0.5, rect.y_range(), stroke);
    ui.spacing_mut().item_spacing = Vec2::ZERO;
    switcher_ui(ui, model, narrow, actions);
    hairline(ui, rect.x_range(), rect.top() + TOP_BAR - 0.5);
    let margin = Margin {
        left: 8,
        right: 8,
        top: 8,
        bottom: 0,
    };
    Frame::new().inner_margin(margin).show(ui, |ui| {
        ui.spacing_mut().item_spacing.y = if narrow { 4.0 } else { 2.0 };
        for (page, key) in Page::ALL.into_iter().zip(["1", "2", "3", "4", "5"]) {
            if page == Page::Connect && model.app().is_none() {
                continue;
            }
            let item = NavItem::new(icon(page), page.title(), key).collapsed(narrow);
            if item.ui(ui, model.page() == page).clicked() {
                actions.push(Action::Go(page));
            }
        }
    });
    operator_ui(ui, model, rect, narrow);
}

const fn icon(page: Page) -> Icon {
    match page {
        Page::Channels => icons::SIGNPOST,
        Page::Publish => icons::UPLOAD_SIMPLE,
        Page::Keys => icons::KEY,
        Page::Connect => icons::PLUGS,
        Page::Settings => icons::GEAR_SIX,
    }
}

/// The app that is shown; pressing it lists the others.
fn switcher_ui(ui: &mut Ui, model: &Model, narrow: bool, actions: &mut Vec<Action>) {
    let app = model.apps.latest().and_then(|apps| {
        let shown = model.app()?;
        apps.iter().find(|app| app.slug == *shown)
    });
    let (name, slug) = match (app, model.app()) {
        (Some(app), _) => (app.name.as_str(), app.slug.as_str()),
        (None, Some(slug)) => (slug.as_str(), ""),
        (None, None) => ("No app yet", ""),
    };
    let size = vec2(ui.available_width() - 1.0, TOP_BAR - 1.0);
    let (rect, response) = ui.allocate_exact_size(size, Sense::click());
    let enabled = ui.is_enabled();
    response.widget_info(|| WidgetInfo::labeled(Role::ComboBox, enabled, "App"));
    ui.ctx()
        .accesskit_node_builder(response.id, |node| node.set_value(name));
    let tokens = Tokens::of(ui);
    if response.hovered() {
        ui.painter().rect_filled(rect, 0.0, tokens.bg_hover);
    }
    let tile_x = if narrow {
        (RAIL_NARROW - TILE) / 2.0
    } else {
        12.0
    };
    let tile = Rect::from_min_size(
        pos2(rect.left() + tile_x, rect.center().y - TILE / 2.0),
        Vec2::splat(TILE),
    );
    paint_tile(ui, tile, name);
    if !narrow {
        let mut right = Strip::new(ui, rect);
        right.space_right(12.0);
        right.icon_right(icons::CARET_UP_DOWN, 14.0, tokens.tx_secondary);
        let lines = if slug.is_empty() { 18.0 } else { 32.0 };
        let top = rect.center().y - lines / 2.0;
        let line = |y, height| {
            let mut strip = Strip::new(ui, rect).at(y, height);
            strip.left_at(48.0);
            strip.right_at(32.0);
            strip
        };
        line(top, 18.0).text(Font::CardTitle, tokens.tx_primary, name);
        line(top + 18.0, 14.0).text(Font::CaptionRegular, tokens.tx_tertiary, slug);
    }
    paint_focus_ring(ui, &response, rect.shrink(3.0), radius::MD, 0.0);
    let response = response.on_hover_cursor(CursorIcon::PointingHand);
    app_menu(ui, &response, model, actions);
    if narrow {
        response.on_hover_text(name);
    }
}

const TILE: f32 = 26.0;

/// The first letter of the app stands for the icon that nobody gave us.
fn paint_tile(ui: &Ui, rect: Rect, name: &str) {
    let tokens = Tokens::of(ui);
    ui.painter().rect(
        rect,
        CornerRadius::same(radius::MD),
        tokens.bg_selected,
        Stroke::new(1.0, tokens.st_default),
        StrokeKind::Inside,
    );
    paint_letters(ui, rect, &initials(name, 1), Font::CardTitle);
}

fn paint_letters(ui: &Ui, rect: Rect, letters: &str, font: Font) {
    let color = Tokens::of(ui).tx_primary;
    ui.painter().text(
        rect.center(),
        Align2::CENTER_CENTER,
        letters,
        font.id(),
        color,
    );
}

fn initials(name: &str, most: usize) -> String {
    name.split_whitespace()
        .filter_map(|word| word.chars().next())
        .take(most)
        .flat_map(char::to_uppercase)
        .collect()
}

fn app_menu(ui: &Ui, response: &Response, model: &Model, actions: &mut Vec<Action>) {
    let tokens = Tokens::of(ui);
    let frame = Frame::new()
        .fill(tokens.bg_raised)
        .stroke(Stroke::new(1.0, tokens.st_default))
        .corner_radius(CornerRadius::same(radius::LG))
        .shadow(menu_shadow(tokens))
        .inner_margin(Margin::same(4));
    Popup::menu(response)
        .frame(frame)
        .gap(2.0)
        .width(260.0)
        .accessible_name("Apps")
        .show(|ui| {
            ui.set_width(260.0);
            ui.spacing_mut().item_spacing.y = 0.0;
            for app in model.apps.latest().into_iter().flatten() {
                let chosen = model.app() == Some(&app.slug);
                let item = menu_item(ui, None, &app.name, app.slug.as_str(), Some(chosen));
                if item.clicked() && !chosen {
                    actions.push(Action::ChooseApp(app.slug.clone()));
                }
            }
            menu_rule(ui);
            let may_not = model.cannot_administer();
            let builder = if may_not.is_some() {
                UiBuilder::new().disabled()
            } else {
                UiBuilder::new()
            };
            let item = ui
                .scope_builder(builder, |ui| {
                    menu_item(ui, Some(icons::PLUS), "Create an app…", "", None)
                })
                .inner;
            let item = match &may_not {
                Some(why) => item.on_disabled_hover_text(why),
                None => item,
            };
            if item.clicked() && may_not.is_none() {
                actions.push(Action::Open(Dialog::CreateApp { failed: None }));
            }
        });
}

/// Who one is on this server, at the foot of the rail.
fn operator_ui(ui: &Ui, model: &Model, rail: Rect, narrow: bool) {
    let Some(session) = model.session().filter(|_| !narrow) else {
        return;
    };
    let tokens = Tokens::of(ui);
    let rect = Rect::from_min_max(
        pos2(rail.left(), rail.bottom() - 52.0),
        rail.right_bottom() - vec2(1.0, 0.0),
    );
    let response = ui.interact(rect, ui.scope_id().with("operator"), Sense::hover());
    let name = format!("{}, {}", session.operator, session.role.label());
    response.widget_info(|| WidgetInfo::labeled(Role::Label, true, &name));
    let circle =
        Rect::from_center_size(pos2(rect.left() + 29.0, rect.center().y), Vec2::splat(26.0));
    ui.painter()
        .circle_filled(circle.center(), 13.0, tokens.bg_selected);
    let letters = initials(&session.operator, 2);
    paint_letters(ui, circle, &letters, Font::Caption);
    let top = rect.center().y - 16.0;
    let line = |y, height| {
        let mut strip = Strip::new(ui, rect).at(y, height);
        strip.left_at(52.0);
        strip.right_at(12.0);
        strip
    };
    line(top, 18.0).text(Font::BodyStrong, tokens.tx_primary, &session.operator);
    line(top + 18.0, 14.0).text(
        Font::CaptionRegular,
        tokens.tx_tertiary,
        session.role.label(),
    );
}
