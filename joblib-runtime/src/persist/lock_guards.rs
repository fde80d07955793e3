//! Locks that are held while arrays behind them are written, so that a large array in a
//! `Mutex` is written without a copy.
//!
//! A writer never waits for a lock while it holds another for an array, so that two
//! writers that lock in different orders cannot deadlock.

use std::cell::Ref;
use std::ops::{Deref, Range};
use std::sync::{MutexGuard, RwLockReadGuard};

use super::error::Error;
use super::writer::{ArrayData, PendingArray};

/// A guard that gives access to a value as long as it lives.
///
/// # Safety
///
/// The value does not move when the guard moves.
pub(super) unsafe trait LockGuard: Deref {}

// SAFETY: the value is in the lock, and not in the guard.
unsafe impl<T: ?Sized> LockGuard for MutexGuard<'_, T> {}
// SAFETY: as above.
unsafe impl<T: ?Sized> LockGuard for RwLockReadGuard<'_, T> {}
// SAFETY: as above.
unsafe impl<T: ?Sized> LockGuard for Ref<'_, T> {}

/// Any value that is only kept to be dropped.
trait Retained {}

impl<T> Retained for T {}

/// A held lock, and the arrays borrowed from behind it.
struct HeldLock<'v> {
    _guard: Box<dyn Retained + 'v>,
    /// The range of these arrays in the writer's list. It is open until all of them are
    /// in the list.
    arrays: Range<usize>,
    is_open: bool,
}

/// The locks that a writer holds.
#[derive(Default)]
pub(super) struct HeldLocks<'v>(Vec<HeldLock<'v>>);

impl<'v> HeldLocks<'v> {
    /// Holds the lock of the arrays that follow the first `count`. Returns the value
    /// behind the lock.
    ///
    /// # Safety
    ///
    /// References into the value are used only while these locks are held, except for
    /// arrays that [`release`](HeldLocks::release) has copied.
    pub(super) unsafe fn hold<G: LockGuard + 'v>(
        &mut self,
        guard: G,
        count: usize,
    ) -> &'v G::Target {
        let value: *const G::Target = &raw const *guard;
        self.0.push(HeldLock {
            _guard: Box::new(guard),
            arrays: count..count,
            is_open: true,
        });
        // SAFETY: the value does not move or change as long as the guard lives. The
        // caller guarantees that the reference is not used after that.
        unsafe { &*value }
    }

    /// Closes the range of the last open lock: the list has `count` arrays. A lock
    /// without arrays is released.
    pub(super) fn close(&mut self, count: usize) {
        let Some(at) = self.0.iter().rposition(|it| it.is_open) else {
            return;
        };
        let held = &mut self.0[at];
        (held.arrays.end, held.is_open) = (count, false);
        if held.arrays.is_empty() {
            self.0.remove(at);
        }
    }

    /// Copies the arrays behind locks that are not open, and releases these locks.
    pub(super) fn release(&mut self, arrays: &mut [PendingArray<'v>]) -> Result<(), Error> {
        for held in self.0.iter().filter(|it| !it.is_open) {
            for array in arrays.get_mut(held.arrays.clone()).unwrap_or_default() {
                let data = std::mem::replace(&mut array.data, ArrayData::Owned(Vec::new()));
                array.data = ArrayData::Owned(data.into_owned()?);
            }
        }
        self.0.retain(|it| it.is_open);
        Ok(())
    }
}

/// The arrays of a value, and the locks that are held for them.
#[derive(Default)]
pub(super) struct GuardedArrays<'v> {
    arrays: Vec<PendingArray<'v>>,
    locks: HeldLocks<'v>,
}

impl<'v> GuardedArrays<'v> {
    pub(super) fn new(arrays: Vec<PendingArray<'v>>, locks: HeldLocks<'v>) -> Self {
        GuardedArrays { arrays, locks }
    }

    /// Passes each array to `write`, which cannot keep it.
    pub(super) fn each(
        self,
        write: impl for<'a> FnMut(PendingArray<'a>) -> Result<(), Error>,
    ) -> Result<(), Error> {
        // The locks are dropped after the arrays.
        let _locks = self.locks;
        self.arrays.into_iter().try_for_each(write)
    }

    /// Returns all arrays, after copying those behind locks.
    pub(super) fn released(mut self) -> Result<Vec<PendingArray<'v>>, Error> {
        self.locks.release(&mut self.arrays)?;
        Ok(self.arrays)
    }
}
