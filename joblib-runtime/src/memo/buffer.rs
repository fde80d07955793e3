//! The per-thread buffer for encoding results.

use std::cell::RefCell;

/// Runs `with` on an empty buffer that is reused for the next result of this thread.
pub(super) fn with_buffer<T>(with: impl FnOnce(&mut Vec<u8>) -> T) -> T {
    const MAX_CAPACITY: usize = 1 << 20;
    thread_local!(static BUFFER: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) });
    // While a thread runs its last destructors, each call gets a new buffer.
    let mut buffer = BUFFER.try_with(RefCell::take).unwrap_or_default();
    buffer.clear();
    let result = with(&mut buffer);
    if buffer.capacity() <= MAX_CAPACITY {
        let _ = BUFFER.try_with(|kept| kept.replace(buffer));
    }
    result
}
