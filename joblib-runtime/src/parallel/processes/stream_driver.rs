//! The driver of a stream: a thread that drives the workers from the start of the call,
//! as far ahead of the consumer as the call allows, and queues the outcomes.

use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Condvar, Mutex, MutexGuard};

use super::results::ProcessResults;
use super::waker::Waker;
use crate::outcome::Error;
use crate::parallel::terminal::Outcome;
use crate::sched::thread_pool::JobHandle;
use crate::unpoisoned::{lock, wait};

/// The state that the driver shares with the consumer of a stream.
pub(super) trait StreamShared: Send + Sync {
    /// Returns the number of outcomes that are not consumed, and their bytes.
    fn load(&self) -> (usize, u64);

    /// Whether the stream was dropped.
    fn is_off(&self) -> bool;

    /// Sets below how many unconsumed tasks the driver is woken; 0 means never. Waking a
    /// thread costs more than a small task.
    fn wake_below(&self, tasks: usize);
}

/// The maximum number of outcomes that the driver queues at a time.
const GATHERED: usize = 256;

/// The queue of outcomes for the consumer.
pub(super) struct OutcomeQueue<R> {
    state: Mutex<OutcomeQueueState<R>>,
    arrived: Condvar,
    tasks: AtomicUsize,
    bytes: AtomicU64,
    is_off: AtomicBool,
    wake_below: AtomicUsize,
    waker: Arc<Waker>,
}

/// Outcomes with their size in bytes.
type Outcomes<R> = VecDeque<(Outcome<R>, u64)>;

struct OutcomeQueueState<R> {
    outcomes: Outcomes<R>,
    /// Whether no more outcomes will be queued.
    is_over: bool,
    /// Whether the consumer waits.
    is_awaited: bool,
}

impl<R> OutcomeQueue<R> {
    pub(super) fn new(waker: Arc<Waker>) -> Self {
        OutcomeQueue {
            state: Mutex::new(OutcomeQueueState {
                outcomes: VecDeque::new(),
                is_over: false,
                is_awaited: false,
            }),
            arrived: Condvar::new(),
            tasks: AtomicUsize::new(0),
            bytes: AtomicU64::new(0),
            is_off: AtomicBool::new(false),
            wake_below: AtomicUsize::new(0),
            waker,
        }
    }

    /// Drives the workers until there are no more outcomes or the stream is dropped.
    pub(super) fn drive<I: Iterator>(&self, results: ProcessResults<I, R>) {
        let (mut given, mut gathered) = (0, VecDeque::new());
        let driven = catch_unwind(AssertUnwindSafe(|| {
            let mut results = results;
            while let Some(outcome) = results.next_weighed() {
                gathered.push_back(outcome);
                let more = std::iter::from_fn(|| results.next_ready());
                gathered.extend(more.take(GATHERED - 1));
                given += gathered.len();
                self.put(&mut gathered);
            }
            // Workers are cancelled before the consumer continues.
            drop(results);
        }));
        if let Err(payload) = driven {
            given += gathered.len();
            gathered.push_back(((given, Err(Error::runner(payload))), 0));
            self.put(&mut gathered);
        }
        self.lock().is_over = true;
        self.arrived.notify_all();
    }

    /// Queues outcomes for the consumer.
    fn put(&self, outcomes: &mut Outcomes<R>) {
        let bytes = outcomes.iter().map(|(_, bytes)| bytes).sum();
        self.tasks.fetch_add(outcomes.len(), SeqCst);
        self.bytes.fetch_add(bytes, SeqCst);
        let mut state = self.lock();
        state.outcomes.append(outcomes);
        if state.is_awaited {
            self.arrived.notify_one();
        }
    }

    /// Waits for outcomes and takes all queued ones. Returns none if no more will come.
    fn take(&self) -> Outcomes<R> {
        let mut state = self.lock();
        while state.outcomes.is_empty() && !state.is_over {
            state.is_awaited = true;
            state = wait(&self.arrived, state);
            state.is_awaited = false;
        }
        std::mem::take(&mut state.outcomes)
    }

    /// Records that the consumer took an outcome of `bytes` bytes.
    fn consumed(&self, bytes: u64) {
        let left = self.tasks.fetch_sub(1, SeqCst) - 1;
        self.bytes.fetch_sub(bytes, SeqCst);
        if left < self.wake_below.load(SeqCst) {
            self.waker.wake();
        }
    }

    /// Cancels the tasks, and waits until that is done if `can_wait`.
    fn cancel(&self, can_wait: bool) {
        self.is_off.store(true, SeqCst);
        self.waker.wake_always();
        let mut state = self.lock();
        while can_wait && !state.is_over {
            state = wait(&self.arrived, state);
        }
        let outcomes = std::mem::take(&mut state.outcomes);
        drop(state);
        drop(outcomes);
    }

    fn lock(&self) -> MutexGuard<'_, OutcomeQueueState<R>> {
        // The state is consistent between two statements.
        lock(&self.state)
    }
}

impl<R: Send> StreamShared for OutcomeQueue<R> {
    fn load(&self) -> (usize, u64) {
        (self.tasks.load(SeqCst), self.bytes.load(SeqCst))
    }

    fn is_off(&self) -> bool {
        self.is_off.load(SeqCst)
    }

    fn wake_below(&self, tasks: usize) {
        self.wake_below.store(tasks, SeqCst);
    }
}

/// The consumer of a stream.
pub(super) struct StreamConsumer<R> {
    outcome_queue: Arc<OutcomeQueue<R>>,
    /// Outcomes that were taken from the queue.
    taken: Outcomes<R>,
    /// Whether the driver never blocks on the input, so that a drop may wait for it.
    can_wait: bool,
    _driver: JobHandle,
    _puller: Option<JobHandle>,
}

impl<R> StreamConsumer<R> {
    pub(super) fn new(
        outcome_queue: Arc<OutcomeQueue<R>>,
        can_wait: bool,
        driver: JobHandle,
        puller: Option<JobHandle>,
    ) -> Self {
        StreamConsumer {
            outcome_queue,
            taken: VecDeque::new(),
            can_wait,
            _driver: driver,
            _puller: puller,
        }
    }
}

impl<R> Iterator for StreamConsumer<R> {
    type Item = Outcome<R>;

    fn next(&mut self) -> Option<Outcome<R>> {
        if self.taken.is_empty() {
            self.taken = self.outcome_queue.take();
        }
        let (outcome, bytes) = self.taken.pop_front()?;
        self.outcome_queue.consumed(bytes);
        Some(outcome)
    }
}

impl<R> Drop for StreamConsumer<R> {
    fn drop(&mut self) {
        self.outcome_queue.cancel(self.can_wait);
    }
}
