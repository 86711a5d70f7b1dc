//! A publication on a terminal: one bar for the step that runs, one line for each that is done. Without a terminal, the
//! lines alone.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use ota_client::{PublishEvent, StepProgress};

use crate::printer::{Printer, size};

/// Draws what a publication tells.
pub(crate) struct Drawing {
    printer: Printer,
    bar: ProgressBar,
}

impl Drawing {
    pub(crate) fn new(printer: Printer) -> Self {
        // Draws nothing when stderr is no terminal.
        let target = if printer.is_quiet() {
            ProgressDrawTarget::hidden()
        } else {
            ProgressDrawTarget::stderr()
        };
        let bar = ProgressBar::with_draw_target(Some(0), target);
        if let Ok(style) =
            ProgressStyle::with_template("{prefix:<10} {bar:30} {percent:>3} %  {wide_msg}")
        {
            bar.set_style(style);
        }
        Self { printer, bar }
    }

    pub(crate) fn on(&self, event: PublishEvent) {
        match event {
            PublishEvent::Began(step) => {
                self.bar.set_prefix(step.to_string());
                self.bar.set_message("");
                self.bar.set_position(0);
            }
            PublishEvent::Progress(progress) => self.draw(progress),
            PublishEvent::Finished {
                step,
                took,
                summary,
            } => {
                let took = seconds(took);
                self.line(&format!("{:<10} {took:>7}  {summary}", step.to_string()));
            }
            PublishEvent::Waiting {
                because, again_in, ..
            } => {
                self.line(&format!(
                    "{:<10} {:>7}  {because}; trying again",
                    "Waiting",
                    seconds(again_in)
                ));
            }
            PublishEvent::Log(_) => {}
        }
    }

    fn draw(&self, progress: StepProgress) {
        let (done, total, message) = match progress {
            StepProgress::Bundling {
                bytes_done,
                bytes_total,
                files_done,
                files_total,
                ..
            } => (
                bytes_done,
                bytes_total,
                format!("{files_done} of {files_total} files"),
            ),
            StepProgress::Uploading(part) => {
                let rate = part
                    .bytes_per_second
                    .map_or_else(String::new, |rate| format!(", {}/s", size(rate)));
                let message = format!(
                    "{} of {}, part {} of {}{rate}",
                    size(part.bytes_done),
                    size(part.bytes_total),
                    part.number,
                    part.count
                );
                (part.bytes_done, part.bytes_total, message)
            }
            StepProgress::Verifying {
                bytes_done,
                bytes_total,
            } => (
                bytes_done,
                bytes_total,
                format!("{} of {} back", size(bytes_done), size(bytes_total)),
            ),
        };
        self.bar.set_length(total);
        self.bar.set_position(done);
        self.bar.set_message(message);
    }

    /// A line that stays, above the bar.
    fn line(&self, text: &str) {
        self.bar.suspend(|| self.printer.note(text));
    }

    /// Takes the bar away.
    pub(crate) fn end(&self) {
        self.bar.finish_and_clear();
    }
}

fn seconds(duration: Duration) -> String {
    format!("{:.1} s", duration.as_secs_f64())
}
