//! The input of a call that may have somebody wait: a thread of its own pulls
//! it and leaves its items here.

use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::waker::Waker;
use crate::outcome::Error;
use crate::outcome::panic_location;
use crate::parallel::config::{self, ConfigSnapshot};
use crate::sched::core_budget;

/// How long the driver lets items gather after it took some, where it wants many. To take
/// one item and give it to a worker takes about as long. Linux may add 50 µs to a sleep.
const PATIENCE: Duration = Duration::from_micros(40);

pub(super) struct PulledItems<A> {
    state: Mutex<PulledState<A>>,
    /// Signals that more items are wanted.
    room: Condvar,
    /// Signals items, to one who waits for nothing else.
    came: Condvar,
    bell: Arc<Waker>,
    /// What the input finds around it.
    scopes: ConfigSnapshot,
    cores: usize,
}

struct PulledState<A> {
    items: VecDeque<A>,
    /// How many may wait here.
    limit: usize,
    /// How many are worth waking somebody for.
    least: usize,
    /// When items were last taken.
    taken: Option<Instant>,
    /// Whether the thread of the input waits for room.
    is_full: bool,
    /// Whether somebody waits for items alone.
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

/// What there is.
pub(super) enum PullResult<A> {
    Items(ItemBatch<A>),
    /// Nothing that is worth taking yet: it may be after so long, though nobody rings.
    Later(Option<Duration>),
    /// All items were taken.
    Over(Option<Error>),
}

impl<A> PulledItems<A> {
    /// A queue that rings `bell`.
    pub(super) fn new(bell: Arc<Waker>) -> PulledItems<A> {
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
            came: Condvar::new(),
            bell,
            scopes: config::current(),
            cores: core_budget::here(),
        }
    }

    pub(super) fn bell(&self) -> Arc<Waker> {
        Arc::clone(&self.bell)
    }

    /// None of the items.
    pub(super) fn nothing(&self) -> ItemBatch<A> {
        ItemBatch(VecDeque::new())
    }

    /// Pulls `inputs` until they are over or nobody wants more.
    pub(super) fn pull(&self, inputs: impl Iterator<Item = A>) {
        let _share = core_budget::lend(self.cores);
        let _scopes = config::adopt(self.scopes.clone());
        let _watched = panic_location::watch();
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
        self.tell(&state);
    }

    /// Waits until one more item is wanted; whether it ever will be.
    fn waited_for_demand(&self, mut state: MutexGuard<'_, PulledState<A>>) -> bool {
        while !state.is_over && state.items.len() >= state.limit {
            if state.items.len() < state.least {
                // There will be no more of them.
                state.least = 0;
                self.tell(&state);
            }
            state.is_full = true;
            state = wait(&self.room, state);
            state.is_full = false;
        }
        !state.is_over
    }

    /// Leaves an item; whether one more is wanted, after waiting for that.
    fn offer(&self, item: A) -> bool {
        let mut state = self.lock();
        if state.is_over {
            drop(state);
            drop(item);
            return false;
        }
        state.items.push_back(item);
        if state.items.len() >= state.least || state.is_awaited {
            self.tell(&state);
        }
        self.waited_for_demand(state)
    }

    fn tell(&self, state: &PulledState<A>) {
        // To notify nobody is a system call, too.
        if state.is_awaited {
            self.came.notify_all();
        }
        self.bell.ring();
    }

    /// Takes all there is, where up to `limit` may be pulled beforehand, with
    /// what is taken. Who takes `wanted` at a time gets fewer only after a while.
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

    /// As [`take`](PulledItems::take), after waiting up to `limit` for an item.
    pub(super) fn take_within(&self, limit: Duration) -> PullResult<A> {
        let mut state = self.lock();
        state.limit = usize::max(state.limit, 1);
        self.room.notify_one();
        state.is_awaited = true;
        let is_empty = |state: &mut PulledState<A>| state.items.is_empty() && !state.is_over;
        let waited = self.came.wait_timeout_while(state, limit, is_empty);
        let (mut state, _) = waited.unwrap_or_else(PoisonError::into_inner);
        state.is_awaited = false;
        state.take()
    }

    /// Pulls no more.
    pub(super) fn close(&self) {
        let mut state = self.lock();
        state.is_over = true;
        let items = std::mem::take(&mut state.items);
        drop(state);
        drop(items);
        self.room.notify_one();
    }

    fn lock(&self) -> MutexGuard<'_, PulledState<A>> {
        // It is whole between two statements.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
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

    /// How much longer to wait for as many items as are wanted.
    fn patience(&self, wanted: usize) -> Option<Duration> {
        if wanted <= 1 || self.items.len() >= wanted || self.is_full || self.is_over {
            return None;
        }
        let left = PATIENCE.saturating_sub(self.taken?.elapsed());
        (!left.is_zero()).then_some(left)
    }
}

fn wait<'g, T>(condvar: &Condvar, guard: MutexGuard<'g, T>) -> MutexGuard<'g, T> {
    condvar.wait(guard).unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use rustix::event::{PollFd, PollFlags, Timespec, poll};

    use super::*;

    /// A queue from which items were taken just now, for as long as a test takes.
    fn recent() -> PulledItems<u64> {
        let queue = PulledItems::new(Arc::new(Waker::new().unwrap()));
        let mut state = queue.lock();
        state.taken = Some(Instant::now() + Duration::from_secs(3600));
        state.limit = 100;
        drop(state);
        queue
    }

    fn is_rung(queue: &PulledItems<u64>) -> bool {
        is_rung_within(queue, Some(&Timespec::default()))
    }

    fn is_rung_within(queue: &PulledItems<u64>, limit: Option<&Timespec>) -> bool {
        let bell = queue.bell.fd().unwrap();
        let mut fds = [PollFd::from_borrowed_fd(bell, PollFlags::IN)];
        poll(&mut fds, limit).unwrap() == 1
    }

    /// Waits for `wanted` items.
    fn is_patient(queue: &PulledItems<u64>, wanted: usize) -> bool {
        queue.bell.wait();
        matches!(queue.take(100, wanted), PullResult::Later(Some(_)))
    }

    #[test]
    fn a_driver_that_wants_many_items_is_woken_when_all_are_there() {
        let queue = recent();
        assert!(is_patient(&queue, 3));
        queue.offer(0);
        queue.offer(1);
        assert!(is_patient(&queue, 3) && !is_rung(&queue));
        queue.offer(2);
        assert!(is_rung(&queue));
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
        queue.bell.wait();
        assert!(matches!(queue.take(100, 3), PullResult::Later(None)));
        queue.offer(1);
        assert!(is_rung(&queue));
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
        assert!(is_rung_within(&queue, None));
        while is_patient(&queue, 3) {
            std::thread::yield_now();
        }
        puller.join().unwrap();
        assert!(!is_patient(&queue, 3));
    }
}
