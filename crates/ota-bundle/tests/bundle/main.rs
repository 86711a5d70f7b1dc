//! Folders become archives, archives are read; with real tools and hostile input.

mod checks;
mod determinism;
mod failures;
mod hostile_tar;
mod hostile_zip;
mod real_tools;
mod round_trip;
mod sources;
mod support;
