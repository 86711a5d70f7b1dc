//! What to do about an error.

/// What to do about an error: shown under its message, in the window and on the command line.
pub trait Hint {
    /// One or two sentences, when there is something to be done.
    fn hint(&self) -> Option<String>;
}
