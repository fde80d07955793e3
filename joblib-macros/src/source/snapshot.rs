//! Snapshots of reachable sets that later sets start from as copies. Functions of one
//! crate often reach mostly the same items. The common part is found once, from what
//! two large sets had in common while they were small, and each later set that does
//! not match narrows it.

use std::collections::{HashSet, VecDeque};
use std::sync::Arc;

use super::database::{CrateDb, ItemId, ItemKind};
use super::name::Name;
use super::reachability::{CallerTypes, ReachState, Reachability};
use super::resolve::PathTarget;

/// The numbers of items after which a key of a small set is recorded.
const STEPS: [usize; 2] = [4, 24];
/// The maximum number of items in a small set.
const SMALL: usize = 256;
/// The minimum number of items in a large set.
const LARGE: usize = 256;
/// The maximum number of traits before which a key is recorded.
const TRAITS: usize = 4;
/// The number of trials for common parts, in addition to one for each set that
/// started from a snapshot.
const TRIALS: usize = 64;
/// The number of preceding large sets with which the next one is compared.
const BEFORE: usize = 8;
/// The maximum number of snapshots, and the maximum number of items in all of them.
const MAX_SNAPSHOTS: usize = 64;
const MAX_ITEMS: usize = 400_000;

/// The stage of a set between small and large.
#[derive(Debug, Default)]
pub(super) enum SnapshotStage {
    /// It starts empty.
    #[default]
    Alone,
    /// It is small and looks for a snapshot, after this number of steps.
    Looking(usize, Early),
    /// The keys from when it was small.
    Done(Early),
}

/// The keys that a set had at some moments while it was small.
pub(super) type Early = Vec<(SnapshotTrigger, SnapshotKey)>;

/// The moment at which a key is recorded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum SnapshotTrigger {
    /// With the references of the function itself.
    Begin,
    After(usize),
    /// Before this trait, which may add hundreds of impls at once.
    Before(ItemId),
}

/// What a set must contain to be a superset of a snapshot.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct SnapshotKey {
    /// Items that are reached strongly, not only as the trait of an impl.
    pub(super) items: Vec<ItemId>,
    pub(super) members: Vec<Name>,
    pub(super) owned: Vec<(Name, ItemId)>,
    pub(super) methods: Vec<(Name, usize)>,
    pub(super) loose: Vec<Name>,
    pub(super) callers: CallerTypes,
}

/// The complete reachable set of a key.
#[derive(Debug)]
pub(super) struct Snapshot {
    pub(super) number: usize,
    /// The moment at which the sets that it was derived from had its key.
    moment: SnapshotTrigger,
    key: SnapshotKey,
    pub(super) state: ReachState,
}

/// The snapshots of one compilation.
#[derive(Debug, Default)]
pub(super) struct Snapshots {
    /// Ordered by last use, the most recent last.
    kept: Vec<Arc<Snapshot>>,
    count: usize,
    /// The keys that were tried.
    tried: HashSet<SnapshotKey>,
    /// The number of sets that started from a snapshot.
    uses: usize,
    /// The early keys of the last large sets.
    before: VecDeque<Early>,
}

impl Snapshots {
    /// Returns the largest snapshot whose key fits.
    fn find(&mut self, fits: impl Fn(&SnapshotKey) -> bool) -> Option<Arc<Snapshot>> {
        let fitting = (0..self.kept.len()).filter(|&i| fits(&self.kept[i].key));
        let largest = fitting.max_by_key(|&i| self.kept[i].state.reached.len())?;
        let found = self.kept.remove(largest);
        self.kept.push(Arc::clone(&found));
        self.uses += 1;
        Some(found)
    }

    /// Stores a snapshot and evicts the least recently used ones.
    fn keep(&mut self, moment: SnapshotTrigger, key: SnapshotKey, state: ReachState) {
        self.count += 1;
        self.kept.push(Arc::new(Snapshot {
            number: self.count,
            moment,
            key,
            state,
        }));
        let sizes = self.kept.iter().map(|kept| kept.state.reached.len());
        let mut items: usize = sizes.sum();
        while self.kept.len() > MAX_SNAPSHOTS || (items > MAX_ITEMS && self.kept.len() > 1) {
            items -= self.kept.remove(0).state.reached.len();
        }
    }

    fn remember(&mut self, early: Early) {
        self.before.push_front(early);
        self.before.truncate(BEFORE);
    }

