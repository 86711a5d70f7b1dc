//! The one place that prints: data to stdout, everything else to stderr.

use std::io::{self, Write as _};

use serde::Serialize;

use crate::cli::Global;
use crate::failure::Failure;

/// How to print.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Printer {
    json: bool,
    quiet: bool,
}

impl Printer {
    pub(crate) const fn new(global: &Global) -> Self {
        Self {
            json: global.json,
            quiet: global.quiet,
        }
    }

    pub(crate) const fn is_json(self) -> bool {
        self.json
    }

    pub(crate) const fn is_quiet(self) -> bool {
        self.quiet
    }

    /// The result: as JSON for programs, else in words for people.
    pub(crate) fn result(
        self,
        data: &impl Serialize,
        words: impl FnOnce() -> String,
    ) -> anyhow::Result<()> {
        let text = if self.json {
            serde_json::to_string_pretty(data)?
        } else {
            words()
        };
        raw(&format!("{}\n", text.trim_end()))
    }

    /// Something to know on the way.
    pub(crate) fn note(self, text: &str) {
        if !self.quiet {
            to_stderr(text);
        }
    }
}

/// Text that is the same for people and for programs.
pub(crate) fn raw(text: &str) -> anyhow::Result<()> {
    let mut out = io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        // Whoever reads has enough, as `head` does.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        written => Ok(written?),
    }
}

/// Something that may be wrong, or is. Printed even when quiet.
pub(crate) fn warning(mark: &str, text: &str) {
    to_stderr(&format!("{mark}: {text}"));
}

/// What went wrong, then what to do.
pub(crate) fn failure(failure: &Failure) {
    let mut text = format!("error: {}", failure.message);
    for cause in &failure.causes {
        text.push_str("\n  because: ");
        text.push_str(cause);
    }
    if let Some(hint) = &failure.hint {
        text.push_str("\nhint: ");
        text.push_str(hint);
    }
    to_stderr(&text);
}

fn to_stderr(text: &str) {
    // With stderr closed there is nobody left to tell.
    drop(writeln!(io::stderr().lock(), "{text}"));
}

/// Columns that stand below each other.
pub(crate) fn table<const N: usize>(head: [&str; N], rows: &[[String; N]]) -> String {
    let mut widths = head.map(|cell| cell.chars().count());
    for row in rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.chars().count());
        }
    }
    let line = |cells: &[String]| {
        let padded: Vec<_> = cells
            .iter()
            .zip(widths)
            .map(|(cell, width)| format!("{cell:width$}"))
            .collect();
        padded.join("  ").trim_end().to_owned()
    };
    let mut lines = vec![line(&head.map(str::to_owned))];
    lines.extend(rows.iter().map(|row| line(row)));
    lines.join("\n")
}

/// Decimal units, as file managers show them.
pub(crate) fn size(bytes: u64) -> String {
    match bytes {
        0..1_000 => format!("{bytes} B"),
        1_000..1_000_000 => format!("{:.1} KB", bytes as f64 / 1e3),
        _ => format!("{:.2} MB", bytes as f64 / 1e6),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_stand_below_each_other() {
        let rows = [
            ["staging".to_owned(), "2.5.0".to_owned()],
            ["é".to_owned(), String::new()],
        ];
        assert_eq!(
            table(["CHANNEL", "LIVE"], &rows),
            "CHANNEL  LIVE\nstaging  2.5.0\né"
        );
    }
}
