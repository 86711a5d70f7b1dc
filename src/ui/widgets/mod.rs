//! The components. Each reads its colours from [`Tokens`](super::Tokens) and keeps no state but egui's memory.

mod banner;
mod button;
mod card;
mod chip;
mod code;
mod dialog;
mod diff;
mod dropdown;
mod empty;
mod field;
mod hidden;
mod nav;
mod paint;
mod radio;
mod segmented;
mod signal;
mod steps;
mod text;
mod toast;

pub use banner::Banner;
pub use button::{Button, Kind, Size, icon_button, link};
pub use card::{
    CARD_BOTTOM, card, card_block, key_value, key_value_text, rule, section_head, vertical_rule,
};
pub use chip::{Chip, Status, keycap, status_chip, status_text, tag};
pub use code::{code_well, copy_button, json_job};
pub(crate) use dialog::return_pending_focus;
pub use dialog::{
    Dialog, DialogResponse, dialog_body, dialog_footer, dialog_header, dialog_message,
    focus_on_open,
};
pub use diff::{Change, DiffRow, diff_header};
pub use dropdown::{Dropdown, menu_item, menu_rule};
pub use empty::{EmptyState, skeleton};
pub use field::{TextField, field_label};
pub use nav::{NavItem, status_item};
pub use paint::{Strip, paint_focus_ring, row, trailing};
pub use radio::{RadioRow, radio};
pub use segmented::{Segment, segmented};
pub use signal::{
    Lamp, TrackLine, app_mark, paint_app_mark, paint_signal, paint_track, paint_track_arrow,
    paint_track_node, signal,
};
pub use steps::{ProgressStep, StepState, progress_bar, spinner_angle, steps_bar};
pub use text::{Runs, label, label_line};
pub use toast::{Toast, ToastAction, toast_ui, toasts_ui};
