//! The activity log's proof: every hash recomputed here, from what the server says.

use ota_api::{ActivityEntry, GENESIS};
use ota_model::Sha256;
use serde::{Deserialize, Serialize};
use thiserror::Error;

/// How far a log was verified. Kept, it proves later that nothing before it was rewritten.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChainHead {
    /// The number of the last entry.
    pub entry: u64,
    /// Its hash.
    pub hash: Sha256,
}

/// Why a log is not what it says it is.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ChainError {
    /// An entry says something else than when it was written.
    #[error("Entry {entry} of the activity log was altered: its hash does not fit what it says")]
    Altered {
        /// Which.
        entry: u64,
    },
    /// An entry does not follow the one before it.
    #[error(
        "Entry {entry} of the activity log does not follow the one before it: entries were replaced or removed"
    )]
    Broken {
        /// Which.
        entry: u64,
    },
    /// Numbers are left out, or the order is wrong.
    #[error("Entry {expected} of the activity log is missing; entry {found} stands in its place")]
    Missing {
        /// The number that should be next.
        expected: u64,
        /// The number that is.
        found: u64,
    },
    /// An entry cannot be hashed.
    #[error("Entry {entry} of the activity log cannot be read")]
    Unreadable {
        /// Which.
        entry: u64,
    },
}

/// Recomputes the hashes of `entries`, the oldest first, which must continue the log after `known`; the whole log when
/// nothing is known yet. Returns the new head; none for an empty log.
pub fn verify_chain(
    entries: &[ActivityEntry],
    known: Option<&ChainHead>,
) -> Result<Option<ChainHead>, ChainError> {
    let mut head = known.cloned();
    for found in entries {
        let entry = found.statement.entry;
        let (before, previous) = head
            .as_ref()
            .map_or((0, GENESIS), |head| (head.entry, head.hash));
        if entry != before + 1 {
            return Err(ChainError::Missing {
                expected: before + 1,
                found: entry,
            });
        }
        if found.previous != previous {
            return Err(ChainError::Broken { entry });
        }
        let hash = found
            .statement
            .hash_after(previous)
            .or(Err(ChainError::Unreadable { entry }))?;
        if hash != found.hash {
            return Err(ChainError::Altered { entry });
        }
        head = Some(ChainHead { entry, hash });
    }
    Ok(head)
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use ota_api::{ActionKind, Statement};

    use super::*;

    fn log(length: u64) -> Vec<ActivityEntry> {
        let mut previous = GENESIS;
        (1..=length)
            .map(|entry| {
                let statement = Statement {
                    app: "tidepool".parse().unwrap(),
                    entry,
                    at: DateTime::from_timestamp_millis(1_780_000_000_123).unwrap(),
                    by: "release desk".to_owned(),
                    action: ActionKind::Published,
                    channel: Some("staging".parse().unwrap()),
                    revision: Some(entry),
                    version: Some("2.5.0".to_owned()),
                    sequence: Some(entry),
                    digest: None,
                    reason: None,
                    summary: format!("Published 2.5.0 as #{entry}"),
                };
                let hash = statement.hash_after(previous).unwrap();
                let entry = ActivityEntry {
                    statement,
                    previous,
                    hash,
                };
                previous = hash;
                entry
            })
            .collect()
    }

    /// Hashes everything from `at` on again, as whoever rewrites a log would.
    fn reseal(entries: &mut [ActivityEntry], at: usize) {
        for index in at..entries.len() {
            let previous = if index == 0 {
                GENESIS
            } else {
                entries[index - 1].hash
            };
            entries[index].previous = previous;
            entries[index].hash = entries[index].statement.hash_after(previous).unwrap();
        }
    }

    #[test]
    fn a_log_is_verified_whole_and_in_parts() {
        let entries = log(5);
        let head = verify_chain(&entries, None).unwrap().unwrap();
        assert_eq!(
            head,
            ChainHead {
                entry: 5,
                hash: entries[4].hash
            }
        );

        let half = verify_chain(&entries[..3], None).unwrap();
        assert_eq!(
            verify_chain(&entries[3..], half.as_ref()),
            Ok(Some(head.clone()))
        );
        assert_eq!(verify_chain(&[], Some(&head)), Ok(Some(head)));
        assert_eq!(verify_chain(&[], None), Ok(None));
    }

    #[test]
    fn any_change_of_history_is_seen() {
        let entries = log(5);

        let mut altered = entries.clone();
        altered[2].statement.by = "somebody else".to_owned();
        assert_eq!(
            verify_chain(&altered, None),
            Err(ChainError::Altered { entry: 3 })
        );

        let mut removed = entries;
        removed.remove(2);
        assert_eq!(
            verify_chain(&removed, None),
            Err(ChainError::Missing {
                expected: 3,
                found: 4
            })
        );

        let mut renumbered = removed;
        for (number, entry) in (1..).zip(&mut renumbered) {
            entry.statement.entry = number;
        }
        assert_eq!(
            verify_chain(&renumbered, None),
            Err(ChainError::Broken { entry: 3 })
        );
    }

    #[test]
    fn a_log_that_was_rewritten_whole_does_not_continue_what_is_known() {
        let mut entries = log(5);
        let known = verify_chain(&entries[..4], None).unwrap();
        entries[1].statement.summary = "Nothing happened".to_owned();
        reseal(&mut entries, 1);
        assert!(
            verify_chain(&entries, None).is_ok(),
            "it is whole in itself"
        );
        assert_eq!(
            verify_chain(&entries[4..], known.as_ref()),
            Err(ChainError::Broken { entry: 5 })
        );
    }
}
