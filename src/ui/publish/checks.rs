//! The checks of a build: what passed, what asks for a decision, what stops it.

use egui::{Align, Layout, Response, Role, ScrollArea, Sense, Ui, UiBuilder, WidgetInfo, vec2};
use ota_bundle::{Finding, Severity};

use super::PublishForm;
use super::files::left_out_ui;
use crate::model::{Action, Review};
use crate::ui::widgets::{Button, Strip, card, label_line, link, row, rule, trailing};
use crate::ui::{Font, Icon, Tokens, Tone, icons};

const HEAD: f32 = 37.0;
const CELL: f32 = 31.0;
const PLACE: f32 = 20.0;
const LEFT_OUT: f32 = 30.0;
const PAD: f32 = 6.0;
/// Rows of checks that are shown unless the person wants all of them.
const FEW: usize = 3;
/// More than this scrolls inside the card.
const MOST: f32 = 236.0;
/// More places of one check help nobody.
const MOST_PLACES: usize = 200;

/// The findings in two columns, what asks for attention at the right.
struct Columns<'a> {
    left: Vec<&'a Finding>,
    right: Vec<&'a Finding>,
    hidden: usize,
    open: Option<&'a Finding>,
}

impl<'a> Columns<'a> {
    fn of(review: &'a Review, form: &PublishForm) -> Self {
        let findings = &review.build.scan.findings;
        let (mut passed, mut right): (Vec<&Finding>, Vec<&Finding>) = findings
            .iter()
            .partition(|finding| finding.severity == Severity::Pass);
        let rows = if form.all_checks {
            right.len().max(findings.len().div_ceil(2))
        } else {
            right.len().max(FEW)
        };
        let beside = passed.split_off(rows.min(passed.len()));
        let room = rows.saturating_sub(right.len());
        let hidden = beside.len().saturating_sub(room);
        right.extend(beside.into_iter().take(room));
        let open = findings.iter().find(|finding| is_open(finding, form));
        Self {
            left: passed,
            right,
            hidden,
            open,
        }
    }

    fn body_height(&self, review: &Review) -> f32 {
        let rows = self.left.len().max(self.right.len()) as f32 * CELL;
        let places = self
            .open
            .map_or(0.0, |open| 13.0 + PLACE * shown_places(open) as f32);
        let left_out = match review.left_out.len() {
            0 => 0.0,
            count => 13.0 + LEFT_OUT * count as f32,
        };
        (rows + places + left_out + 2.0 * PAD).min(MOST)
    }
}

fn shown_places(finding: &Finding) -> usize {
    finding.places.len().min(MOST_PLACES)
}

fn is_open(finding: &Finding, form: &PublishForm) -> bool {
    form.places_of
        .as_ref()
        .is_some_and(|(check, title)| finding.check == *check && finding.title == *title)
}

/// The height of the card, known before it is drawn.
pub(super) fn height(review: &Review, form: &PublishForm) -> f32 {
    HEAD + Columns::of(review, form).body_height(review)
}

/// The card.
pub(super) fn checks_ui(
    ui: &mut Ui,
    review: &Review,
    form: &mut PublishForm,
    actions: &mut Vec<Action>,
) {
    let columns = Columns::of(review, form);
    card(ui, |ui| {
        head_ui(ui, review, &columns, &mut form.all_checks);
        rule(ui);
        let height = columns.body_height(review);
        ScrollArea::vertical()
            .id_salt("checks")
            .auto_shrink([false, true])
            .max_height(height)
            .min_scrolled_height(height)
            .show(ui, |ui| {
                ui.spacing_mut().item_spacing.y = 0.0;
                ui.add_space(PAD);
                grid_ui(ui, review, &columns, &mut form.places_of, actions);
                if let Some(open) = columns.open {
                    places_ui(ui, open);
                }
                if !review.left_out.is_empty() {
                    ui.add_space(6.0);
                    rule(ui);
                    ui.add_space(6.0);
                    inset(ui, |ui| {
                        actions.extend(left_out_ui(ui, review).map(Action::TakeIn));
                    });
                }
                ui.add_space(PAD);
            });
    });
}

