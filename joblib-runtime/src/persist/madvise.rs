//! What the system is told of memory that is about to be filled.

use std::mem::MaybeUninit;

/// Less memory is not worth a system call.
const LARGE: usize = 4 << 20;

/// The size of the large pages of x86-64 and, mostly, of AArch64.
const PAGE: usize = 2 << 20;

/// Asks for large pages where `room` covers them whole, as numpy does: memory
/// that is touched first while it is filled costs a fault for each page.
pub(super) fn ask_for_large(room: &mut [MaybeUninit<u8>]) {
    if room.len() < LARGE {
        return;
    }
    let start = room.as_mut_ptr();
    let before = start.align_offset(PAGE);
    let len = room.len().saturating_sub(before) / PAGE * PAGE;
    if len > 0 {
        // SAFETY: within `room`, and what is there does not change by it.
        // A system that has no large pages refuses, which changes nothing.
        let _ = unsafe {
            let first = start.add(before).cast();
            rustix::mm::madvise(first, len, rustix::mm::Advice::LinuxHugepage)
        };
    }
}
