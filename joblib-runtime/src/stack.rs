//! Room on the stack for values that are large or contain one another: where too
//! little is left, what follows runs on memory of its own, so that a value ends at
//! a limit that is told and not with the process.

/// There is no memory for a stack.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct StackExhausted {
    /// What it takes.
    pub(crate) bytes: usize,
}

/// What work may take between two places where it asks for room, besides the
/// values that it handles.
pub(crate) const USUAL: usize = 128 << 10;

/// What deserializers of all kinds may take between two such places.
const AMPLE: usize = 256 << 10;

/// So often may a value be on the stack at once while it is handed from one
/// function to the next; without optimization, each has its own.
const COPIES: usize = 32;

/// A new stack has room for so many levels like the one that asks for it, within
/// bounds. It is taken from the system as it is used.
const LEVELS: usize = 4;
const MOST_AHEAD: usize = 16 << 20;
const LEAST: usize = 4 << 20;

/// The room for work that handles values of the type `T`.
pub(crate) const fn for_type<T>() -> usize {
    for_values_of(size_of::<T>())
}

/// The room for work that handles values of so many bytes.
pub(crate) const fn for_values_of(bytes: usize) -> usize {
    USUAL.saturating_add(bytes.saturating_mul(COPIES))
}

/// Does `work` with so many bytes of stack.
#[inline]
pub(crate) fn with_room<R>(bytes: usize, work: impl FnOnce() -> R) -> Result<R, StackExhausted> {
    let mut work = Some(work);
    let mut result = None;
    let mut run = || result = work.take().map(|work| work());
    match has(bytes) {
        true => run(),
        false => elsewhere(bytes, &mut run)?,
    }
    Ok(result.expect("it was run"))
}

/// As [`with_room`], of work whose values are not known.
#[inline]
pub(crate) fn ample<R>(work: impl FnOnce() -> R) -> R {
    stacker::maybe_grow(AMPLE, LEAST, work)
}

#[inline]
fn has(bytes: usize) -> bool {
    // Where the system does not tell, there is no way to change to another either.
    stacker::remaining_stack().is_none_or(|left| left >= bytes)
}

#[cold]
fn elsewhere(bytes: usize, run: &mut dyn FnMut()) -> Result<(), StackExhausted> {
    let ahead = bytes.saturating_mul(LEVELS - 1).min(MOST_AHEAD);
    let size = bytes.saturating_add(ahead).max(LEAST);
    if !is_to_be_had(size) {
        return Err(StackExhausted { bytes });
    }
    stacker::grow(size, run);
    Ok(())
}

/// Whether the system gives so many bytes, without which `stacker` would panic.
fn is_to_be_had(size: usize) -> bool {
    // Nothing that is ever used has no room for so little.
    size <= LEAST
        || isize::try_from(size).is_ok() && memmap2::MmapOptions::new().len(size).map_anon().is_ok()
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    /// Takes a good deal of stack at each of so many levels.
    fn deep(levels: u64) -> u64 {
        let taken = std::hint::black_box([levels; 1000]);
        match levels {
            0 => 0,
            _ => 1 + with_room(USUAL, || deep(levels - 1)).unwrap() + (taken[999] - levels),
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
        assert_eq!(on_a_small_stack(|| ample(|| deep(100))), 100);
    }

    #[test]
    fn a_panic_comes_back_from_another_stack() {
        let caught = on_a_small_stack(|| {
            let panics = || with_room(1 << 20, || panic!("there"));
            let caught = std::panic::catch_unwind(panics).unwrap_err();
            // And the stack is that of the thread again.
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
