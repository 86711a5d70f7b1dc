//! `switchtowerctl` as a process, against the real server process, with real key files and a real keyring.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "clippy.toml allows these in test functions, and this is a test with helpers"
)]

mod activity;
mod bundle;
mod connect;
mod exit_codes;
mod help;
mod key_files;
mod keyring;
mod main_job;
mod native;
mod refusals;
mod support;
