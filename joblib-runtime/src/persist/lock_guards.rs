//! What is lent from behind a lock, and the locks that are held for it: so that
//! a large array in a `Mutex` is written from where it lies.
//!
//! Nobody waits for a lock while one is held for an array, so that two that lock
//! in different orders cannot wait for each other.

use std::cell::Ref;
use std::ops::{Deref, Range};
use std::sync::{MutexGuard, RwLockReadGuard};

use super::error::Error;
use super::writer::{ArrayData, PendingArray};

/// What gives access to a value as long as it lives.
///
/// # Safety
///
/// The value does not move with it.
pub(super) unsafe trait LockGuard: Deref {}

// SAFETY: the value is in what is locked.
unsafe impl<T: ?Sized> LockGuard for MutexGuard<'_, T> {}
// SAFETY: as above.
unsafe impl<T: ?Sized> LockGuard for RwLockReadGuard<'_, T> {}
// SAFETY: as above.
unsafe impl<T: ?Sized> LockGuard for Ref<'_, T> {}

/// Anything, to be kept and dropped.
trait Retained {}

impl<T> Retained for T {}

/// A lock that is held, and which arrays are lent from behind it.
struct HeldLock<'v> {
    _guard: Box<dyn Retained + 'v>,
    /// Of those that a writer noted. It is open while they are being noted.
    arrays: Range<usize>,
    is_open: bool,
}

/// The locks that a writer holds.
#[derive(Default)]
pub(super) struct HeldLocks<'v>(Vec<HeldLock<'v>>);

impl<'v> HeldLocks<'v> {
    /// Holds the lock of the arrays that follow the first `count`; the value behind
    /// it.
    ///
    /// # Safety
    ///
    /// What is lent from the value is used no longer than these locks are held, but
    /// for what [`release`](HeldLocks::release) has made owned.
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
        // SAFETY: the value stays where it is, and nobody changes it, as long as
        // the guard lives; that this is long enough is the caller's promise.
        unsafe { &*value }
    }

    /// Notes that all arrays of the last lock that was open are there, which are
    /// `count` with those before them. Without any, it need not be held.
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

    /// Copies what is lent from behind locks that are not open, and holds them no
    /// longer.
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

/// The arrays of a value, with the locks that are held for them.
#[derive(Default)]
pub(super) struct GuardedArrays<'v> {
    arrays: Vec<PendingArray<'v>>,
    locks: HeldLocks<'v>,
}

impl<'v> GuardedArrays<'v> {
    pub(super) fn new(arrays: Vec<PendingArray<'v>>, locks: HeldLocks<'v>) -> Self {
        GuardedArrays { arrays, locks }
    }

    /// Hands each array to `write`, which cannot keep it.
    pub(super) fn each(
        self,
        write: impl for<'a> FnMut(PendingArray<'a>) -> Result<(), Error>,
    ) -> Result<(), Error> {
        // Dropped after the arrays.
        let _locks = self.locks;
        self.arrays.into_iter().try_for_each(write)
    }

    /// All of them, of which none is from behind a lock.
    pub(super) fn released(mut self) -> Result<Vec<PendingArray<'v>>, Error> {
        self.locks.release(&mut self.arrays)?;
        Ok(self.arrays)
    }
}
