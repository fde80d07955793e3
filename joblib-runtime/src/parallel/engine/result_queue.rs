//! The queue of results from the runners to the consumer, in the order of the input or in the
//! order of completion.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Condvar, Mutex};
use std::time::Instant;

use super::local_queue::ResultRun;
use super::{lock, wait, wait_until};
use crate::parallel::error::Error;

/// The queue of results.
pub(super) struct ResultQueue<O> {
    shelf: Mutex<ResultState<O>>,
    came: Condvar,
}

struct ResultState<O> {
    chunks: ResultRuns<O>,
    /// The number of tasks, once the input has ended.
    total: Option<usize>,
    /// Whether results were lost.
    is_given_up: bool,
    is_awaited: bool,
}

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
            shelf: Mutex::new(ResultState {
                chunks,
                total: None,
                is_given_up: false,
                is_awaited: false,
            }),
            came: Condvar::new(),
        }
    }

    pub(super) fn leave(&self, chunk: ResultRun<O>) {
        let mut shelf = lock(&self.shelf);
        match &mut shelf.chunks {
            ResultRuns::InOrder(chunks) => drop(chunks.insert(chunk.first, chunk.outcomes)),
            ResultRuns::AsTheyCome(chunks) => chunks.push_back(chunk),
        }
        self.tell(&shelf);
    }

    /// Sets the number of tasks when the input has ended.
    pub(super) fn end(&self, total: usize) {
        let mut shelf = lock(&self.shelf);
        shelf.total = Some(total);
        self.tell(&shelf);
    }

    /// Records that some results will never arrive.
    pub(super) fn give_up(&self) {
        let mut shelf = lock(&self.shelf);
        shelf.is_given_up = true;
        self.tell(&shelf);
    }

    fn tell(&self, shelf: &ResultState<O>) {
        if shelf.is_awaited {
            self.came.notify_one();
        }
    }

    /// Returns the next results after `count` consumed outcomes.
    pub(super) fn find(&self, count: usize) -> Polled<O> {
        lock(&self.shelf).find(count)
    }

    /// Like `find`, but waits for results until `limit`.
    pub(super) fn await_until(&self, count: usize, limit: Option<Instant>) -> Polled<O> {
        let mut shelf = lock(&self.shelf);
        shelf.is_awaited = true;
        let found = loop {
            match shelf.find(count) {
                Polled::Nothing if limit.is_some_and(|limit| Instant::now() >= limit) => {
                    break Polled::Nothing;
                }
                Polled::Nothing => {}
                found => break found,
            }
            shelf = match limit {
                Some(limit) => wait_until(&self.came, shelf, limit),
                None => wait(&self.came, shelf),
            };
        };
        shelf.is_awaited = false;
        found
    }
}

impl<O> ResultState<O> {
    fn find(&mut self, count: usize) -> Polled<O> {
        let chunk = match &mut self.chunks {
            ResultRuns::InOrder(chunks) => chunks.remove(&count).map(|outcomes| ResultRun {
                first: count,
                outcomes,
            }),
            ResultRuns::AsTheyCome(chunks) => chunks.pop_front(),
        };
        match chunk {
            Some(chunk) => Polled::Chunk(chunk),
            None if self.is_given_up || self.total == Some(count) => Polled::End,
            None => Polled::Nothing,
        }
    }
}
