//! The task ring of a worker: shared memory with the state of each task in its queue
//! and a ring buffer of results. A task is claimed, revoked and condemned by a single
//! atomic exchange, so that both sides agree whatever happens to either. Results in the
//! ring buffer survive the death of the worker.
//!
//! A faulty worker may write anything here at any time. The parent reads each word
//! once, bases its decisions on its own counters, and copies results out before it
//! parses them.

use std::fs::File;
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::sync::atomic::{AtomicU64, Ordering, fence};

use memmap2::{MmapOptions, MmapRaw};
use rustix::fs::{MemfdFlags, SealFlags, fcntl_add_seals, ftruncate, memfd_create};

use super::frame::{ALIGNMENT, ProtocolError};
use super::recv_buffer::AlignedBuf;
use crate::file_size;
use crate::guarded_fd::above_standard_streams;

/// Maximum length of a worker's queue.
pub(super) const SLOTS: usize = 4096;

/// Size of the ring buffer of results, in bytes.
const RING: usize = 512 << 10;

const WORD: usize = size_of::<u64>();

/// The number of a task within its worker, never reused.
pub(super) type Ticket = u64;

/// The value of `running` while the worker runs no task.
pub(super) const IDLE: u64 = 0;

/// The value of `running` while the worker loads a function.
pub(super) const OPENING: u64 = u64::MAX;

/// The state of a task.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u64)]
pub(super) enum TaskState {
    /// It waits in the worker's queue.
    Queued = 1,
    /// The worker runs it.
    Claimed,
    /// The worker has run it.
    Finished,
    /// The parent took it back; the worker skips it.
    Revoked,
    /// It exceeded its time limit, and the worker is about to be killed.
    Condemned,
}

/// The number of low bits of a slot that hold the state.
const STATE: u32 = 3;

#[repr(C, align(64))]
struct CachePadded<T>(T);

#[repr(C)]
struct RingLayout {
    /// What the worker runs: a ticket plus one, [`IDLE`] or [`OPENING`]; and since
    /// when, by the monotonic clock.
    running: CachePadded<[AtomicU64; 2]>,
    /// The number of bytes of results that the worker has written.
    put: CachePadded<AtomicU64>,
    /// The number of bytes of results that the parent has read.
    taken: CachePadded<AtomicU64>,
    /// Whether the parent sleeps and must be woken.
    waiting: CachePadded<AtomicU64>,
    /// The index of the worker among the workers of its call.
    worker: CachePadded<AtomicU64>,
    slots: [AtomicU64; SLOTS],
    ring: [AtomicU64; RING / WORD],
}

/// One side's view of the task ring.
pub(super) struct TaskRing {
    map: MmapRaw,
    /// The number of bytes of results that this side has written or read.
    moved: u64,
}

impl TaskRing {
    /// Creates a task ring. Returns it with a descriptor through which the worker opens
    /// it.
    pub(super) fn create() -> io::Result<(TaskRing, OwnedFd)> {
        let flags = MemfdFlags::CLOEXEC | MemfdFlags::ALLOW_SEALING;
        let file = above_standard_streams(|| memfd_create("joblib-task-ring", flags))?;
        file_size::with_size_limit_as_error(|| {
            Ok(ftruncate(&file, size_of::<RingLayout>() as u64)?)
        })?;
        fcntl_add_seals(&file, SealFlags::SHRINK | SealFlags::GROW | SealFlags::SEAL)?;
        let ring = Self::open(file.as_fd().try_clone_to_owned()?)?;
        Ok((ring, file))
    }

    /// Opens the task ring that `fd` refers to.
    pub(super) fn open(fd: OwnedFd) -> io::Result<TaskRing> {
        let file = File::from(fd);
        if file.metadata()?.len() != size_of::<RingLayout>() as u64 {
            return Err(io::Error::other(
                "the descriptor does not refer to a task ring",
            ));
        }
        let map = MmapOptions::new()
            .len(size_of::<RingLayout>())
            .map_raw(&file)?;
        Ok(TaskRing { map, moved: 0 })
    }

    fn layout(&self) -> &RingLayout {
        // SAFETY: the map is as long as a `RingLayout`, aligned to a page, and lives as
        // long as `self`; the file is sealed and cannot shrink. All fields are atomics,
        // for which every bit pattern is valid and writes of other processes are not
        // data races.
        unsafe { &*self.map.as_ptr().cast::<RingLayout>() }
    }

    fn slot(&self, ticket: Ticket) -> &AtomicU64 {
        &self.layout().slots[(ticket % SLOTS as u64) as usize]
    }

    /// Moves the task to state `to` if it is in state `from`. Returns whether it did.
    fn transition(&self, ticket: Ticket, from: TaskState, to: TaskState) -> bool {
        let (from, to) = (word(ticket, from), word(ticket, to));
        self.slot(ticket)
            .compare_exchange(from, to, Ordering::AcqRel, Ordering::Acquire)
            .is_ok()
    }

    /// Parent: sets the index of the worker in its next call, before that is opened.
    pub(super) fn set_worker_index(&self, index: usize) {
        let word = &self.layout().worker.0;
        word.store(index as u64, Ordering::Release);
    }

