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
pub(crate) const BYTES: usize = PLACES * PLACE;

const PLACES: usize = 1024;
const PLACE: usize = 32;

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
    signs: LockHolders,
    place: usize,
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

    fn word(&self, place: usize, word: usize) -> &AtomicU64 {
        let at = COUNTERS_BYTES + place * PLACE + word * 8;
        assert!(at + 8 <= self.0.len());
        // SAFETY: the word is inside the page, which stays mapped as long as `self`, is
        // aligned like the page, and is accessed only as an atomic.
        unsafe { AtomicU64::from_ptr(self.0.as_ptr().cast_mut().add(at).cast()) }
    }

    fn window(offset: i64) -> impl Iterator<Item = usize> {
        let first = offset as usize;
        (0..WINDOW).map(move |step| first.wrapping_add(step) % PLACES)
    }

    fn key(offset: i64) -> u64 {
        offset as u64
    }

    /// Publishes that this process holds the lock at `offset`, for the thread with this
    /// ID or for a task. Returns `None` if there is no free slot.
    pub(crate) fn put(&self, offset: i64, thread: Option<i32>) -> Option<HolderRecord> {
        static LAST: AtomicU32 = AtomicU32::new(0);
        let place = self.place_for(offset)?;
        let tag = u64::from(space()) << 32 | u64::from(LAST.fetch_add(1, Ordering::Relaxed));
        let holder = u64::from(process()) << 32 | thread.unwrap_or(0) as u64;
        self.word(place, STATE).store(0, Ordering::Relaxed);
        self.word(place, HOLDER).store(holder, Ordering::Relaxed);
        self.word(place, TAG).store(tag, Ordering::Release);
        let signs = self.clone();
        Some(HolderRecord { signs, place, tag })
    }

    /// Returns the slot that this lock already has, or claims a free one.
    fn place_for(&self, offset: i64) -> Option<usize> {
        let (key, taken) = (LockHolders::key(offset), Ordering::Relaxed);
        let mut window = LockHolders::window(offset);
        if let Some(place) = window.find(|&place| self.word(place, KEY).load(taken) == key) {
            return Some(place);
        }
        let take = |place: usize, from: u64| {
            let word = self.word(place, KEY);
            word.compare_exchange(from, key, taken, taken).is_ok()
        };
        LockHolders::window(offset)
            .find(|&place| take(place, 0))
            .or_else(|| {
                let mut left = LockHolders::window(offset).filter(|&place| self.is_left(place));
                left.find(|&place| take(place, self.word(place, KEY).load(taken)))
            })
    }

    /// Whether a slot belongs to a process that ended without clearing it.
    fn is_left(&self, place: usize) -> bool {
        self.holder(place).process.is_some_and(|process| {
            let process = rustix::process::Pid::from_raw(process);
            process.is_some_and(|process| {
                rustix::process::test_kill_process(process) == Err(rustix::io::Errno::SRCH)
            })
        })
    }

    fn holder(&self, place: usize) -> HolderStatus {
        let tag = self.word(place, TAG).load(Ordering::Acquire);
        let holder = self.word(place, HOLDER).load(Ordering::Relaxed);
        let number = |number: u64| i32::try_from(number).ok().filter(|number| *number > 0);
        let is_near = tag >> 32 == u64::from(space()) && space() != 0;
        HolderStatus {
            process: number(holder >> 32).filter(|_| is_near),
            thread: number(holder & u64::from(u32::MAX)),
            state: self.word(place, STATE).load(Ordering::Relaxed),
        }
    }

    /// Returns the status of the holder of the lock at `offset`.
    pub(crate) fn find(&self, offset: i64) -> Option<HolderStatus> {
        let key = LockHolders::key(offset);
        let place = LockHolders::window(offset)
            .find(|&place| self.word(place, KEY).load(Ordering::Relaxed) == key)?;
        Some(self.holder(place))
    }
}

impl HolderRecord {
    /// Publishes the progress of the computation for waiting processes.
    pub fn set(&self, state: u64) {
        if self.is_own() {
            self.signs
                .word(self.place, STATE)
                .store(state, Ordering::Relaxed);
        }
    }

    /// Whether no other thread of this process has taken over the lock.
    pub(crate) fn is_own(&self) -> bool {
        self.signs.word(self.place, TAG).load(Ordering::Relaxed) == self.tag
    }

    /// Frees the slot.
    pub(crate) fn clear(&self) {
        self.signs.word(self.place, TAG).store(0, Ordering::Relaxed);
        self.signs.word(self.place, KEY).store(0, Ordering::Release);
    }
}

impl std::fmt::Debug for HolderRecord {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Sign")
            .field("place", &self.place)
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
fn space() -> u32 {
    static SPACE: OnceLock<u32> = OnceLock::new();
    *SPACE.get_or_init(|| {
        let found = std::fs::metadata("/proc/self/ns/pid");
        found.map_or(0, |found| found.ino() as u32)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::change_counters;

    fn signs() -> LockHolders {
        let page = MmapMut::map_anon(change_counters::SIZE).unwrap();
        LockHolders::new(&Arc::new(page))
    }

    #[test]
    fn a_holder_is_found_until_it_lets_go() {
        let signs = signs();
        let places: Vec<_> = (1..=100i64)
            .map(|offset| signs.put(offset * 7, Some(5)))
            .collect();
        for (place, offset) in places.iter().zip(1..) {
            let place = place.as_ref().unwrap();
            place.set(9);
            let found = signs.find(offset * 7).unwrap();
            let process = Some(std::process::id() as i32);
            assert_eq!(
                (found.process, found.thread, found.state),
                (process, Some(5), 9)
            );
            place.clear();
            assert_eq!(signs.find(offset * 7), None);
        }
    }

    #[test]
    fn a_lock_that_was_taken_over_is_the_new_holders() {
        let signs = signs();
        let old = signs.put(3, None).unwrap();
        old.set(1);
        let new = signs.put(3, None).unwrap();
        assert!(!old.is_own() && new.is_own());
        old.set(2);
        assert_eq!(signs.find(3).unwrap().state, 0);
    }

    #[test]
    fn without_a_place_a_holder_is_not_known_and_those_of_the_dead_are_given_away() {
        let signs = signs();
        let step = PLACES as i64;
        let offsets: Vec<i64> = (0..=WINDOW as i64).map(|n| 1 + n * step).collect();
        let (last, others) = offsets.split_last().unwrap();
        assert!(
            others
                .iter()
                .all(|offset| signs.put(*offset, None).is_some())
        );
        assert!(signs.put(*last, None).is_none() && signs.find(*last).is_none());
        // No process has the largest possible ID.
        signs
            .word(3, HOLDER)
            .store((i32::MAX as u64) << 32, Ordering::Relaxed);
        assert!(signs.put(*last, None).is_some() && signs.find(*last).is_some());
    }

    #[test]
    fn any_bytes_are_read_as_some_holder_or_none() {
        let signs = signs();
        for fill in [u64::MAX, 1, u64::MAX >> 1] {
            for (place, word) in (0..PLACES).flat_map(|place| (0..4).map(move |word| (place, word)))
            {
                signs.word(place, word).store(fill, Ordering::Relaxed);
            }
            for offset in [1, i64::MAX, 77] {
                let _ = signs.find(offset);
                let _ = signs.put(offset, None);
            }
        }
    }
}
