//! A page shared by all processes of a directory that says what moved: a
//! counter of changed files, and counters of appended records by their ids.
//! A miss whose counter stands still is certain without a system call. Behind
//! the counters the page says who computes ([`lock_holders`](super::lock_holders)).

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use memmap2::MmapMut;

use super::{Id, lock_holders};

/// Bytes of the page.
pub(crate) const SIZE: usize = COUNTERS_BYTES + lock_holders::BYTES;

/// Bytes of the counters.
pub(crate) const COUNTERS_BYTES: usize = COUNTERS * 8;

const COUNTERS: usize = 512;
const FILES: usize = 0;

/// The page, and what this store has taken note of.
pub(crate) struct ChangeCounters {
    page: Option<Arc<MmapMut>>,
    seen: [AtomicU64; COUNTERS],
}

impl ChangeCounters {
    /// The pulse on a page of [`SIZE`] bytes; without one, everything may
    /// always have moved.
    pub(crate) fn new(page: Option<Arc<MmapMut>>) -> ChangeCounters {
        // Nothing has been seen yet, not even a counter at zero.
        ChangeCounters {
            page,
            seen: [const { AtomicU64::new(u64::MAX) }; COUNTERS],
        }
    }

    pub(crate) fn is_shared(&self) -> bool {
        self.page.is_some()
    }

    fn counter(&self, index: usize) -> Option<&AtomicU64> {
        let page = self.page.as_ref()?;
        // SAFETY: the page is SIZE bytes, mapped for as long as `self` lives
        // and aligned to a page; it is only ever accessed as atomics.
        Some(unsafe { AtomicU64::from_ptr(page.as_ptr().cast::<u64>().cast_mut().add(index)) })
    }

    fn slot(id: Id) -> usize {
        1 + ((id >> 64) as u64 % (COUNTERS as u64 - 1)) as usize
    }

    /// Tells the others that a record with this id was appended.
    pub(crate) fn appended(&self, id: Id) {
        self.bump(Self::slot(id));
    }

    /// Tells the others that files came or went.
    pub(crate) fn files_changed(&self) {
        self.bump(FILES);
    }

    fn bump(&self, index: usize) {
        let Some(counter) = self.counter(index) else {
            return;
        };
        let before = counter.fetch_add(1, Ordering::Release);
        // One's own news is no news, unless another's came between.
        let _ = self.seen[index].compare_exchange(
            before,
            before + 1,
            Ordering::Relaxed,
            Ordering::Relaxed,
        );
    }

    /// Whether a record with this id may have been appended since the last
    /// look.
    #[inline]
    pub(crate) fn may_have(&self, id: Id) -> bool {
        self.has_moved(Self::slot(id)) || self.has_moved(FILES)
    }

    /// A number that changes whenever a record with this id may have been
    /// appended, or its function cleared, by whichever process; nothing without
    /// a page.
    #[inline]
    pub(crate) fn news(&self, id: Id) -> Option<u64> {
        // Both only grow, so their sum stands still only if both do.
        let load = |index| Some(self.counter(index)?.load(Ordering::Acquire));
        Some(load(Self::slot(id))?.wrapping_add(load(FILES)?))
    }

    pub(crate) fn have_files_changed(&self) -> bool {
        self.has_moved(FILES)
    }

    #[inline]
    fn has_moved(&self, index: usize) -> bool {
        match self.counter(index) {
            Some(counter) => {
                counter.load(Ordering::Acquire) != self.seen[index].load(Ordering::Relaxed)
            }
            None => true,
        }
    }

    /// What the counters say before a look at the files.
    pub(crate) fn read(&self) -> Option<Vec<u64>> {
        (0..COUNTERS)
            .map(|index| Some(self.counter(index)?.load(Ordering::Acquire)))
            .collect()
    }

    /// Notes that everything up to `counters` has been seen.
    pub(crate) fn note(&self, counters: Option<Vec<u64>>) {
        for (seen, counter) in self.seen.iter().zip(counters.into_iter().flatten()) {
            seen.store(counter, Ordering::Relaxed);
        }
    }
}
