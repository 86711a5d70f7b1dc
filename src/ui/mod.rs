//! The window: theme, components and pages. Views are functions of a `Ui` and what they show.

pub mod components_sheet;
pub mod font;
pub mod icons;
pub mod style;
pub mod theme;
pub mod widgets;

pub use font::Font;
pub use icons::Icon;
pub use theme::{Tokens, Tone};
