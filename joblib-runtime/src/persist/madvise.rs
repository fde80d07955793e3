//! Advice to the system about memory that is about to be filled.

use std::mem::MaybeUninit;

/// The minimum size in bytes for which the system call is worthwhile.
const LARGE: usize = 4 << 20;

/// The size of huge pages on x86-64 and, usually, on AArch64.
const PAGE: usize = 2 << 20;

/// Requests huge pages for the huge-page-aligned range within `room`, as numpy does.
/// Otherwise filling fresh memory causes a page fault for every small page.
pub(super) fn request_huge_pages(room: &mut [MaybeUninit<u8>]) {
    if room.len() < LARGE {
        return;
    }
    let start = room.as_mut_ptr();
    let before = start.align_offset(PAGE);
    let len = room.len().saturating_sub(before) / PAGE * PAGE;
    if len > 0 {
        // SAFETY: the range is within `room`, and the advice does not change its
        // contents. A system without huge pages returns an error, which is harmless.
        let _ = unsafe {
            let first = start.add(before).cast();
            rustix::mm::madvise(first, len, rustix::mm::Advice::LinuxHugepage)
        };
    }
}
