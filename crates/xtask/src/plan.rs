//! Steps with a heading, a time, and a summary at the end.

use std::io::Write as _;
use std::time::{Duration, Instant};

use anyhow::Context as _;

/// Writes one line for the person who waits. Standard output stays with the commands that are run.
pub(crate) fn say(line: &str) {
    // A closed terminal is no reason to stop the work.
    drop(writeln!(std::io::stderr().lock(), "{line}"));
}

/// How a step ended when it did not fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    Done,
    /// What the step needs is not on this machine; the step has said so.
    Skipped,
}

/// A row of steps of known length. It stops at the first step that fails.
#[derive(Debug)]
pub(crate) struct Plan {
    total: usize,
    finished: Vec<(&'static str, Outcome, Duration)>,
}

impl Plan {
    pub(crate) const fn new(total: usize) -> Self {
        Self {
            total,
            finished: Vec::new(),
        }
    }

    /// Runs one step under its heading.
    pub(crate) fn step(
        &mut self,
        name: &'static str,
        work: impl FnOnce() -> anyhow::Result<Outcome>,
    ) -> anyhow::Result<()> {
        say(&format!(
            "\n── {}/{} · {name}",
            self.finished.len() + 1,
            self.total
        ));
        let start = Instant::now();
        match work() {
            Ok(outcome) => {
                let took = start.elapsed();
                let word = if outcome == Outcome::Done {
                    "done"
                } else {
                    "skipped"
                };
                say(&format!("   {word} in {}", seconds(took)));
                self.finished.push((name, outcome, took));
                Ok(())
            }
            Err(error) => {
                say(&format!("   failed after {}", seconds(start.elapsed())));
                self.summary();
                Err(error).with_context(|| format!("step “{name}” failed"))
            }
        }
    }

    /// Says what was done and how long each step took.
    pub(crate) fn summary(&self) {
        say("\n── Summary");
        for (name, outcome, took) in &self.finished {
            let note = if *outcome == Outcome::Skipped {
                "  (skipped)"
            } else {
                ""
            };
            say(&format!("   {:>9}  {name}{note}", seconds(*took)));
        }
        let total = self.finished.iter().map(|(_, _, took)| *took).sum();
        say(&format!(
            "   {:>9}  {} of {} steps",
            seconds(total),
            self.finished.len(),
            self.total
        ));
    }
}

fn seconds(took: Duration) -> String {
    let whole = took.as_secs();
    if whole >= 60 {
        format!("{} min {:02} s", whole / 60, whole % 60)
    } else {
        format!("{:.1} s", took.as_secs_f64())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failing_step_names_itself_and_the_later_ones_do_not_run() {
        let mut plan = Plan::new(3);
        plan.step("first", || Ok(Outcome::Done)).unwrap();

        let error = plan
            .step("second", || anyhow::bail!("no such luck"))
            .unwrap_err();

        assert_eq!(format!("{error:#}"), "step “second” failed: no such luck");
        assert_eq!(plan.finished.len(), 1);
    }

    #[test]
    fn long_times_are_shown_in_minutes() {
        assert_eq!(seconds(Duration::from_millis(1_240)), "1.2 s");
        assert_eq!(seconds(Duration::from_secs(125)), "2 min 05 s");
    }
}
