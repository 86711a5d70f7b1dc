//! The desktop app: a pure model, views that draw it, and a worker that does the work.

pub mod app;
pub mod model;
pub mod ui;
pub mod worker;
