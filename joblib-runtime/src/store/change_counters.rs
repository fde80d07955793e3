//! A memory page that all processes using a directory share, with change counters: one
//! for changes of files, and several for appended records, selected by ID. If the
//! counters of an ID are unchanged, a miss is certain without a system call. After the
//! counters the page contains the table of [`lock_holders`](super::lock_holders).

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use memmap2::MmapMut;

use super::{Id, lock_holders};

/// Size of the page in bytes.
pub(crate) const SIZE: usize = COUNTERS_BYTES + lock_holders::BYTES;

/// Size of the counters in bytes.
pub(crate) const COUNTERS_BYTES: usize = COUNTERS * 8;

const COUNTERS: usize = 512;
const FILES: usize = 0;

/// The page, and the counter values that this store has processed.
pub(crate) struct ChangeCounters {
    page: Option<Arc<MmapMut>>,
    seen: [AtomicU64; COUNTERS],
}

impl ChangeCounters {
    /// Uses a page of [`SIZE`] bytes. Without a page, every check reports a possible
    /// change.
    pub(crate) fn new(page: Option<Arc<MmapMut>>) -> ChangeCounters {
        // The initial value differs from every counter, even from one at zero.
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
        // SAFETY: the page is SIZE bytes long, aligned to a page, and mapped as long as
        // `self` lives. The counters are accessed only as atomics.
        Some(unsafe { AtomicU64::from_ptr(page.as_ptr().cast::<u64>().cast_mut().add(index)) })
    }

    fn slot(id: Id) -> usize {
        1 + ((id >> 64) as u64 % (COUNTERS as u64 - 1)) as usize
    }

    /// Signals other processes that a record with this ID was appended.
    pub(crate) fn appended(&self, id: Id) {
        self.bump(Self::slot(id));
    }

    /// Signals other processes that files were added or removed.
    pub(crate) fn files_changed(&self) {
        self.bump(FILES);
    }

    fn bump(&self, index: usize) {
        let Some(counter) = self.counter(index) else {
            return;
        };
        let before = counter.fetch_add(1, Ordering::Release);
        // A change by this store needs no processing, unless another change came in
        // between.
        let _ = self.seen[index].compare_exchange(
            before,
            before + 1,
            Ordering::Relaxed,
            Ordering::Relaxed,
        );
    }

    /// Whether a record with this ID may have been appended since the last check.
    #[inline]
    pub(crate) fn may_have(&self, id: Id) -> bool {
        self.has_moved(Self::slot(id)) || self.has_moved(FILES)
    }

    /// Returns a number that changes whenever any process may have appended a record
    /// with this ID or cleared its function; `None` without a page.
    #[inline]
    pub(crate) fn version(&self, id: Id) -> Option<u64> {
        // Both counters only grow, so their sum is unchanged only if both are.
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

    /// Returns the counters; it is called before the files are examined.
    pub(crate) fn read(&self) -> Option<Vec<u64>> {
        (0..COUNTERS)
            .map(|index| Some(self.counter(index)?.load(Ordering::Acquire)))
            .collect()
    }

    /// Records that all changes up to `counters` are processed.
    pub(crate) fn note(&self, counters: Option<Vec<u64>>) {
        for (seen, counter) in self.seen.iter().zip(counters.into_iter().flatten()) {
            seen.store(counter, Ordering::Relaxed);
        }
    }
}
