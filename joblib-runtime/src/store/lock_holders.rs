//! A table of the holders of key locks and their progress, in the page that all
//! processes using a directory share.
//!
//! The kernel reports that a lock is held, but not by which thread. The table is only a
//! hint, which may be missing, outdated or wrong: readers use it to decide how long to
//! wait, never for the value of a result.

use std::os::unix::fs::MetadataExt;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};

use memmap2::MmapMut;

use super::change_counters::COUNTERS_BYTES;
use crate::fork;

/// Size of all slots in bytes.
pub(crate) const BYTES: usize = SLOTS * SLOT_BYTES;

const SLOTS: usize = 1024;
const SLOT_BYTES: usize = 32;

/// Number of slots that may hold a lock, starting at the one that its offset selects.
const WINDOW: usize = 8;

// The words of a slot.
const KEY: usize = 0;
const HOLDER: usize = 1;
const TAG: usize = 2;
const STATE: usize = 3;

/// The table, as seen by one store.
#[derive(Clone)]
pub(crate) struct LockHolders(Arc<MmapMut>);

/// The slot of a lock, valid as long as the lock is held.
#[derive(Clone)]
pub struct HolderRecord {
    holders: LockHolders,
    slot: usize,
    tag: u64,
}

/// The status of the holder of a lock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HolderStatus {
    /// The process ID; `None` if it belongs to another PID namespace.
    pub process: Option<i32>,
    /// The ID of the computing thread; `None` for a task.
    pub thread: Option<i32>,
    /// The value that the holder last set by [`HolderRecord::set`].
    pub state: u64,
}

impl LockHolders {
    /// Uses the table in `page`, which contains the change counters and the table.
    pub(crate) fn new(page: &Arc<MmapMut>) -> LockHolders {
        LockHolders(Arc::clone(page))
    }

    fn word(&self, slot: usize, word: usize) -> &AtomicU64 {
        let at = COUNTERS_BYTES + slot * SLOT_BYTES + word * 8;
        assert!(at + 8 <= self.0.len());
        // SAFETY: the word is inside the page, which stays mapped as long as `self`, is
        // aligned like the page, and is accessed only as an atomic.
        unsafe { AtomicU64::from_ptr(self.0.as_ptr().cast_mut().add(at).cast()) }
    }

    fn window(offset: i64) -> impl Iterator<Item = usize> {
        let first = offset as usize;
        (0..WINDOW).map(move |step| first.wrapping_add(step) % SLOTS)
    }

    fn key(offset: i64) -> u64 {
        offset as u64
    }

    /// Publishes that this process holds the lock at `offset`, for the thread with this
    /// ID or for a task. Returns `None` if there is no free slot.
    pub(crate) fn put(&self, offset: i64, thread: Option<i32>) -> Option<HolderRecord> {
        static LAST: AtomicU32 = AtomicU32::new(0);
        let slot = self.slot_for(offset)?;
        let tag =
            u64::from(pid_namespace()) << 32 | u64::from(LAST.fetch_add(1, Ordering::Relaxed));
        let holder = u64::from(process()) << 32 | thread.unwrap_or(0) as u64;
        self.word(slot, STATE).store(0, Ordering::Relaxed);
        self.word(slot, HOLDER).store(holder, Ordering::Relaxed);
        self.word(slot, TAG).store(tag, Ordering::Release);
        let holders = self.clone();
        Some(HolderRecord { holders, slot, tag })
    }

    /// Returns the slot that this lock already has, or claims a free one.
    fn slot_for(&self, offset: i64) -> Option<usize> {
        let (key, taken) = (LockHolders::key(offset), Ordering::Relaxed);
        let mut window = LockHolders::window(offset);
        if let Some(slot) = window.find(|&slot| self.word(slot, KEY).load(taken) == key) {
            return Some(slot);
        }
        let take = |slot: usize, from: u64| {
            let word = self.word(slot, KEY);
            word.compare_exchange(from, key, taken, taken).is_ok()
        };
        LockHolders::window(offset)
            .find(|&slot| take(slot, 0))
            .or_else(|| {
                let mut left = LockHolders::window(offset).filter(|&slot| self.is_stale(slot));
                left.find(|&slot| take(slot, self.word(slot, KEY).load(taken)))
            })
    }

    /// Whether a slot belongs to a process that ended without clearing it.
    fn is_stale(&self, slot: usize) -> bool {
        self.holder(slot).process.is_some_and(|process| {
            let process = rustix::process::Pid::from_raw(process);
            process.is_some_and(|process| {
                rustix::process::test_kill_process(process) == Err(rustix::io::Errno::SRCH)
            })
        })
    }

