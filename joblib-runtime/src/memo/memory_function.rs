//! Functions that are bound to a [`Memory`](super::Memory) for as long as it exists:
//! closures, and functions of which every call chooses its memory.

use std::collections::{BTreeMap, HashSet};
use std::sync::{Arc, Mutex, Weak};

use super::cache::Cache;
use super::function::{FunctionState, MemoFunction};
use super::remote_stats;
use super::stats::Stats;
use crate::unpoisoned::lock;

/// A closure or a function, represented as a function that is open.
pub(super) struct MemoryFunction {
    site: MemoFunction,
    cache: Arc<Cache>,
    /// The function of which this is the copy in one memory.
    original: Option<&'static MemoFunction>,
}

/// The copies of a function in the memories that its calls chose.
#[derive(Default)]
struct Copies {
    alive: Vec<Weak<MemoryFunction>>,
    /// The counts of copies that were dropped.
    past: Stats,
}

/// The copies by the address of the function.
static COPIES: Mutex<BTreeMap<usize, Copies>> = Mutex::new(BTreeMap::new());

fn address(function: &'static MemoFunction) -> usize {
    std::ptr::from_ref(function).addr()
}

impl MemoryFunction {
    /// Creates the closure that stores its results in `cache` under `name`.
    pub(super) fn closure(name: &str, cache: &Arc<Cache>) -> Arc<MemoryFunction> {
        let site = MemoFunction::closure(leaked_name(name), Arc::clone(cache));
        MemoryFunction::register(site, cache, None)
    }

    /// Creates the copy of `function` that stores its results in `cache`.
    pub(super) fn copy(function: &'static MemoFunction, cache: &Arc<Cache>) -> Arc<MemoryFunction> {
        let site = function.copy_in(Arc::clone(cache));
        let copy = MemoryFunction::register(site, cache, Some(function));
        let mut copies = lock(&COPIES);
        let copies = copies.entry(address(function)).or_default();
        copies.alive.retain(|copy| copy.strong_count() > 0);
        copies.alive.push(Arc::downgrade(&copy));
        copy
    }

    fn register(
        site: MemoFunction,
        cache: &Arc<Cache>,
        original: Option<&'static MemoFunction>,
    ) -> Arc<MemoryFunction> {
        let function = Arc::new(MemoryFunction {
            site,
            cache: Arc::clone(cache),
            original,
        });
        cache.add_memory_function(&function);
        remote_stats::watch_memory_function(&function);
        function
    }

    /// Returns the copies of `function`, and the counts of those that were dropped.
    pub(super) fn copies_of(function: &'static MemoFunction) -> (Vec<Arc<MemoryFunction>>, Stats) {
        match lock(&COPIES).get(&address(function)) {
            Some(copies) => (
                copies.alive.iter().filter_map(Weak::upgrade).collect(),
                copies.past,
            ),
            None => Default::default(),
        }
    }

    pub(super) fn site(&self) -> &MemoFunction {
        &self.site
    }

    /// Returns the open state. The function is open from the start.
    pub(super) fn bound(&self) -> &FunctionState {
        self.site
            .opened()
            .expect("a function of a memory is opened when it is created")
    }
}

impl Drop for MemoryFunction {
    fn drop(&mut self) {
        let stats = self.site.stats_here();
        self.cache.keep_stats(stats);
        if let Some(function) = self.original {
            lock(&COPIES).entry(address(function)).or_default().past += stats;
        }
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
