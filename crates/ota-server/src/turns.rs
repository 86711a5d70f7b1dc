//! Whose turn it is: work on the bytes of one draft is done one at a time.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, Weak};

use tokio::sync::{Mutex as Turn, OwnedMutexGuard};

/// Turns by name. A name is forgotten when nobody holds or awaits its turn.
#[derive(Default)]
pub(crate) struct Turns(Mutex<HashMap<String, Weak<Turn<()>>>>);

impl Turns {
    fn of(&self, name: &str) -> Arc<Turn<()>> {
        let mut turns = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(turn) = turns.get(name).and_then(Weak::upgrade) {
            return turn;
        }
        turns.retain(|_, turn| turn.strong_count() > 0);
        let turn = Arc::default();
        turns.insert(name.to_owned(), Arc::downgrade(&turn));
        turn
    }

    /// The turn, if nobody has it.
    pub(crate) fn take(&self, name: &str) -> Option<OwnedMutexGuard<()>> {
        self.of(name).try_lock_owned().ok()
    }

    /// Waits for the turn.
    pub(crate) async fn wait(&self, name: &str) -> OwnedMutexGuard<()> {
        self.of(name).lock_owned().await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_turn_is_had_by_one_and_forgotten_afterwards() {
        let turns = Turns::default();
        let held = turns.take("a").unwrap();
        assert!(turns.take("a").is_none());
        assert!(turns.take("b").is_some());

        drop(held);

        assert!(turns.take("a").is_some());
        assert_eq!(
            turns.0.lock().unwrap().len(),
            1,
            "only the last name is left"
        );
    }
}
