//! Where a call that waits looks for its result, and meets other processes.

use super::flight::{self, Attempt, Gate};
use super::wanted::{Found, Wanted};
use crate::store::{Holder, KeyLock, Sign};

/// Where a call that waits looks for the result.
pub(super) struct Look<'a, F> {
    wanted: &'a Wanted<'a>,
    find: F,
    news: News,
    is_task: bool,
}

/// What the news of a call's entry were before the call first looked for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct News(Option<u64>);

impl News {
    pub(super) fn of(wanted: &Wanted<'_>) -> Self {
        let store = wanted.bound.cache.store.as_ref();
        News(store.and_then(|store| store.news(wanted.id)))
    }
}

impl<'a, F> Look<'a, F> {
    /// Where a thread looks by `find`, since there were `news`.
    pub(super) fn new(wanted: &'a Wanted<'a>, news: News, find: F) -> Self {
        Look {
            wanted,
            find,
            news,
            is_task: false,
        }
    }

    /// The same for a task.
    pub(super) fn of_task(self) -> Self {
        Look {
            is_task: true,
            ..self
        }
    }
}

impl<V, F: Fn(&Wanted<'_>) -> Option<Found<V>>> Gate for Look<'_, F> {
    type Value = Found<V>;
    type Lock = KeyLock;

    fn look(&self) -> Option<Found<V>> {
        if self.news.0.is_some() && self.news == News::of(self.wanted) {
            return None;
        }
        (self.find)(self.wanted)
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
