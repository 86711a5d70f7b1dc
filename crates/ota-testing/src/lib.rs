//! Helpers of the tests: a real server process and web builds. Nothing that is shipped depends on this.
//!
//! [`TestServer`] runs the real `switchtower-server` on a free port over a folder of its own; it can be stopped, killed
//! and started again on the same port. [`WebBuild`] makes small web builds; [`RealBuild`] names those that
//! `cargo xtask setup` fetches.
//!
//! Everything here panics when it fails: a test without its server has failed.
#![expect(
    clippy::expect_used,
    reason = "a helper that cannot help fails the test, with the reason in words"
)]

mod program;
mod real_build;
mod server;
#[cfg(target_os = "linux")]
mod tiny_disk;
mod web_build;

pub use program::{desktop_program, server_program};
pub use real_build::{RealBuild, capgo_cli};
pub use server::{ServerBuilder, TestServer};
#[cfg(target_os = "linux")]
pub use tiny_disk::TinyDisk;
pub use web_build::WebBuild;
