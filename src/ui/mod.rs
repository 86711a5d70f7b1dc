//! The window: theme, components and pages. Views are functions of a `Ui` and what they show.

mod app_icon;
pub mod channels;
pub mod components_sheet;
pub mod connect;
pub mod dialogs;
pub mod first_run;
pub mod font;
mod forms;
pub mod icons;
mod keyboard;
pub mod keys;
mod path_field;
mod place;
pub mod publish;
pub mod settings;
pub mod shell;
pub mod style;
pub mod theme;
pub mod widgets;

pub use app_icon::app_icon;
pub use font::Font;
pub use forms::Forms;
pub use icons::Icon;
pub use shell::draw;
pub use theme::{Tokens, Tone};
