//! The real server on a real port with a real SQLite file, asked as operators and devices ask it.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "clippy.toml allows these in test functions, and this is a test with helpers"
)]

mod activity;
mod apps;
mod capgo;
mod channels;
mod checks;
mod deployments;
mod disk_full;
mod downloads;
mod events;
mod feed;
mod finalize;
mod history;
mod hotswap;
mod idempotency;
mod invariants;
mod keys;
mod large;
mod native_bundle;
mod openapi;
mod plan;
mod recall;
mod reissue;
mod releases;
mod roles;
mod session;
mod support;
mod synckit;
mod synckit_script;
mod tokens;
mod updater;
mod uploads;