fn inset(ui: &mut Ui, content: impl FnOnce(&mut Ui)) {
    egui::Frame::new()
        .inner_margin(egui::Margin::symmetric(14, 0))
        .show(ui, |ui| {
            ui.set_width(ui.available_width());
            content(ui);
        });
}

fn head_ui(ui: &mut Ui, review: &Review, columns: &Columns<'_>, all: &mut bool) {
    let tokens = Tokens::of(ui);
    let scan = &review.build.scan;
    row(ui, HEAD - 1.0, 12.0, |ui| {
        ui.add_space(14.0);
        label_line(ui, Font::CardTitle, tokens.tx_primary, "Checks");
        if columns.hidden > 0 && link(ui, &format!("Show {} more", columns.hidden)).clicked() {
            *all = true;
        } else if *all && link(ui, "Show fewer").clicked() {
            *all = false;
        }
        trailing(ui, HEAD - 1.0, 12.0, |ui| {
            for (severity, word) in [
                (Severity::Pass, "passed"),
                (Severity::Decide, "to decide"),
                (Severity::Stop, "must be settled"),
            ] {
                let count = scan.count(severity);
                if count > 0 {
                    let (icon, tone) = look(severity);
                    tally(ui, icon, tone, &format!("{count} {word}"));
                }
            }
            ui.add_space(2.0);
        });
    });
}

const fn look(severity: Severity) -> (Icon, Tone) {
    match severity {
        Severity::Pass => (icons::CHECK_CIRCLE.fill(), Tone::Go),
        Severity::Decide => (icons::WARNING.fill(), Tone::Caution),
        Severity::Stop => (icons::WARNING_OCTAGON.fill(), Tone::Stop),
    }
}

/// An icon and a count in the colour of a tone.
fn tally(ui: &mut Ui, icon: Icon, tone: Tone, text: &str) {
    let color = Tokens::of(ui).tone(tone).text;
    row(ui, HEAD - 1.0, 4.0, |ui| {
        let (rect, _) = ui.allocate_exact_size(vec2(14.0, 14.0), Sense::hover());
        icon.paint(ui.painter(), rect.center(), 14.0, color);
        label_line(ui, Font::Small, color, text);
    });
}

fn grid_ui(
    ui: &mut Ui,
    review: &Review,
    columns: &Columns<'_>,
    places_of: &mut Option<(ota_bundle::CheckId, String)>,
    actions: &mut Vec<Action>,
) {
    let width = ui.available_width() / 2.0;
    let rows = columns.left.len().max(columns.right.len());
    for index in 0..rows {
        row(ui, CELL, 0.0, |ui| {
            for finding in [columns.left.get(index), columns.right.get(index)] {
                let Some(finding) = finding else {
                    ui.add_space(width);
                    continue;
                };
                let open = columns.open.is_some_and(|open| open == *finding);
                match finding_ui(ui, review, finding, width, open) {
                    Some(Pressed::Act(action)) => actions.push(*action),
                    Some(Pressed::Where) if open => *places_of = None,
                    Some(Pressed::Where) => {
                        *places_of = Some((finding.check, finding.title.clone()));
                    }
                    None => {}
                }
            }
        });
    }
}

/// What was pressed at a finding.
enum Pressed {
    /// Something that mends it.
    Act(Box<Action>),
    /// Show or hide where it is.
    Where,
}

