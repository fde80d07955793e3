//! The queue of an input that may block. A separate thread pulls the input and queues its
//! items here.

use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Condvar, Mutex, MutexGuard};
use std::time::{Duration, Instant};

use super::waker::Waker;
use crate::outcome::Error;
use crate::outcome::panic_location;
use crate::parallel::config::{self, ConfigSnapshot};
use crate::sched::core_budget;
use crate::unpoisoned::{lock, unpoisoned, wait};

/// How long the driver lets items accumulate after it took some, if it wants many. Taking
/// one item and sending it to a worker takes about as long. Linux may add 50 µs to a
/// sleep.
const PATIENCE: Duration = Duration::from_micros(40);

pub(super) struct PulledItems<A> {
    state: Mutex<PulledState<A>>,
    /// Signals that more items are needed.
    room: Condvar,
    /// Signals new items to a thread that waits for nothing else.
    arrived: Condvar,
    waker: Arc<Waker>,
    /// The scopes in which the input runs.
    scopes: ConfigSnapshot,
    cores: usize,
}

struct PulledState<A> {
    items: VecDeque<A>,
    /// How many items may be queued.
    limit: usize,
    /// The number of items for which the driver is woken.
    least: usize,
    /// When items were last taken.
    taken: Option<Instant>,
    /// Whether the thread of the input waits because the queue is full.
    is_full: bool,
    /// Whether a thread waits for items only.
    is_awaited: bool,
    is_over: bool,
    failure: Option<Error>,
}

/// Items that were taken.
pub(super) struct ItemBatch<A>(VecDeque<A>);

impl<A> ItemBatch<A> {
    pub(super) fn next(&mut self) -> Option<A> {
        self.0.pop_front()
    }

    pub(super) fn len(&self) -> usize {
        self.0.len()
    }
}

/// The result of taking items.
pub(super) enum PullResult<A> {
    Items(ItemBatch<A>),
    /// Too few items yet. There may be enough after this time, without a wake-up.
    Later(Option<Duration>),
    /// The input has ended and all items were taken.
    Over(Option<Error>),
}

impl<A> PulledItems<A> {
    /// Creates a queue that wakes `waker`.
    pub(super) fn new(waker: Arc<Waker>) -> PulledItems<A> {
        PulledItems {
            state: Mutex::new(PulledState {
                items: VecDeque::new(),
                limit: 1,
                least: 1,
                taken: None,
                is_full: false,
                is_awaited: false,
                is_over: false,
                failure: None,
            }),
            room: Condvar::new(),
            arrived: Condvar::new(),
            waker,
            scopes: config::current(),
            cores: core_budget::current(),
        }
    }

    pub(super) fn waker(&self) -> Arc<Waker> {
        Arc::clone(&self.waker)
    }

    /// Returns an empty batch.
    pub(super) fn nothing(&self) -> ItemBatch<A> {
        ItemBatch(VecDeque::new())
    }

    /// Pulls `inputs` until they end or no more are needed.
    pub(super) fn pull(&self, inputs: impl Iterator<Item = A>) {
        let _share = core_budget::adopt(self.cores);
        let _scopes = config::adopt(self.scopes.clone());
        let _recorder = panic_location::record();
        let pulled = catch_unwind(AssertUnwindSafe(|| {
            let mut inputs = inputs;
            let mut is_wanted = self.waited_for_demand(self.lock());
            while is_wanted && let Some(item) = inputs.next() {
                is_wanted = self.offer(item);
            }
        }));
        let mut state = self.lock();
        state.is_over = true;
        if let Err(payload) = pulled {
            state.failure = Some(Error::input(payload));
        }
        self.notify(&state);
    }

    /// Waits until one more item is needed. Returns `false` if the queue is closed.
    fn waited_for_demand(&self, mut state: MutexGuard<'_, PulledState<A>>) -> bool {
        while !state.is_over && state.items.len() >= state.limit {
            if state.items.len() < state.least {
                // No more items are pulled before these are taken.
                state.least = 0;
                self.notify(&state);
            }
            state.is_full = true;
            state = wait(&self.room, state);
            state.is_full = false;
        }
        !state.is_over
    }

    /// Queues an item and waits until one more is needed. Returns `false` if the queue is
    /// closed.
    fn offer(&self, item: A) -> bool {
        let mut state = self.lock();
        if state.is_over {
            drop(state);
            drop(item);
            return false;
        }
        state.items.push_back(item);
        if state.items.len() >= state.least || state.is_awaited {
            self.notify(&state);
        }
        self.waited_for_demand(state)
    }

    fn notify(&self, state: &PulledState<A>) {
        // Notifying a condition variable is a system call even if no thread waits.
        if state.is_awaited {
            self.arrived.notify_all();
        }
        self.waker.wake();
    }