    /// Worker: returns its index in the call that was opened last.
    pub(super) fn worker_index(&self) -> usize {
        self.layout().worker.0.load(Ordering::Acquire) as usize
    }

    /// Parent: marks a task as queued before it is sent.
    pub(super) fn queue(&self, ticket: Ticket) {
        self.slot(ticket)
            .store(word(ticket, TaskState::Queued), Ordering::Release);
    }

    /// Parent: takes the task back, unless it is already started.
    pub(super) fn revoke(&self, ticket: Ticket) -> bool {
        self.transition(ticket, TaskState::Queued, TaskState::Revoked)
    }

    /// Parent: whether the state of a task in the worker's queue is possible. If not,
    /// the worker has overwritten it.
    pub(super) fn is_consistent(&self, ticket: Ticket) -> bool {
        let word_now = self.slot(ticket).load(Ordering::Acquire);
        let held = [
            TaskState::Queued,
            TaskState::Claimed,
            TaskState::Finished,
            TaskState::Condemned,
        ];
        held.iter().any(|&state| word_now == word(ticket, state))
    }

    /// Parent: marks the task so that its result is discarded, unless it is finished.
    pub(super) fn condemn(&self, ticket: Ticket) -> bool {
        self.transition(ticket, TaskState::Claimed, TaskState::Condemned)
    }

    /// Worker: starts the task, unless it was taken back.
    pub(super) fn claim(&self, ticket: Ticket) -> bool {
        self.transition(ticket, TaskState::Queued, TaskState::Claimed)
    }

    /// Worker: whether a task that cannot be claimed was taken back. Its slot may
    /// already hold a later task.
    pub(super) fn was_revoked(&self, ticket: Ticket) -> bool {
        let word_now = self.slot(ticket).load(Ordering::Acquire);
        let later = word_now >> STATE;
        let is_later = later > ticket && (later - ticket).is_multiple_of(SLOTS as u64);
        let states = [TaskState::Queued, TaskState::Revoked];
        word_now == word(ticket, TaskState::Revoked)
            || is_later && states.iter().any(|&state| word_now == word(later, state))
    }

    /// Worker: marks the task as finished, unless it is condemned.
    pub(super) fn finish(&self, ticket: Ticket) -> bool {
        self.transition(ticket, TaskState::Claimed, TaskState::Finished)
    }

    /// Worker: whether the result of the task is discarded.
    pub(super) fn is_condemned(&self, ticket: Ticket) -> bool {
        self.slot(ticket).load(Ordering::Acquire) == word(ticket, TaskState::Condemned)
    }

    /// Parent: whether the worker runs the task.
    pub(super) fn is_claimed(&self, ticket: Ticket) -> bool {
        self.slot(ticket).load(Ordering::Acquire) == word(ticket, TaskState::Claimed)
    }

    /// Worker: publishes that it has been running `what` since `nanos`.
    pub(super) fn note_running(&self, what: u64, nanos: u64) {
        let [running, since] = &self.layout().running.0;
        since.store(nanos, Ordering::Relaxed);
        running.store(what, Ordering::Release);
    }

    /// Parent: returns what the worker runs, as published by it, and since when.
    pub(super) fn running(&self) -> (u64, u64) {
        let [running, since] = &self.layout().running.0;
        let what = running.load(Ordering::Acquire);
        (what, since.load(Ordering::Relaxed))
    }

    /// Iterates over the words of the ring buffer, cyclically, from the next one that
    /// this side writes or reads.
    fn ring_words(&self) -> impl Iterator<Item = &AtomicU64> {
        let ring = &self.layout().ring;
        let start = self.moved as usize / WORD % ring.len();
        ring[start..].iter().chain(ring.iter().cycle())
    }

    /// Worker: writes a result, in complete frames. Returns false if there is no room.
    pub(super) fn put(&mut self, pieces: &[&[u8]]) -> bool {
        let len: usize = pieces.iter().map(|piece| piece.len()).sum();
        let taken = self.layout().taken.0.load(Ordering::Acquire);
        let used = self.moved.wrapping_sub(taken) as usize;
        if used + len > RING {
            return false;
        }
        let words = pieces.iter().flat_map(|piece| piece.chunks_exact(WORD));
        for (place, word) in self.ring_words().zip(words) {
            let word = u64::from_ne_bytes(word.try_into().unwrap_or_default());
            place.store(word, Ordering::Relaxed);
        }
        self.moved += len as u64;
        self.layout().put.0.store(self.moved, Ordering::Release);
        true
    }

    /// Parent: moves all results to `out` and returns their length in bytes.
    pub(super) fn take(&mut self, out: &mut AlignedBuf) -> Result<usize, ProtocolError> {
        let put = self.layout().put.0.load(Ordering::Acquire);
        let len = put.wrapping_sub(self.moved) as usize;
        if len == 0 {
            return Ok(0);
        }
        if len > RING || !len.is_multiple_of(ALIGNMENT) {
            return Err(ProtocolError);
        }
        out.grow(len);
        let words = out.bytes_mut()[..len].chunks_exact_mut(WORD);
        for (place, word) in self.ring_words().zip(words) {
            word.copy_from_slice(&place.load(Ordering::Relaxed).to_ne_bytes());
        }
        self.moved = put;
        self.layout().taken.0.store(put, Ordering::Release);
        Ok(len)
    }

