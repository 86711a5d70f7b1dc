//! A new password, typed twice.

use egui::Ui;
use ota_keys::Password;
use zeroize::Zeroize as _;

use crate::ui::widgets::TextField;

/// Shorter passwords can be guessed by whoever has the file.
const LEAST_CHARACTERS: usize = 12;
/// The longest that a key file takes. With this much room from the start, typing leaves no copies behind.
const MOST_BYTES: usize = 1024;

/// A password that is typed. Overwritten when it is dropped.
#[derive(Clone)]
pub(super) struct Typed {
    pub(super) text: String,
    /// Whether it can be read on the screen.
    pub(super) shown: bool,
}

impl Default for Typed {
    fn default() -> Self {
        Self {
            text: String::with_capacity(MOST_BYTES),
            shown: false,
        }
    }
}

impl Drop for Typed {
    fn drop(&mut self) {
        self.text.zeroize();
    }
}

impl Typed {
    /// The same, for work that outlives the dialog.
    pub(super) fn password(&self) -> Password {
        Password::new(self.text.as_str())
    }
}

/// A new password, and the same again.
#[derive(Clone, Default)]
pub(super) struct Fresh {
    pub(super) first: Typed,
    again: Typed,
}

/// What is wrong with a new password.
pub(super) struct Check {
    short: Option<String>,
    differs: bool,
    empty: bool,
}

impl Check {
    /// Of the two fields.
    pub(super) fn of(fresh: &Fresh) -> Self {
        let length = fresh.first.text.chars().count();
        Self {
            short: (length < LEAST_CHARACTERS).then(|| {
                format!("Use at least {LEAST_CHARACTERS} characters: whoever has the file can try for as long as they like.")
            }),
            differs: fresh.first.text != fresh.again.text,
            empty: fresh.first.text.is_empty(),
        }
    }

    /// Why it cannot be used.
    pub(super) fn reason(&self) -> Option<&'static str> {
        if self.empty {
            Some("Choose a password for it")
        } else if self.short.is_some() {
            Some("Use a longer password")
        } else {
            self.differs.then_some(DIFFERS)
        }
    }

    /// Whether nothing was typed: what is wrong with the rest stands below its field.
    pub(super) fn is_empty(&self) -> bool {
        self.empty
    }
}

const DIFFERS: &str = "The two passwords are not the same.";

/// The two fields.
pub(super) fn new_password_ui(ui: &mut Ui, fresh: &mut Fresh, busy: bool) {
    let check = Check::of(fresh);
    let typed = !check.empty;
    let fits = typed && check.short.is_none();
    let help = format!(
        "At least {LEAST_CHARACTERS} characters; a few words that do not belong together are good."
    );
    let good = format!("{} characters", fresh.first.text.chars().count());
    TextField::new("New password")
        .enabled(!busy)
        .error(check.short.as_deref().filter(|_| typed))
        .valid(fits)
        .help(if fits { &good } else { &help })
        .password(&mut fresh.first.shown)
        .ui(ui, &mut fresh.first.text);
    ui.add_space(14.0);
    let repeated = !fresh.again.text.is_empty();
    // One eye opens both.
    let shown = &mut fresh.first.shown;
    TextField::new("The same password again")
        .enabled(!busy)
        .error(Some(DIFFERS).filter(|_| repeated && check.differs))
        .valid(fits && !check.differs)
        .password(shown)
        .ui(ui, &mut fresh.again.text);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reason(first: &str, again: &str) -> Option<&'static str> {
        let mut fresh = Fresh::default();
        fresh.first.text.push_str(first);
        fresh.again.text.push_str(again);
        Check::of(&fresh).reason()
    }

    #[test]
    fn a_new_password_is_long_and_typed_twice_alike() {
        let good = "correct horse battery";
        assert_eq!(reason(good, good), None);
        assert_eq!(reason("", ""), Some("Choose a password for it"));
        assert_eq!(reason("short", "short"), Some("Use a longer password"));
        assert_eq!(reason(good, "correct horse"), Some(DIFFERS));
        // Characters count, not bytes.
        assert_eq!(reason("éééééé", "éééééé"), Some("Use a longer password"));
    }

    #[test]
    fn the_longest_password_is_typed_without_a_copy() {
        let mut typed = Typed::default();
        let place = typed.text.as_ptr();
        for _ in 0..MOST_BYTES {
            typed.text.push('x');
        }
        assert_eq!(typed.text.as_ptr(), place);
    }
}
