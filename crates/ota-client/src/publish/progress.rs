//! What a publication tells while it runs. Every number is measured.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use ota_bundle::Phase;

/// At most ten a second reach a window or a terminal.
const INTERVAL: Duration = Duration::from_millis(100);

/// The steps, in their order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Step {
    /// Files are read, checked and packed.
    Bundling,
    /// The key signs the archive.
    Signing,
    /// The archive goes to the server, in parts.
    Uploading,
    /// The server checks it; then it is downloaded back and checked as a device would.
    Verifying,
    /// The channel offers it. Cannot be cancelled.
    Live,
}

impl Step {
    /// Every step, the first one first.
    pub const ALL: [Self; 5] = [
        Self::Bundling,
        Self::Signing,
        Self::Uploading,
        Self::Verifying,
        Self::Live,
    ];
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Bundling => "Bundling",
            Self::Signing => "Signing",
            Self::Uploading => "Uploading",
            Self::Verifying => "Verifying",
            Self::Live => "Live",
        })
    }
}

/// How far a step is. At most ten a second.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StepProgress {
    /// Reading or packing.
    Bundling {
        /// Which of both.
        phase: Phase,
        /// Files done.
        files_done: u64,
        /// Of how many.
        files_total: u64,
        /// Bytes done.
        bytes_done: u64,
        /// Of how many.
        bytes_total: u64,
    },
    /// Sending.
    Uploading(Part),
    /// Downloading back.
    Verifying {
        /// Bytes done.
        bytes_done: u64,
        /// Of how many.
        bytes_total: u64,
    },
}

/// Where an upload is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Part {
    /// The part that is being sent, from 1.
    pub number: u64,
    /// Of how many.
    pub count: u64,
    /// Parts that the server has on its disk.
    pub confirmed: u64,
    /// Bytes that were sent, in this part and before: of all files together, if there are several.
    pub bytes_done: u64,
    /// Of how many.
    pub bytes_total: u64,
    /// Bytes of one part; the last one may have fewer.
    pub part_bytes: u64,
    /// Measured since the upload began or was resumed; none in the first moments.
    pub bytes_per_second: Option<u64>,
}

/// A line of the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogLine {
    /// When.
    pub at: DateTime<Utc>,
    /// One word: `read`, `skip`, `pack`, `sign`, `put`, `wait`, `check`, `live`, `drop`.
    pub topic: &'static str,
    /// What happened.
    pub text: String,
}

/// What a publication tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PublishEvent {
    /// A step began.
    Began(Step),
    /// How far it is.
    Progress(StepProgress),
    /// It is done.
    Finished {
        /// Which.
        step: Step,
        /// How long it took.
        took: Duration,
        /// What it did, in a sentence without its full stop.
        summary: String,
    },
    /// The server cannot be reached. It is tried again, and goes on from where it was.
    Waiting {
        /// During which step.
        step: Step,
        /// Why.
        because: String,
        /// When.
        again_in: Duration,
    },
    /// A line for the log.
    Log(LogLine),
}

/// Hands events on, and holds back what comes too often.
#[derive(Clone)]
pub(super) struct Reporter(Arc<Inner>);

struct Inner {
    sink: Box<dyn Fn(PublishEvent) + Send + Sync>,
    last: Mutex<Option<Instant>>,
}

impl Reporter {
    pub(super) fn new(sink: impl Fn(PublishEvent) + Send + Sync + 'static) -> Self {
        Self(Arc::new(Inner {
            sink: Box::new(sink),
            last: Mutex::new(None),
        }))
    }

    pub(super) fn tell(&self, event: PublishEvent) {
        (self.0.sink)(event);
    }

    pub(super) fn log(&self, topic: &'static str, text: impl Into<String>) {
        self.tell(PublishEvent::Log(LogLine {
            at: Utc::now(),
            topic,
            text: text.into(),
        }));
    }

    /// Tells progress, unless the last one was told a moment ago.
    pub(super) fn progress(&self, progress: StepProgress) {
        let now = Instant::now();
        {
            let mut last = self.0.last.lock().unwrap_or_else(PoisonError::into_inner);
            if last.is_some_and(|last| now.duration_since(last) < INTERVAL) {
                return;
            }
            *last = Some(now);
        }
        self.tell(PublishEvent::Progress(progress));
    }

    /// Begins a step. [`Running::finish`] ends it.
    pub(super) fn begin(&self, step: Step) -> Running {
        self.tell(PublishEvent::Began(step));
        Running {
            reporter: self.clone(),
            step,
            since: Instant::now(),
        }
    }
}

/// A step under way.
pub(super) struct Running {
    reporter: Reporter,
    step: Step,
    since: Instant,
}

impl Running {
    pub(super) fn finish(self, summary: impl Into<String>) {
        let Self {
            reporter,
            step,
            since,
        } = self;
        reporter.tell(PublishEvent::Finished {
            step,
            took: since.elapsed(),
            summary: summary.into(),
        });
    }
}

/// `18602114` → `18,602,114`.
pub(super) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (position, digit) in digits.chars().enumerate() {
        if position > 0 && (digits.len() - position).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// `1 installer`, `2 installers`.
pub(super) fn counted(count: usize, what: &str) -> String {
    let ending = if count == 1 { "" } else { "s" };
    format!("{} {what}{ending}", grouped(count as u64))
}

/// Decimal units, as file managers show them.
pub(super) fn size(bytes: u64) -> String {
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
    fn numbers_read_well() {
        assert_eq!(grouped(0), "0");
        assert_eq!(grouped(999), "999");
        assert_eq!(grouped(18_602_114), "18,602,114");
        assert_eq!(size(45), "45 B");
        assert_eq!(size(4_990_000), "4.99 MB");
    }

    #[test]
    fn progress_is_thinned_out_and_nothing_else_is() {
        let told = Arc::new(Mutex::new((0, 0)));
        let counted = Arc::clone(&told);
        let reporter = Reporter::new(move |event| {
            let mut told = counted.lock().unwrap();
            match event {
                PublishEvent::Progress(_) => told.0 += 1,
                _ => told.1 += 1,
            }
        });
        let started = Instant::now();
        for done in 0..1000 {
            reporter.progress(StepProgress::Verifying {
                bytes_done: done,
                bytes_total: 1000,
            });
            reporter.log("check", "a line");
        }
        let most = 1 + started.elapsed().as_millis() / INTERVAL.as_millis();
        let (progress, lines) = *told.lock().unwrap();
        assert!(
            progress >= 1 && progress <= most,
            "{progress} of at most {most}"
        );
        assert_eq!(lines, 1000);
    }
}
