//! Text that is typed and not seen.

use std::any::TypeId;
use std::ops::Range;

use egui::TextBuffer;
use egui::text::CharIndex;

/// What stands for a character on the screen.
const DOT: char = '•';

/// A text of which the text field gets to see dots alone. It copies what it sees: for undoing, for the screen, for screen
/// readers; none of these is wiped.
pub(super) struct Hidden<'a> {
    text: &'a mut String,
    dots: String,
}

impl<'a> Hidden<'a> {
    pub(super) fn new(text: &'a mut String) -> Self {
        let mut hidden = Self {
            text,
            dots: String::new(),
        };
        hidden.count();
        hidden
    }

    fn count(&mut self) {
        self.dots.clear();
        self.dots.extend(self.text.chars().map(|_| DOT));
    }

    /// Where the character of this number begins; the end of the text for all after the last.
    fn byte(&self, index: CharIndex) -> usize {
        let mut starts = self.text.char_indices().map(|(byte, _)| byte);
        starts.nth(index.0).unwrap_or(self.text.len())
    }
}

impl TextBuffer for Hidden<'_> {
    fn is_mutable(&self) -> bool {
        true
    }

    fn as_str(&self) -> &str {
        &self.dots
    }

    fn insert_text(&mut self, text: &str, char_index: CharIndex) -> usize {
        let byte = self.byte(char_index);
        self.text.insert_str(byte, text);
        self.count();
        text.chars().count()
    }

    fn delete_char_range(&mut self, char_range: Range<CharIndex>) {
        let bytes = self.byte(char_range.start)..self.byte(char_range.end);
        self.text.replace_range(bytes, "");
        self.count();
    }

    /// Nothing is undone: what the text field remembers are dots.
    fn replace_with(&mut self, _text: &str) {}

    fn type_id(&self) -> TypeId {
        TypeId::of::<Hidden<'static>>()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_typed_arrives_where_it_belongs_and_only_dots_are_seen() {
        let mut text = String::new();
        let mut hidden = Hidden::new(&mut text);
        assert_eq!(hidden.insert_text("pässword", CharIndex(0)), 8);
        hidden.insert_text("ß", CharIndex(2));
        assert_eq!(hidden.as_str(), "•••••••••");
        hidden.delete_char_range(CharIndex(1)..CharIndex(3));
        hidden.insert_text("!", CharIndex(99));
        hidden.replace_with("•••");
        assert_eq!(hidden.as_str(), "••••••••");
        assert_eq!(text, "pssword!");
        let mut hidden = Hidden::new(&mut text);
        hidden.clear();
        assert_eq!(hidden.as_str(), "");
        assert_eq!(text, "");
    }
}
