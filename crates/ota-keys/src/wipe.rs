//! Wiping what secrets leave on the stack.

use std::hint::black_box;

/// Deeper than anything that is done with a key here.
const STACK_BYTES: usize = 64 * 1024;

/// Runs `work`, then overwrites the stack that it used.
///
/// A value that is moved stays where it was as well, and the libraries below move keys by value: dropping wipes the last
/// place alone. What `work` gives back must hold its secret on the heap.
pub(crate) fn stack_after<T>(work: impl FnOnce() -> T) -> T {
    // Also when `work` panics: a reader of the caller's may run in it.
    let _wipe = OnDrop;
    apart(work)
}

struct OnDrop;

impl Drop for OnDrop {
    fn drop(&mut self) {
        overwrite();
    }
}

/// In a frame of its own, below the caller's: where [`overwrite`] comes after it.
#[inline(never)]
fn apart<T>(work: impl FnOnce() -> T) -> T {
    work()
}

#[inline(never)]
#[expect(
    clippy::large_stack_arrays,
    reason = "the stack is what is to be overwritten"
)]
fn overwrite() {
    black_box(&mut [0_u8; STACK_BYTES]);
}
