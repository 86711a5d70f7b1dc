//! Folders become archives, archives are read; with real tools and hostile input.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "helpers of tests fail like tests, though they are not marked as such"
)]

mod checks;
mod determinism;
mod failures;
mod hostile_tar;
mod hostile_zip;
mod installers;
mod real_tools;
mod round_trip;
mod sources;
mod support;
