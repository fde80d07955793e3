//! The source of results for a call that waits, and the locks shared with other
//! processes.

use super::flight::{self, ResultSource, TryLock};
use super::lookup::{FoundEntry, Lookup};
use crate::store::{HolderRecord, HolderStatus, KeyLock};

/// Looks for the result of a call that waits.
pub(super) struct CacheProbe<'a, F> {
    lookup: &'a Lookup<'a>,
    find: F,
    version: EntryVersion,
    is_task: bool,
}

/// The version of a call's entry before the call first looked for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct EntryVersion(Option<u64>);

impl EntryVersion {
    pub(super) fn of(lookup: &Lookup<'_>) -> Self {
        let store = lookup.bound.cache.store.as_ref();
        EntryVersion(store.and_then(|store| store.entry_version(lookup.id)))
    }
}

impl<'a, F> CacheProbe<'a, F> {
    /// Creates the probe of a thread that looks by calling `find` when the entry is
    /// newer than `version`.
    pub(super) fn new(lookup: &'a Lookup<'a>, version: EntryVersion, find: F) -> Self {
        CacheProbe {
            lookup,
            find,
            version,
            is_task: false,
        }
    }

    /// Turns it into the probe of a task.
    pub(super) fn of_task(self) -> Self {
        CacheProbe {
            is_task: true,
            ..self
        }
    }
}

impl<V, F: Fn(&Lookup<'_>) -> Option<FoundEntry<V>>> ResultSource for CacheProbe<'_, F> {
    type Value = FoundEntry<V>;
    type Lock = KeyLock;

    fn find(&self) -> Option<FoundEntry<V>> {
        if self.version.0.is_some() && self.version == EntryVersion::of(self.lookup) {
            return None;
        }
        (self.find)(self.lookup)
    }

    fn try_lock(&self) -> TryLock<KeyLock> {
        self.try_lock_ranked(0)
    }

    fn try_lock_ranked(&self, rank: u8) -> TryLock<KeyLock> {
        let Some(store) = &self.lookup.bound.cache.store else {
            return TryLock::Unavailable;
        };
        let thread = (!self.is_task).then(flight::current_thread_id);
        match store.try_lock_for(self.lookup.id, rank, thread) {
            Ok(Some(lock)) => TryLock::Acquired(lock),
            Ok(None) => TryLock::Busy,
            Err(_) => TryLock::Unavailable,
        }
    }

    fn holder(&self, rank: u8) -> Option<HolderStatus> {
        let store = self.lookup.bound.cache.store.as_ref()?;
        store.holder(self.lookup.id, rank)
    }

    fn holder_record(lock: &KeyLock) -> Option<&HolderRecord> {
        lock.holder_record()
    }
}
