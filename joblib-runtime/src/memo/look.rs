//! Where a call that waits looks for its result, and meets other processes.

use std::marker::PhantomData;

use super::flight::{self, Attempt, Gate};
use super::wanted::{Found, Wanted};
use crate::codec::dispatch::Stored;
use crate::store::{Holder, KeyLock, Sign};

/// Where a call that waits looks for the result.
pub(super) struct Look<'a, R, S> {
    wanted: &'a Wanted<'a>,
    /// What the store's news were before the call first looked.
    news: Option<u64>,
    is_task: bool,
    stored: PhantomData<fn() -> (R, S)>,
}

impl<'a, R, S> Look<'a, R, S> {
    pub(super) fn new(wanted: &'a Wanted<'a>, is_task: bool) -> Self {
        Look {
            wanted,
            news: wanted.news(),
            is_task,
            stored: PhantomData,
        }
    }
}

impl<R, S: Stored<R>> Gate for Look<'_, R, S> {
    type Value = Found<R>;
    type Lock = KeyLock;

    fn look(&self) -> Option<Found<R>> {
        if self.news.is_some() && self.news == self.wanted.news() {
            return None;
        }
        self.wanted
            .look_in_memory::<R, S>()
            .or_else(|| self.wanted.look_on_disk::<R, S>().ok())
    }

    fn try_lock(&self) -> Attempt<KeyLock> {
        self.try_lock_beside(0)
    }

    fn try_lock_beside(&self, rank: u8) -> Attempt<KeyLock> {
        let Some(store) = &self.wanted.bound.cache.store else {
            return Attempt::Unavailable;
        };
        let thread = (!self.is_task).then(flight::thread);
        match store.try_lock_for(self.wanted.id, rank, thread) {
            Ok(Some(lock)) => Attempt::Acquired(lock),
            Ok(None) => Attempt::Busy,
            Err(_) => Attempt::Unavailable,
        }
    }

    fn holder(&self, rank: u8) -> Option<Holder> {
        let store = self.wanted.bound.cache.store.as_ref()?;
        store.holder(self.wanted.id, rank)
    }

    fn sign(lock: &KeyLock) -> Option<&Sign> {
        lock.sign()
    }
}
