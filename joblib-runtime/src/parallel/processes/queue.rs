//! The input of a call that may have somebody wait: a thread of its own pulls
//! it and leaves its items here.

use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::bell::Bell;
use crate::parallel::budget;
use crate::parallel::config::{self, Snapshot};
use crate::parallel::error::Error;
use crate::parallel::place;

pub(super) struct Queue<A> {
    state: Mutex<State<A>>,
    /// Signals that more items are wanted.
    room: Condvar,
    /// Signals items, to one who waits for nothing else.
    came: Condvar,
    bell: Arc<Bell>,
    /// What the input finds around it.
    scopes: Snapshot,
    cores: usize,
}

struct State<A> {
    items: VecDeque<A>,
    /// How many may wait here.
    limit: usize,
    /// Whether the thread of the input waits for room.
    is_full: bool,
    is_over: bool,
    failure: Option<Error>,
}

/// Items that were taken.
pub(super) struct Items<A>(VecDeque<A>);

impl<A> Items<A> {
    pub(super) fn next(&mut self) -> Option<A> {
        self.0.pop_front()
    }

    pub(super) fn len(&self) -> usize {
        self.0.len()
    }
}

/// What there is.
pub(super) enum Found<A> {
    Items(Items<A>),
    Nothing,
    /// All items were taken.
    Over(Option<Error>),
}

impl<A> Queue<A> {
    /// A queue that rings `bell`.
    pub(super) fn new(bell: Arc<Bell>) -> Queue<A> {
        Queue {
            state: Mutex::new(State {
                items: VecDeque::new(),
                limit: 1,
                is_full: false,
                is_over: false,
                failure: None,
            }),
            room: Condvar::new(),
            came: Condvar::new(),
            bell,
            scopes: config::current(),
            cores: budget::here(),
        }
    }

    pub(super) fn bell(&self) -> Arc<Bell> {
        Arc::clone(&self.bell)
    }

    /// None of the items.
    pub(super) fn nothing(&self) -> Items<A> {
        Items(VecDeque::new())
    }

    /// Pulls `inputs` until they are over or nobody wants more.
    pub(super) fn pull(&self, inputs: impl Iterator<Item = A>) {
        let _share = budget::lend(self.cores);
        let _scopes = config::adopt(self.scopes.clone());
        let _watched = place::watch();
        let pulled = catch_unwind(AssertUnwindSafe(|| {
            let mut inputs = inputs;
            while self.wait_for_demand() {
                match inputs.next() {
                    Some(item) => self.offer(item),
                    None => break,
                }
            }
        }));
        let mut state = self.lock();
        state.is_over = true;
        if let Err(payload) = pulled {
            state.failure = Some(Error::input(payload));
        }
        drop(state);
        self.tell();
    }

    fn wait_for_demand(&self) -> bool {
        let mut state = self.lock();
        while !state.is_over && state.items.len() >= state.limit {
            state.is_full = true;
            state = wait(&self.room, state);
            state.is_full = false;
        }
        !state.is_over
    }

    fn offer(&self, item: A) {
        let mut state = self.lock();
        if state.is_over {
            drop(state);
            return drop(item);
        }
        state.items.push_back(item);
        drop(state);
        self.tell();
    }

    fn tell(&self) {
        self.came.notify_all();
        self.bell.ring();
    }

    /// Takes all there is, where up to `limit` may be pulled beforehand, with
    /// what is taken.
    pub(super) fn take(&self, limit: usize) -> Found<A> {
        let mut state = self.lock();
        let found = state.take();
        let taken = match &found {
            Found::Items(items) => items.len(),
            Found::Nothing | Found::Over(_) => 0,
        };
        state.limit = limit.saturating_sub(taken);
        if state.is_full && state.limit > 0 {
            self.room.notify_one();
        }
        found
    }

    /// As [`take`](Queue::take), after waiting up to `limit` for an item.
    pub(super) fn take_within(&self, limit: Duration) -> Found<A> {
        let mut state = self.lock();
        state.limit = usize::max(state.limit, 1);
        self.room.notify_one();
        let is_empty = |state: &mut State<A>| state.items.is_empty() && !state.is_over;
        let waited = self.came.wait_timeout_while(state, limit, is_empty);
        let (mut state, _) = waited.unwrap_or_else(PoisonError::into_inner);
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

    fn lock(&self) -> MutexGuard<'_, State<A>> {
        // It is whole between two statements.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<A> State<A> {
    fn take(&mut self) -> Found<A> {
        match self.items.is_empty() {
            false => Found::Items(Items(std::mem::take(&mut self.items))),
            true if self.is_over => Found::Over(self.failure.take()),
            true => Found::Nothing,
        }
    }
}

fn wait<'g, T>(condvar: &Condvar, guard: MutexGuard<'g, T>) -> MutexGuard<'g, T> {
    condvar.wait(guard).unwrap_or_else(PoisonError::into_inner)
}