    /// Returns whether a key is worth a trial: it was not tried before, and enough
    /// earlier trials were useful.
    fn tries(&mut self, key: &SnapshotKey) -> bool {
        let are_few = self.tried.len() < TRIALS + self.uses;
        are_few && !key.is_empty() && self.tried.insert(key.clone())
    }
}

impl SnapshotKey {
    fn is_in(&self, state: &ReachState) -> bool {
        let has_item = |id| state.reached.get(id) == Some(&true);
        self.callers == state.callers
            && self.items.iter().all(has_item)
            && self
                .owned
                .iter()
                .all(|pair| state.owned.pairs.contains(pair))
            && self
                .methods
                .iter()
                .all(|pair| state.methods.pairs.contains(pair))
            && self.members.iter().all(|name| state.members.contains(name))
            && self.loose.iter().all(|name| state.loose.contains(name))
    }

    fn is_part_of(&self, other: &SnapshotKey) -> bool {
        self.callers == other.callers
            && is_part(&self.items, &other.items)
            && is_part(&self.owned, &other.owned)
            && is_part(&self.methods, &other.methods)
            && is_part(&self.members, &other.members)
            && is_part(&self.loose, &other.loose)
    }

    fn sorted(mut self) -> SnapshotKey {
        self.items.sort_unstable();
        self.items.dedup();
        self.members.sort_unstable();
        self.owned.sort_unstable();
        self.owned.dedup();
        self.methods.sort_unstable();
        self.loose.sort_unstable();
        self
    }

    fn is_empty(&self) -> bool {
        self.items.is_empty()
            && self.members.is_empty()
            && self.owned.is_empty()
            && self.methods.is_empty()
            && self.loose.is_empty()
    }

    fn in_common(&self, other: &SnapshotKey) -> SnapshotKey {
        if self.callers != other.callers {
            return SnapshotKey::default();
        }
        SnapshotKey {
            items: in_common(&self.items, &other.items),
            members: in_common(&self.members, &other.members),
            owned: in_common(&self.owned, &other.owned),
            methods: in_common(&self.methods, &other.methods),
            callers: self.callers,
            loose: in_common(&self.loose, &other.loose),
        }
    }
}

/// Returns whether a sorted list contains all elements of another one.
fn is_part<T: Ord>(one: &[T], other: &[T]) -> bool {
    one.iter().all(|value| other.binary_search(value).is_ok())
}

/// Returns the common elements of two sorted lists.
fn in_common<T: Copy + Ord>(one: &[T], other: &[T]) -> Vec<T> {
    let is_in = |value: &&T| other.binary_search(value).is_ok();
    one.iter().filter(is_in).copied().collect()
}

impl ReachState {
    /// Returns the key of the state.
    pub(super) fn key(&self) -> SnapshotKey {
        let strong = self.reached.iter().filter(|(_, strong)| **strong);
        let key = SnapshotKey {
            items: strong.map(|(id, _)| *id).collect(),
            members: self.members.iter().copied().collect(),
            owned: self.owned.pairs.iter().copied().collect(),
            methods: self.methods.pairs.iter().copied().collect(),
            loose: self.loose.iter().copied().collect(),
            callers: self.callers,
        };
        key.sorted()
    }
}

