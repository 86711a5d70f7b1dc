//! Text that is not a control.

use egui::text::LayoutJob;
use egui::{Color32, Label, Response, Ui};

use crate::ui::Font;

/// Text that wraps.
pub fn label(ui: &mut Ui, font: Font, color: Color32, text: impl Into<String>) -> Response {
    ui.add(Label::new(font.rich(text).color(color)).wrap())
}

/// Text on one line, cut with an ellipsis; the tooltip then has all of it.
pub fn label_line(ui: &mut Ui, font: Font, color: Color32, text: impl Into<String>) -> Response {
    ui.add(Label::new(font.rich(text).color(color)).truncate())
}

/// A sentence of several fonts or colours. It wraps as one text.
#[derive(Default)]
#[must_use = "call `ui` to show it"]
pub struct Runs {
    job: LayoutJob,
}

impl Runs {
    /// An empty sentence.
    pub fn new() -> Self {
        Self::default()
    }

    /// Add text. Spaces between runs are part of the text.
    pub fn push(mut self, font: Font, color: Color32, text: &str) -> Self {
        self.job.append(text, 0.0, font.format(color));
        self
    }

    /// Show it, wrapped at the free width.
    pub fn ui(self, ui: &mut Ui) -> Response {
        ui.add(Label::new(self.job).wrap())
    }

    /// Show it on one line, cut with an ellipsis.
    pub fn ui_line(self, ui: &mut Ui) -> Response {
        ui.add(Label::new(self.job).truncate())
    }
}