    fn holder(&self, slot: usize) -> HolderStatus {
        let tag = self.word(slot, TAG).load(Ordering::Acquire);
        let holder = self.word(slot, HOLDER).load(Ordering::Relaxed);
        let number = |number: u64| i32::try_from(number).ok().filter(|number| *number > 0);
        let is_same_namespace = tag >> 32 == u64::from(pid_namespace()) && pid_namespace() != 0;
        HolderStatus {
            process: number(holder >> 32).filter(|_| is_same_namespace),
            thread: number(holder & u64::from(u32::MAX)),
            state: self.word(slot, STATE).load(Ordering::Relaxed),
        }
    }

    /// Returns the status of the holder of the lock at `offset`.
    pub(crate) fn find(&self, offset: i64) -> Option<HolderStatus> {
        let key = LockHolders::key(offset);
        let slot = LockHolders::window(offset)
            .find(|&slot| self.word(slot, KEY).load(Ordering::Relaxed) == key)?;
        Some(self.holder(slot))
    }
}

impl HolderRecord {
    /// Publishes the progress of the computation for waiting processes.
    pub fn set(&self, state: u64) {
        if self.is_own() {
            self.holders
                .word(self.slot, STATE)
                .store(state, Ordering::Relaxed);
        }
    }

    /// Whether no other thread of this process has taken over the lock.
    pub(crate) fn is_own(&self) -> bool {
        self.holders.word(self.slot, TAG).load(Ordering::Relaxed) == self.tag
    }

    /// Frees the slot.
    pub(crate) fn clear(&self) {
        self.holders
            .word(self.slot, TAG)
            .store(0, Ordering::Relaxed);
        self.holders
            .word(self.slot, KEY)
            .store(0, Ordering::Release);
    }
}

impl std::fmt::Debug for HolderRecord {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Sign")
            .field("place", &self.slot)
            .finish_non_exhaustive()
    }
}

/// Returns the ID of this process, queried once. Stores track forks before they acquire
/// a lock.
fn process() -> u32 {
    static PROCESS: OnceLock<u32> = OnceLock::new();
    match fork::generation() {
        0 => *PROCESS.get_or_init(std::process::id),
        _ => std::process::id(),
    }
}

/// Returns the inode number of the PID namespace, or 0 if it is unknown. Process IDs
/// are comparable only within a namespace.
fn pid_namespace() -> u32 {
    static PID_NAMESPACE: OnceLock<u32> = OnceLock::new();
    *PID_NAMESPACE.get_or_init(|| {
        let found = std::fs::metadata("/proc/self/ns/pid");
        found.map_or(0, |found| found.ino() as u32)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::change_counters;

    fn holders() -> LockHolders {
        let page = MmapMut::map_anon(change_counters::SIZE).unwrap();
        LockHolders::new(&Arc::new(page))
    }

    #[test]
    fn a_holder_is_found_until_it_lets_go() {
        let holders = holders();
        let slots: Vec<_> = (1..=100i64)
            .map(|offset| holders.put(offset * 7, Some(5)))
            .collect();
        for (slot, offset) in slots.iter().zip(1..) {
            let slot = slot.as_ref().unwrap();
            slot.set(9);
            let found = holders.find(offset * 7).unwrap();
            let process = Some(std::process::id() as i32);
            assert_eq!(
                (found.process, found.thread, found.state),
                (process, Some(5), 9)
            );
            slot.clear();
            assert_eq!(holders.find(offset * 7), None);
        }
    }

    #[test]
    fn a_lock_that_was_taken_over_is_the_new_holders() {
        let holders = holders();
        let old = holders.put(3, None).unwrap();
        old.set(1);
        let new = holders.put(3, None).unwrap();
        assert!(!old.is_own() && new.is_own());
        old.set(2);
        assert_eq!(holders.find(3).unwrap().state, 0);
    }

    #[test]
    fn without_a_place_a_holder_is_not_known_and_those_of_the_dead_are_given_away() {
        let holders = holders();
        let step = SLOTS as i64;
        let offsets: Vec<i64> = (0..=WINDOW as i64).map(|n| 1 + n * step).collect();
        let (last, others) = offsets.split_last().unwrap();
        assert!(
            others
                .iter()
                .all(|offset| holders.put(*offset, None).is_some())
        );
        assert!(holders.put(*last, None).is_none() && holders.find(*last).is_none());
        // No process has the largest possible ID.
        holders
            .word(3, HOLDER)
            .store((i32::MAX as u64) << 32, Ordering::Relaxed);
        assert!(holders.put(*last, None).is_some() && holders.find(*last).is_some());
    }

    #[test]
    fn any_bytes_are_read_as_some_holder_or_none() {
        let holders = holders();
        for fill in [u64::MAX, 1, u64::MAX >> 1] {
            for (slot, word) in (0..SLOTS).flat_map(|slot| (0..4).map(move |word| (slot, word))) {
                holders.word(slot, word).store(fill, Ordering::Relaxed);
            }
            for offset in [1, i64::MAX, 77] {
                let _ = holders.find(offset);
                let _ = holders.put(offset, None);
            }
        }
    }
}