    /// Parent: whether there are results to read.
    pub(super) fn has_results(&self) -> bool {
        self.layout().put.0.load(Ordering::Acquire) != self.moved
    }

    /// Parent: sets whether the worker must wake it for the next result. After
    /// requesting that, the parent must check for results once more before it sleeps.
    pub(super) fn set_waiting(&self, waits: bool) {
        self.layout()
            .waiting
            .0
            .store(waits.into(), Ordering::Relaxed);
        if waits {
            fence(Ordering::SeqCst);
        }
    }

    /// Worker: whether the parent waits for results.
    pub(super) fn is_awaited(&self) -> bool {
        fence(Ordering::SeqCst);
        self.layout().waiting.0.load(Ordering::Relaxed) != 0
    }
}

fn word(ticket: Ticket, state: TaskState) -> u64 {
    (ticket << STATE) | state as u64
}

#[cfg(test)]
mod tests {
    use super::{ProtocolError, RING, TaskRing};
    use crate::process::recv_buffer::AlignedBuf;

    fn both() -> (TaskRing, TaskRing) {
        let (parent, fd) = TaskRing::create().unwrap();
        (parent, TaskRing::open(fd).unwrap())
    }

    #[test]
    fn a_task_is_taken_by_exactly_one_side() {
        let (parent, worker) = both();
        for ticket in [3, 4] {
            parent.queue(ticket);
        }
        assert!(worker.claim(3) && !parent.revoke(3));
        assert!(parent.revoke(4) && !worker.claim(4));
        assert!(worker.finish(3) && !parent.condemn(3));
    }

    #[test]
    fn a_condemned_task_is_not_finished() {
        let (parent, worker) = both();
        parent.queue(9);
        assert!(!parent.condemn(9));
        assert!(worker.claim(9) && parent.condemn(9) && !worker.finish(9));
    }

    #[test]
    fn a_slot_used_again_is_not_mistaken() {
        let (parent, worker) = both();
        parent.queue(1);
        assert!(parent.revoke(1));
        let again = 1 + super::SLOTS as u64;
        parent.queue(again);
        assert!(!worker.claim(1) && worker.claim(again));
    }

    #[test]
    fn what_was_written_over_is_neither_held_nor_taken_back() {
        let (parent, worker) = both();
        parent.queue(5);
        assert!(parent.is_consistent(5) && !worker.was_revoked(5));
        assert!(worker.claim(5) && parent.is_consistent(5));
        assert!(worker.finish(5) && parent.is_consistent(5));
        parent.queue(6);
        assert!(parent.revoke(6) && worker.was_revoked(6));
        for word in [0, 1, u64::MAX, (5 << 3) | 7, (7 << 3) | 1] {
            let slot = worker.slot(5);
            slot.store(word, std::sync::atomic::Ordering::Relaxed);
            assert!(
                !parent.is_consistent(5) && !worker.was_revoked(5),
                "{word:x}"
            );
        }
    }

    #[test]
    fn a_task_whose_slot_is_a_later_task_s_was_taken_back() {
        let (parent, worker) = both();
        parent.queue(1);
        assert!(parent.revoke(1));
        let again = 1 + super::SLOTS as u64;
        parent.queue(again);
        assert!(worker.was_revoked(1));
        assert!(parent.revoke(again) && worker.was_revoked(1));
    }

    #[test]
    fn results_come_out_as_they_were_put_round_and_round() {
        let (mut parent, mut worker) = both();
        let mut out = AlignedBuf::default();
        for round in 0..200_u8 {
            let result = vec![round; 16 * (1 + round as usize * 40)];
            assert!(worker.put(&[&result[..16], &result[16..]]));
            assert_eq!(parent.take(&mut out), Ok(result.len()));
            assert_eq!(out.bytes()[..result.len()], result);
        }
        assert_eq!(parent.take(&mut out), Ok(0));
    }

    #[test]
    fn a_result_for_which_there_is_no_room_is_not_put() {
        let (mut parent, mut worker) = both();
        let half = vec![1; RING / 2];
        assert!(worker.put(&[&half]) && worker.put(&[&half]));
        assert!(!worker.put(&[&[0; 16]]));
        assert_eq!(parent.take(&mut AlignedBuf::default()), Ok(RING));
        assert!(worker.put(&[&[0; 16]]));
    }

    #[test]
    fn a_count_of_results_that_cannot_be_is_garbled() {
        for scribbled in [u64::MAX, RING as u64 + 16, 8] {
            let (mut parent, worker) = both();
            let put = &worker.layout().put.0;
            put.store(scribbled, std::sync::atomic::Ordering::Relaxed);
            assert_eq!(parent.take(&mut AlignedBuf::default()), Err(ProtocolError));
        }
    }
}
