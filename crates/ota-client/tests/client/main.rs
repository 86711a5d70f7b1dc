//! The client against the real server process; against invented ones only where the real one cannot be broken that way.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "clippy.toml allows these in test functions, and this is a test with helpers"
)]

mod bad_input;
mod broken_servers;
mod capgo;
mod connect;
mod deployments;
#[cfg(target_os = "linux")]
mod disk_full;
mod events;
mod kill;
mod native;
mod publishing;
mod support;