fn finding_ui(
    ui: &mut Ui,
    review: &Review,
    finding: &Finding,
    width: f32,
    open: bool,
) -> Option<Pressed> {
    let tokens = Tokens::of(ui);
    let (rect, response) = ui.allocate_exact_size(vec2(width, CELL), Sense::hover());
    let inner = rect.shrink2(vec2(14.0, 0.0));
    let builder = UiBuilder::new()
        .id_salt((finding.check, &finding.title))
        .max_rect(inner)
        .layout(Layout::left_to_right(Align::Center));
    let buttons = trailing(&mut ui.new_child(builder), CELL, 6.0, |ui| {
        buttons_ui(ui, review, finding, open)
    });
    let (icon, tone) = look(finding.severity);
    let mut strip = Strip::new(ui, inner);
    strip.space_right(buttons.response.rect.width() + 8.0);
    strip.icon(icon, 16.0, tokens.tone(tone).text);
    strip.space(10.0);
    strip.text(Font::BodyStrong, tokens.tx_primary, &finding.title);
    strip.space(10.0);
    strip.text(Font::Small, tokens.tx_tertiary, &finding.detail);
    describe(ui, response, finding);
    buttons.inner
}

fn describe(ui: &Ui, response: Response, finding: &Finding) {
    let word = match finding.severity {
        Severity::Pass => "Passed",
        Severity::Decide => "To decide",
        Severity::Stop => "Must be settled",
    };
    let name = format!("{word}: {}, {}", finding.title, finding.detail);
    response.widget_info(|| WidgetInfo::labeled(Role::Label, true, name.trim_end_matches(", ")));
    let Some(remedy) = &finding.remedy else {
        response.on_hover_text(&finding.detail);
        return;
    };
    ui.ctx().accesskit_node_builder(response.id, |node| {
        node.set_description(remedy.as_str());
    });
    response.on_hover_text(format!("{}. {remedy}", finding.detail));
}

fn buttons_ui(ui: &mut Ui, review: &Review, finding: &Finding, open: bool) -> Option<Pressed> {
    let mut pressed = None;
    if finding.severity == Severity::Pass {
        return None;
    }
    let busy = review
        .repacking
        .then_some("The build is being packed again");
    let suggested = review.build.scan.suggested_root.as_ref();
    if finding.check == ota_bundle::CheckId::EntryPage
        && let Some(folder) = suggested
    {
        let name = folder.file_name().unwrap_or_default().to_string_lossy();
        let label = format!("Use {name}/");
        if Button::secondary(&label)
            .small()
            .disabled(busy)
            .ui(ui)
            .clicked()
        {
            pressed = Some(Pressed::Act(Box::new(Action::UseSuggestedFolder(
                folder.clone(),
            ))));
        }
    }
    if finding.can_ignore && !finding.paths.is_empty() {
        let name = format!("Leave out: {}", finding.title);
        let label = if finding.paths.len() == 1 {
            "Leave it out"
        } else {
            "Leave them out"
        };
        let button = Button::secondary(label).small().name(&name);
        if button.disabled(busy).ui(ui).clicked() {
            pressed = Some(Pressed::Act(Box::new(Action::LeaveOut(
                finding.paths.clone(),
            ))));
        }
    }
    if !finding.places.is_empty() {
        let verb = if open { "Hide where" } else { "Show where" };
        let name = format!("{verb}: {}", finding.title);
        let icon = if open {
            icons::CARET_UP
        } else {
            icons::FILE_MAGNIFYING_GLASS
        };
        let button = if finding.can_ignore {
            Button::ghost("").icon(icon).tooltip(verb)
        } else {
            Button::secondary(verb)
        };
        if button.small().name(&name).ui(ui).clicked() {
            pressed = Some(Pressed::Where);
        }
    }
    pressed
}

fn places_ui(ui: &mut Ui, finding: &Finding) {
    let tokens = Tokens::of(ui);
    ui.add_space(6.0);
    rule(ui);
    ui.add_space(6.0);
    inset(ui, |ui| {
        for place in finding.places.iter().take(MOST_PLACES) {
            let line = place
                .line
                .map_or_else(String::new, |line| format!(":{line}"));
            row(ui, PLACE, 12.0, |ui| {
                label_line(
                    ui,
                    Font::Mono,
                    tokens.tx_primary,
                    format!("{}{line}", place.path),
                );
                label_line(ui, Font::Small, tokens.tx_tertiary, place.note.as_str());
            });
        }
    });
}
