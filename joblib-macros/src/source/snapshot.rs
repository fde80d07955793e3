//! Closures that others may begin as copies of. Functions of one crate often
//! have most of what they reach in common; that part is found once, from what
//! two large closures had in common while they were small.

use std::sync::Arc;

use super::closure::{Closure, State};
use super::name::Name;
use super::world::{ItemId, World};

/// After how many items a closure is no longer small.
pub(super) const EARLY: usize = 24;
/// From how many items on a closure is large.
const LARGE: usize = 256;
/// How many snapshots are kept.
const MOST: usize = 8;

/// Where a closure stands between small and large.
#[derive(Debug, Default)]
pub(super) enum Start {
    /// It begins from nothing.
    #[default]
    Alone,
    /// It is small, and looks for a snapshot after each item.
    Looking(usize),
    /// What it had reached while it was small.
    Done(Key),
}

/// What a closure must have reached to be a superset of a snapshot.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Key {
    /// Items reached as more than the trait of an impl.
    pub(super) items: Vec<ItemId>,
    pub(super) members: Vec<Name>,
    pub(super) loose: Vec<Name>,
}

/// A closure that began with a key and nothing else.
#[derive(Debug)]
pub(super) struct Snapshot {
    pub(super) number: usize,
    key: Key,
    pub(super) state: State,
}

/// The snapshots of one compilation.
#[derive(Debug, Default)]
pub(super) struct Snapshots {
    kept: Vec<Arc<Snapshot>>,
    count: usize,
    /// What the large closure before had reached while it was small.
    before: Key,
}

impl Snapshots {
    /// The largest snapshot whose key `state` has.
    pub(super) fn find(&self, state: &State) -> Option<Arc<Snapshot>> {
        let fitting = self.kept.iter().filter(|kept| kept.key.is_in(state));
        let largest = fitting.max_by_key(|kept| kept.state.reached.len());
        largest.map(Arc::clone)
    }
}

impl Key {
    fn is_in(&self, state: &State) -> bool {
        let has_item = |id| state.reached.get(id) == Some(&true);
        self.items.iter().all(has_item)
            && self.members.iter().all(|name| state.members.contains(name))
            && self.loose.iter().all(|name| state.loose.contains(name))
    }

    fn in_common(&self, other: &Key) -> Key {
        Key {
            items: in_common(&self.items, &other.items),
            members: in_common(&self.members, &other.members),
            loose: in_common(&self.loose, &other.loose),
        }
    }
}

/// What two sorted lists have in common.
fn in_common<T: Copy + Ord>(one: &[T], other: &[T]) -> Vec<T> {
    let is_in = |value: &&T| other.binary_search(value).is_ok();
    one.iter().filter(is_in).copied().collect()
}

impl State {
    /// What the state has reached.
    pub(super) fn key(&self) -> Key {
        let strong = self.reached.iter().filter(|(_, strong)| **strong);
        let mut key = Key {
            items: strong.map(|(id, _)| *id).collect(),
            members: self.members.iter().copied().collect(),
            loose: self.loose.iter().copied().collect(),
        };
        key.items.sort_unstable();
        key.members.sort_unstable();
        key.loose.sort_unstable();
        key
    }
}

impl Closure<'_> {
    /// Adds all that a key says.
    pub(super) fn seed_key(&mut self, key: &Key) {
        for &id in &key.items {
            self.reach(id, true);
        }
        for &name in &key.members {
            self.add_member(name);
        }
        for &name in &key.loose {
            self.add_loose(name);
        }
        self.run();
    }

    /// Begins anew as a copy of a snapshot whose key this state has, if there
    /// is one.
    pub(super) fn look_for_base(&mut self) {
        let Start::Looking(count) = self.start else {
            return;
        };
        let found = self.world.snapshots.find(&self.state);
        if let Some(snapshot) = found {
            self.start = Start::Done(self.state.key());
            self.begin_from(snapshot);
        } else if count >= EARLY || self.queue.is_empty() {
            self.start = Start::Done(self.state.key());
        } else {
            self.start = Start::Looking(count + 1);
        }
    }

    pub(super) fn begin_from(&mut self, snapshot: Arc<Snapshot>) {
        let small = std::mem::replace(&mut self.state, snapshot.state.clone());
        self.state.fresh.clear();
        self.state.base = Some(snapshot);
        self.queue.clear();
        for (id, strong) in small.reached {
            self.reach(id, strong);
        }
    }

    /// What the closure had reached when it was small.
    pub(super) fn early_key(&self) -> Option<&Key> {
        match &self.start {
            Start::Done(key) => Some(key),
            _ => None,
        }
    }
}

impl World {
    /// Keeps what a closure that has just ended has in common with the large
    /// one before it, if that is most of it.
    pub(super) fn learn(&mut self, early: Option<Key>, fresh: usize) {
        let Some(early) = early.filter(|_| fresh >= LARGE) else {
            return;
        };
        let before = std::mem::replace(&mut self.snapshots.before, early.clone());
        let key = early.in_common(&before);
        let is_known = self.snapshots.kept.iter().any(|kept| kept.key == key);
        if key == Key::default() || is_known {
            return;
        }
        let mut closure = Closure::new(self);
        closure.seed_key(&key);
        let state = closure.into_state();
        if state.reached.len() < fresh / 2 {
            return;
        }
        let snapshots = &mut self.snapshots;
        if snapshots.kept.len() == MOST {
            snapshots.kept.remove(0);
        }
        snapshots.count += 1;
        snapshots.kept.push(Arc::new(Snapshot {
            number: snapshots.count,
            key,
            state,
        }));
    }
}
