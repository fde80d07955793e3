//! The queue of results from the runners to the consumer, in the order of the input or in
//! the order of completion.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Condvar, Mutex};
use std::time::Instant;

use super::local_queue::ResultRun;
use super::{lock, wait, wait_until};
use crate::outcome::Error;

/// The queue of results.
pub(super) struct ResultQueue<O> {
    state: Mutex<ResultState<O>>,
    arrived: Condvar,
}

struct ResultState<O> {
    chunks: ResultRuns<O>,
    /// The number of tasks, once the input has ended.
    total: Option<usize>,
    /// Whether results were lost.
    is_given_up: bool,
    /// Whether the consumer is to be notified of results, and after how many.
    notify_at: Option<usize>,
    /// The number of results in the queue.
    queued: usize,
    /// The number of outcomes that the consumer had when it began to wait.
    consumed: usize,
}

/// How many runs of results a consumer without haste lets arrive before it is notified.
const MANY: usize = 256;

enum ResultRuns<O> {
    InOrder(BTreeMap<usize, Vec<Result<O, Error>>>),
    AsTheyCome(VecDeque<ResultRun<O>>),
}

/// What the consumer receives.
pub(super) enum Polled<O> {
    Chunk(ResultRun<O>),
    /// All outcomes were consumed.
    End,
    /// No results at present.
    Nothing,
}

impl<O> ResultQueue<O> {
    pub(super) fn new(is_ordered: bool) -> Self {
        let chunks = if is_ordered {
            ResultRuns::InOrder(BTreeMap::new())
        } else {
            ResultRuns::AsTheyCome(VecDeque::new())
        };
        ResultQueue {
            state: Mutex::new(ResultState {
                chunks,
                total: None,
                is_given_up: false,
                notify_at: None,
                queued: 0,
                consumed: 0,
            }),
            arrived: Condvar::new(),
        }
    }

    pub(super) fn push(&self, chunk: ResultRun<O>) {
        let mut state = lock(&self.state);
        state.queued += chunk.outcomes.len();
        match &mut state.chunks {
            ResultRuns::InOrder(chunks) => drop(chunks.insert(chunk.first, chunk.outcomes)),
            ResultRuns::AsTheyCome(chunks) => chunks.push_back(chunk),
        }
        self.notify(&state);
    }

    /// Sets the number of tasks when the input has ended.
    pub(super) fn end(&self, total: usize) {
        let mut state = lock(&self.state);
        state.total = Some(total);
        self.notify(&state);
    }

    /// Records that some results will never arrive.
    pub(super) fn give_up(&self) {
        let mut state = lock(&self.state);
        state.is_given_up = true;
        self.notify(&state);
    }

    fn notify(&self, state: &ResultState<O>) {
        let Some(notify_at) = state.notify_at else {
            return;
        };
        let is_complete = state.total == Some(state.consumed + state.queued);
        if state.chunks.len() >= notify_at || is_complete || state.is_given_up {
            self.arrived.notify_one();
        }
    }

    /// Returns the next results after `count` consumed outcomes.
    pub(super) fn poll(&self, count: usize) -> Polled<O> {
        lock(&self.state).poll(count)
    }

    /// Like `poll`, but waits for results until `limit`.
    pub(super) fn poll_until(&self, count: usize, limit: Option<Instant>) -> Polled<O> {
        self.wait(count, limit, 0)
    }

    /// Like `poll_until`, but is not notified of each result: it returns when many or all
    /// have arrived, or at `limit`.
    pub(super) fn poll_lazily(&self, count: usize, limit: Option<Instant>) -> Polled<O> {
        self.wait(count, limit, MANY)
    }

    fn wait(&self, count: usize, limit: Option<Instant>, notify_at: usize) -> Polled<O> {
        let mut state = lock(&self.state);
        state.notify_at = Some(notify_at);
        state.consumed = count;
        let found = loop {
            match state.poll(count) {
                Polled::Nothing if limit.is_some_and(|limit| Instant::now() >= limit) => {
                    break Polled::Nothing;
                }
                Polled::Nothing => {}
                found => break found,
            }
            state = match limit {
                Some(limit) => wait_until(&self.arrived, state, limit),
                None => wait(&self.arrived, state),
            };
        };
        state.notify_at = None;
        found
    }
}

impl<O> ResultRuns<O> {
    fn len(&self) -> usize {
        match self {
            ResultRuns::InOrder(chunks) => chunks.len(),
            ResultRuns::AsTheyCome(chunks) => chunks.len(),
        }
    }
}

impl<O> ResultState<O> {
    fn poll(&mut self, count: usize) -> Polled<O> {
        let chunk = match &mut self.chunks {
            ResultRuns::InOrder(chunks) => chunks.remove(&count).map(|outcomes| ResultRun {
                first: count,
                outcomes,
            }),
            ResultRuns::AsTheyCome(chunks) => chunks.pop_front(),
        };
        match chunk {
            Some(chunk) => {
                self.queued -= chunk.outcomes.len();
                Polled::Chunk(chunk)
            }
            None if self.is_given_up || self.total == Some(count) => Polled::End,
            None => Polled::Nothing,
        }
    }
}
