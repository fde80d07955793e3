//! Grows the stack for values that are large or deeply nested. If too little stack is
//! left, work runs on a new one, so that a value that is too deep causes an error at a
//! documented limit instead of a stack overflow.

/// The error if memory for a stack cannot be allocated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct StackExhausted {
    /// The number of bytes that were requested.
    pub(crate) bytes: usize,
}

/// The stack that work may use between two checks, in addition to the values that it
/// handles.
pub(crate) const DEFAULT_ROOM: usize = 128 << 10;

/// The stack that an arbitrary deserializer may use between two checks.
const DESERIALIZER_ROOM: usize = 256 << 10;

/// The number of copies of a value that may be on the stack at once while functions pass
/// it on. Without optimization each function has its own copy.
const COPIES: usize = 32;

/// The number of levels, each like the one that requests it, that a new stack has room
/// for, within bounds. The system commits its pages on first use.
const LEVELS: usize = 4;
const MAX_AHEAD: usize = 16 << 20;
const MIN_STACK: usize = 4 << 20;

/// Returns the stack needed by work that handles values of the type `T`.
pub(crate) const fn for_type<T>() -> usize {
    for_values_of(size_of::<T>())
}

/// Returns the stack needed by work that handles values of this size.
pub(crate) const fn for_values_of(bytes: usize) -> usize {
    DEFAULT_ROOM.saturating_add(bytes.saturating_mul(COPIES))
}

/// Runs `work` with at least this many bytes of stack.
#[inline]
pub(crate) fn with_room<R>(bytes: usize, work: impl FnOnce() -> R) -> Result<R, StackExhausted> {
    let mut work = Some(work);
    let mut result = None;
    let mut run = || result = work.take().map(|work| work());
    match has_room(bytes) {
        true => run(),
        false => on_new_stack(bytes, &mut run)?,
    }
    Ok(result.expect("it was run"))
}

/// Runs `work` like [`with_room`], for work that handles values of unknown size.
#[inline]
pub(crate) fn with_deserializer_room<R>(work: impl FnOnce() -> R) -> R {
    stacker::maybe_grow(DESERIALIZER_ROOM, MIN_STACK, work)
}

#[inline]
fn has_room(bytes: usize) -> bool {
    // If the stack's end is unknown, `stacker` does not support switching stacks either.
    stacker::remaining_stack().is_none_or(|left| left >= bytes)
}

#[cold]
fn on_new_stack(bytes: usize, run: &mut dyn FnMut()) -> Result<(), StackExhausted> {
    let ahead = bytes.saturating_mul(LEVELS - 1).min(MAX_AHEAD);
    let size = bytes.saturating_add(ahead).max(MIN_STACK);
    if !can_map(size) {
        return Err(StackExhausted { bytes });
    }
    stacker::grow(size, run);
    Ok(())
}

/// Returns whether the system can map this many bytes. If it cannot, `stacker` would
/// panic.
fn can_map(size: usize) -> bool {
    // Skips the check for the usual size: a process without this much memory fails
    // anyway.
    size <= MIN_STACK
        || isize::try_from(size).is_ok() && memmap2::MmapOptions::new().len(size).map_anon().is_ok()
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    /// Uses about 8 KiB of stack at each of `levels` levels.
    fn deep(levels: u64) -> u64 {
        let taken = std::hint::black_box([levels; 1000]);
        match levels {
            0 => 0,
            _ => 1 + with_room(DEFAULT_ROOM, || deep(levels - 1)).unwrap() + (taken[999] - levels),
        }
    }

    fn on_a_small_stack<R: Send + 'static>(work: impl FnOnce() -> R + Send + 'static) -> R {
        let thread = std::thread::Builder::new().stack_size(64 << 10);
        thread.spawn(work).unwrap().join().unwrap()
    }

    #[test]
    fn work_that_asks_for_room_has_it_at_any_depth() {
        assert_eq!(on_a_small_stack(|| deep(10_000)), 10_000);
        assert_eq!(deep(10_000), 10_000);
        assert_eq!(
            on_a_small_stack(|| with_deserializer_room(|| deep(100))),
            100
        );
    }

    #[test]
    fn a_panic_comes_back_from_another_stack() {
        let caught = on_a_small_stack(|| {
            let panics = || with_room(1 << 20, || panic!("there"));
            let caught = std::panic::catch_unwind(panics).unwrap_err();
            // The thread is on its own stack again.
            assert_eq!(deep(100), 100);
            caught.downcast::<&str>().map(|it| *it).unwrap()
        });
        assert_eq!(caught, "there");
    }

    #[test]
    fn what_no_memory_has_room_for_is_refused() {
        for bytes in [usize::MAX / 2, usize::MAX, 1 << 60] {
            assert_eq!(with_room(bytes, || ()), Err(StackExhausted { bytes }));
        }
    }

    #[test]
    fn thread_locals_are_the_threads() {
        thread_local!(static NUMBER: Cell<u8> = const { Cell::new(1) });
        on_a_small_stack(|| {
            NUMBER.set(2);
            assert_eq!(with_room(1 << 20, || NUMBER.replace(3)), Ok(2));
            assert_eq!(NUMBER.get(), 3);
        });
    }
}
