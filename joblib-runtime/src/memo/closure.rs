//! Closures that store their results in a [`Memory`](super::Memory) under a name. Each
//! is a memoized function as long as its memory exists.

use std::collections::HashSet;
use std::sync::{Arc, Mutex};

use super::cache::Cache;
use super::function::{FunctionState, MemoFunction};
use super::remote_stats;
use crate::unpoisoned::lock;

/// A closure, represented as a function that is open.
pub(super) struct CachedClosure {
    site: MemoFunction,
    cache: Arc<Cache>,
}

impl CachedClosure {
    /// Creates the closure that stores its results in `cache` under `name`.
    pub(super) fn new(name: &str, cache: &Arc<Cache>) -> Arc<CachedClosure> {
        let closure = Arc::new(CachedClosure {
            site: MemoFunction::closure(leaked_name(name), Arc::clone(cache)),
            cache: Arc::clone(cache),
        });
        cache.add_closure(&closure);
        remote_stats::watch_closure(&closure);
        closure
    }

    pub(super) fn site(&self) -> &MemoFunction {
        &self.site
    }

    /// Returns the open state. A closure is open from the start.
    pub(super) fn bound(&self) -> &FunctionState {
        self.site
            .opened()
            .expect("a closure is opened when it is created")
    }
}

impl Drop for CachedClosure {
    fn drop(&mut self) {
        self.cache.keep_stats(self.site.stats_here());
        remote_stats::leave(self, &self.site);
    }
}

/// Returns a leaked copy of `name`, one for each distinct name. Names stand for the
/// source of closures, so their number is bounded by the program.
fn leaked_name(name: &str) -> &'static str {
    static NAMES: Mutex<Option<HashSet<&str>>> = Mutex::new(None);
    let mut names = lock(&NAMES);
    let names = names.get_or_insert_default();
    if let Some(known) = names.get(name) {
        return known;
    }
    let name = String::leak(name.to_owned());
    names.insert(name);
    name
}
