//! What `ota-keys` promises, held against real files, real programs and a real keyring.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "clippy.toml allows these in test functions, and this is a test with helpers; cargo shows the output of those that fail"
)]

mod backup;
mod capgo;
mod contract;
mod files;
mod folder;
mod formats;
mod interop;
mod keyring;
mod messages;
mod prompter;
mod secrets;
mod session;
mod support;
