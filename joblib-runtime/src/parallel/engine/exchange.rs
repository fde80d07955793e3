//! Results on their way from the runners to the one who consumes them, in the
//! order of the input or as they come.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Condvar, Mutex};
use std::time::Instant;

use super::lane::Chunk;
use super::{lock, wait, wait_until};
use crate::parallel::error::Error;

/// Where runners leave results.
pub(super) struct Exchange<O> {
    shelf: Mutex<Shelf<O>>,
    came: Condvar,
}

struct Shelf<O> {
    chunks: Chunks<O>,
    /// Tasks in the input, once it is over.
    total: Option<usize>,
    /// Set when results are lost.
    is_given_up: bool,
    is_awaited: bool,
}

enum Chunks<O> {
    InOrder(BTreeMap<usize, Vec<Result<O, Error>>>),
    AsTheyCome(VecDeque<Chunk<O>>),
}

/// What the consumer finds.
pub(super) enum Found<O> {
    Chunk(Chunk<O>),
    /// Everything that comes was consumed.
    End,
    /// Nothing yet.
    Nothing,
}

impl<O> Exchange<O> {
    pub(super) fn new(is_ordered: bool) -> Self {
        let chunks = if is_ordered {
            Chunks::InOrder(BTreeMap::new())
        } else {
            Chunks::AsTheyCome(VecDeque::new())
        };
        Exchange {
            shelf: Mutex::new(Shelf {
                chunks,
                total: None,
                is_given_up: false,
                is_awaited: false,
            }),
            came: Condvar::new(),
        }
    }

    pub(super) fn leave(&self, chunk: Chunk<O>) {
        let mut shelf = lock(&self.shelf);
        match &mut shelf.chunks {
            Chunks::InOrder(chunks) => drop(chunks.insert(chunk.first, chunk.outcomes)),
            Chunks::AsTheyCome(chunks) => chunks.push_back(chunk),
        }
        self.tell(&shelf);
    }

    /// Says that the input had `total` tasks.
    pub(super) fn end(&self, total: usize) {
        let mut shelf = lock(&self.shelf);
        shelf.total = Some(total);
        self.tell(&shelf);
    }

    /// Says that not all results will come.
    pub(super) fn give_up(&self) {
        let mut shelf = lock(&self.shelf);
        shelf.is_given_up = true;
        self.tell(&shelf);
    }

    fn tell(&self, shelf: &Shelf<O>) {
        if shelf.is_awaited {
            self.came.notify_one();
        }
    }

    /// What there is for one who has consumed `count` outcomes.
    pub(super) fn find(&self, count: usize) -> Found<O> {
        lock(&self.shelf).find(count)
    }

    /// As `find`, after waiting until there is something, or until `limit`.
    pub(super) fn await_until(&self, count: usize, limit: Option<Instant>) -> Found<O> {
        let mut shelf = lock(&self.shelf);
        shelf.is_awaited = true;
        let found = loop {
            match shelf.find(count) {
                Found::Nothing if limit.is_some_and(|limit| Instant::now() >= limit) => {
                    break Found::Nothing;
                }
                Found::Nothing => {}
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

impl<O> Shelf<O> {
    fn find(&mut self, count: usize) -> Found<O> {
        let chunk = match &mut self.chunks {
            Chunks::InOrder(chunks) => chunks.remove(&count).map(|outcomes| Chunk {
                first: count,
                outcomes,
            }),
            Chunks::AsTheyCome(chunks) => chunks.pop_front(),
        };
        match chunk {
            Some(chunk) => Found::Chunk(chunk),
            None if self.is_given_up || self.total == Some(count) => Found::End,
            None => Found::Nothing,
        }
    }
}