    /// Takes all queued items. Up to `limit` items may be pulled in advance, including
    /// the items taken. If fewer than `wanted` are queued, they are returned only after a
    /// delay.
    pub(super) fn take(&self, limit: usize, wanted: usize) -> PullResult<A> {
        let mut state = self.lock();
        let patience = state.patience(wanted);
        let (least, found) = match patience {
            Some(_) => (wanted, PullResult::Later(patience)),
            None => (1, state.take()),
        };
        state.least = least;
        let taken = match &found {
            PullResult::Items(items) => items.len(),
            PullResult::Later(_) | PullResult::Over(_) => 0,
        };
        state.limit = limit.saturating_sub(taken);
        if state.is_full && state.limit > 0 {
            self.room.notify_one();
        }
        found
    }

    /// Like [`take`](PulledItems::take), but waits up to `limit` for an item.
    pub(super) fn take_within(&self, limit: Duration) -> PullResult<A> {
        let mut state = self.lock();
        state.limit = usize::max(state.limit, 1);
        self.room.notify_one();
        state.is_awaited = true;
        let is_empty = |state: &mut PulledState<A>| state.items.is_empty() && !state.is_over;
        let waited = self.arrived.wait_timeout_while(state, limit, is_empty);
        let (mut state, _) = unpoisoned(waited);
        state.is_awaited = false;
        state.take()
    }

    /// Ends pulling and drops the queued items.
    pub(super) fn close(&self) {
        let mut state = self.lock();
        state.is_over = true;
        let items = std::mem::take(&mut state.items);
        drop(state);
        drop(items);
        self.room.notify_one();
    }

    fn lock(&self) -> MutexGuard<'_, PulledState<A>> {
        // The state is consistent between two statements.
        lock(&self.state)
    }
}

impl<A> PulledState<A> {
    fn take(&mut self) -> PullResult<A> {
        match self.items.is_empty() {
            false => {
                self.taken = Some(Instant::now());
                PullResult::Items(ItemBatch(std::mem::take(&mut self.items)))
            }
            true if self.is_over => PullResult::Over(self.failure.take()),
            true => PullResult::Later(None),
        }
    }

    /// Returns how much longer to wait for `wanted` items.
    fn patience(&self, wanted: usize) -> Option<Duration> {
        if wanted <= 1 || self.items.len() >= wanted || self.is_full || self.is_over {
            return None;
        }
        let left = PATIENCE.saturating_sub(self.taken?.elapsed());
        (!left.is_zero()).then_some(left)
    }
}

#[cfg(test)]
mod tests {
    use rustix::event::{PollFd, PollFlags, Timespec, poll};

    use super::*;

    /// A queue whose items were taken so recently that its delay does not end during a
    /// test.
    fn recent() -> PulledItems<u64> {
        let queue = PulledItems::new(Arc::new(Waker::new().unwrap()));
        let mut state = queue.lock();
        state.taken = Some(Instant::now() + Duration::from_secs(3600));
        state.limit = 100;
        drop(state);
        queue
    }

    fn is_woken(queue: &PulledItems<u64>) -> bool {
        is_woken_within(queue, Some(&Timespec::default()))
    }

    fn is_woken_within(queue: &PulledItems<u64>, limit: Option<&Timespec>) -> bool {
        let waker = queue.waker.fd().unwrap();
        let mut fds = [PollFd::from_borrowed_fd(waker, PollFlags::IN)];
        poll(&mut fds, limit).unwrap() == 1
    }

    /// Whether the queue delays fewer than `wanted` items.
    fn is_patient(queue: &PulledItems<u64>, wanted: usize) -> bool {
        queue.waker.arm();
        matches!(queue.take(100, wanted), PullResult::Later(Some(_)))
    }

    #[test]
    fn a_driver_that_wants_many_items_is_woken_when_all_are_there() {
        let queue = recent();
        assert!(is_patient(&queue, 3));
        queue.offer(0);
        queue.offer(1);
        assert!(is_patient(&queue, 3) && !is_woken(&queue));
        queue.offer(2);
        assert!(is_woken(&queue));
        assert!(matches!(queue.take(100, 3), PullResult::Items(items) if items.len() == 3));
    }

    #[test]
    fn a_single_item_is_taken_after_a_while_and_rung_for_from_then_on() {
        let queue = recent();
        queue.offer(0);
        assert!(is_patient(&queue, 3));
        queue.lock().taken = Instant::now().checked_sub(PATIENCE);
        assert!(matches!(queue.take(100, 3), PullResult::Items(items) if items.len() == 1));
        queue.lock().taken = Instant::now().checked_sub(PATIENCE);
        queue.waker.arm();
        assert!(matches!(queue.take(100, 3), PullResult::Later(None)));
        queue.offer(1);
        assert!(is_woken(&queue));
    }

    #[test]
    fn what_waits_for_room_or_has_ended_gives_no_more_to_wait_for() {
        let queue = Arc::new(recent());
        assert!(is_patient(&queue, 3));
        queue.lock().limit = 1;
        let puller = {
            let queue = Arc::clone(&queue);
            std::thread::spawn(move || queue.pull([0, 1].into_iter()))
        };
        assert!(is_woken_within(&queue, None));
        while is_patient(&queue, 3) {
            std::thread::yield_now();
        }
        puller.join().unwrap();
        assert!(!is_patient(&queue, 3));
    }
}
