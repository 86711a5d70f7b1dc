//! How far a job is.

use std::sync::atomic::{AtomicU64, Ordering};

/// What is being done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Phase {
    /// A dropped archive is unpacked. `bytes_total` is the packed size, `files_total` is not known.
    Unpack,
    /// Files are read, hashed and checked.
    Scan,
    /// Files are read again and compressed.
    Pack,
}

/// A moment of a job. Totals are 0 while they are not known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ProgressUpdate {
    /// What is being done.
    pub phase: Phase,
    /// Bytes read so far.
    pub bytes_done: u64,
    /// Bytes to read.
    pub bytes_total: u64,
    /// Files finished so far.
    pub files_done: u64,
    /// Files to do.
    pub files_total: u64,
}

/// Receives progress, from any thread and often (each few hundred kilobytes): thin it out before drawing it.
pub trait Progress: Sync {
    /// Takes note; must not block.
    fn on_progress(&self, update: ProgressUpdate);
}

impl<F: Fn(ProgressUpdate) + Sync> Progress for F {
    fn on_progress(&self, update: ProgressUpdate) {
        self(update);
    }
}

/// For callers that do not show progress.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoProgress;

impl Progress for NoProgress {
    fn on_progress(&self, _: ProgressUpdate) {}
}

/// Adds up what the threads of one phase have done.
pub(crate) struct Meter<'a> {
    to: &'a dyn Progress,
    phase: Phase,
    bytes_total: u64,
    files_total: u64,
    bytes_done: AtomicU64,
    files_done: AtomicU64,
}

impl<'a> Meter<'a> {
    pub(crate) fn start(
        to: &'a dyn Progress,
        phase: Phase,
        bytes_total: u64,
        files_total: usize,
    ) -> Self {
        let meter = Self {
            to,
            phase,
            bytes_total,
            files_total: files_total as u64,
            bytes_done: AtomicU64::new(0),
            files_done: AtomicU64::new(0),
        };
        meter.report();
        meter
    }

    pub(crate) fn add_bytes(&self, count: usize) {
        self.bytes_done.fetch_add(count as u64, Ordering::Relaxed);
        self.report();
    }

    pub(crate) fn add_file(&self) {
        self.files_done.fetch_add(1, Ordering::Relaxed);
        self.report();
    }

    fn report(&self) {
        self.to.on_progress(ProgressUpdate {
            phase: self.phase,
            bytes_done: self.bytes_done.load(Ordering::Relaxed),
            bytes_total: self.bytes_total,
            files_done: self.files_done.load(Ordering::Relaxed),
            files_total: self.files_total,
        });
    }
}