impl Reachability<'_> {
    /// Starts from a copy of a snapshot if the references of the item contain its
    /// key.
    pub(super) fn find_base_of(&mut self, id: ItemId) {
        if !matches!(self.start, SnapshotStage::Looking(..)) {
            return;
        }
        let key = self.world.key_of_item(id, self.callers);
        let snapshots = &mut self.world.snapshots;
        if let Some(snapshot) = snapshots.find(|wanted| wanted.is_part_of(&key)) {
            self.begin_from(snapshot);
            self.start = SnapshotStage::Done(vec![(SnapshotTrigger::Begin, key)]);
        } else {
            self.start = SnapshotStage::Looking(0, vec![(SnapshotTrigger::Begin, key)]);
        }
    }

    /// Records the key of a small set before it adds all impls of a trait.
    pub(super) fn note_before(&mut self, id: ItemId) {
        let is_large_step = self.world.item(id).kind == ItemKind::Trait
            && self.state.reached.get(&id) == Some(&true);
        if is_large_step
            && let SnapshotStage::Looking(_, early) = &mut self.start
            && early.len() <= TRAITS
        {
            early.push((SnapshotTrigger::Before(id), self.state.key()));
        }
    }

    /// Adds all elements of a key.
    pub(super) fn seed_key(&mut self, key: &SnapshotKey) {
        for &id in &key.items {
            self.reach(id, true);
        }
        for &name in &key.members {
            self.add_member(name);
        }
        for &(name, owner) in &key.owned {
            self.add_owned(owner, name);
        }
        for &(name, arguments) in &key.methods {
            self.add_method(name, arguments);
        }
        for &name in &key.loose {
            self.add_loose(name);
        }
        self.run();
    }

    /// Restarts from a copy of a snapshot whose key this state contains, if there is
    /// one.
    pub(super) fn find_base(&mut self) {
        let SnapshotStage::Looking(count, early) = &mut self.start else {
            return;
        };
        let mut early = std::mem::take(early);
        let count = *count + 1;
        let is_small = self.state.reached.len() <= SMALL;
        if is_small && STEPS.contains(&count) {
            early.push((SnapshotTrigger::After(count), self.state.key()));
        }
        let snapshots = &mut self.world.snapshots;
        if let Some(snapshot) = snapshots.find(|wanted| wanted.is_in(&self.state)) {
            self.start = SnapshotStage::Done(early);
            self.begin_from(snapshot);
        } else if !is_small || count >= STEPS[1] {
            self.start = SnapshotStage::Done(early);
        } else {
            self.start = SnapshotStage::Looking(count, early);
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
        for asked in small.asked {
            self.ask(asked);
        }
    }

    /// Returns the keys from when the set was small.
    pub(super) fn early(&mut self) -> Early {
        match std::mem::take(&mut self.start) {
            SnapshotStage::Alone => Early::new(),
            SnapshotStage::Looking(_, early) | SnapshotStage::Done(early) => early,
        }
    }
}

impl CrateDb {
    /// Returns the key of an item's own references, which are reached with it.
    fn key_of_item(&mut self, id: ItemId, callers: CallerTypes) -> SnapshotKey {
        let facts = self.refs_of(id);
        let resolutions = self.resolutions(id);
        let mut key = SnapshotKey {
            callers,
            ..SnapshotKey::default()
        };
        for (mention, resolution) in facts.paths.iter().zip(resolutions.iter()) {
            if mention.weak || mention.is_local {
                continue;
            }
            if mention.path.names[0] != "Self" {
                key.members.extend(&resolution.members);
            }
            let brings_all = self.brings_all(id, mention, callers);
            let items = resolution.targets.iter().filter_map(|target| match target {
                PathTarget::Item(id) if brings_all || !self.is_trait(target) => Some(*id),
                _ => None,
            });
            key.items.extend(items);
        }
        key.members.extend(&facts.members);
        key.methods.extend(&facts.methods);
        key.loose.extend(&facts.loose);
        key.sorted()
    }

    /// Stores the common part of a finished set that started without a snapshot and
    /// of other sets, if it is most of the set. The other sets are those behind
    /// snapshots and the last large ones.
    pub(super) fn learn(&mut self, early: Early, fresh: usize) {
        if fresh < LARGE {
            return;
        }
        for (moment, key) in &early {
            let kept = self.snapshots.kept.iter().rev();
            let kept = kept.map(|kept| (kept.moment, &kept.key));
            let before = self.snapshots.before.iter().flatten();
            let before = before.map(|(moment, key)| (*moment, key));
            // Common parts with the most sets come first.
            let common: Vec<SnapshotKey> = kept
                .chain(before)
                .filter(|(other, _)| other == moment)
                .map(|(_, other)| key.in_common(other))
                .collect();
            for key in common {
                if self.try_snapshot(*moment, key, fresh / 2) {
                    self.snapshots.remember(early);
                    return;
                }
            }
        }
        self.snapshots.remember(early);
    }

    /// Computes the reachable set of a key and stores it if it has at least `least`
    /// items.
    fn try_snapshot(&mut self, moment: SnapshotTrigger, key: SnapshotKey, least: usize) -> bool {
        if !self.snapshots.tries(&key) {
            return false;
        }
        let mut closure = Reachability::new(self);
        closure.callers = key.callers;
        closure.seed_key(&key);
        let state = closure.into_state();
        let is_large = state.reached.len() >= least;
        if is_large {
            self.snapshots.keep(moment, key, state);
        }
        is_large
    }
}
