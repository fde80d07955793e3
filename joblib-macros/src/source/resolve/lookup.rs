//! Cached lookup of names in modules. Modules that glob-import each other depend on
//! each other's results, so their lookups are solved together: each is evaluated with
//! the current results of the others until nothing changes.

use std::sync::Arc;

use super::{PathTarget, without_repeats};
use crate::source::companion_names;
use crate::source::database::{CrateDb, ItemId, ItemKind, ModuleId};
use crate::source::name::{Map, Name, Set};

/// A lookup: a name in a module.
type Question = (ModuleId, Name);

/// The results of finished lookups, and the lookups in progress.
#[derive(Debug)]
pub(super) struct PendingLookups {
    known: Map<Question, Arc<Vec<PathTarget>>>,
    /// The lookups in progress, in the order in which they started, with their
    /// current results.
    open: Vec<(Question, Arc<Vec<PathTarget>>)>,
    /// The index in `open` of each lookup in progress.
    places: Map<Question, usize>,
    /// The lowest index in `open` whose current result was used.
    lowest_used: usize,
}

impl Default for PendingLookups {
    fn default() -> PendingLookups {
        PendingLookups {
            known: Map::default(),
            open: Vec::new(),
            places: Map::default(),
            lowest_used: usize::MAX,
        }
    }
}

impl PendingLookups {
    /// Clears the results, because names were added.
    pub(super) fn forget(&mut self) {
        self.known.clear();
    }

    fn open(&mut self, question: Question) -> usize {
        let place = self.open.len();
        self.places.insert(question, place);
        self.open.push((question, Arc::default()));
        place
    }

    /// Returns the current result of a lookup in progress.
    fn current_result(&mut self, question: Question) -> Option<Arc<Vec<PathTarget>>> {
        let &place = self.places.get(&question)?;
        self.lowest_used = self.lowest_used.min(place);
        Some(Arc::clone(&self.open[place].1))
    }

    /// Stores the results of all lookups that started at index `place` or later.
    fn close(&mut self, place: usize) {
        for (question, answer) in self.open.drain(place..) {
            self.places.remove(&question);
            self.known.insert(question, answer);
        }
    }

    /// Updates a result and returns whether it changed. With `grows` it retains all
    /// targets that it had.
    fn update(&mut self, place: usize, mut found: Vec<PathTarget>, grows: bool) -> bool {
        let before = &mut self.open[place].1;
        if grows {
            found = without_repeats([&before[..], &found].concat());
        }
        let is_same = is_same(before, &found);
        if !is_same {
            *before = Arc::new(found);
        }
        !is_same
    }
}

/// Returns whether two lists without duplicates have the same elements.
fn is_same(one: &[PathTarget], other: &[PathTarget]) -> bool {
    one.len() == other.len() && {
        let all: Set<&PathTarget> = one.iter().collect();
        other.iter().all(|target| all.contains(target))
    }
}

impl CrateDb {
    /// Returns what `name` means in `module`, by its items, imports and globs.
    pub(in crate::source) fn lookup(
        &mut self,
        module: ModuleId,
        name: Name,
    ) -> Arc<Vec<PathTarget>> {
        let question = (module, name);
        let questions = &mut self.memory.questions;
        if let Some(known) = questions.known.get(&question) {
            return Arc::clone(known);
        }
        if let Some(found) = questions.current_result(question) {
            return found;
        }
        let place = questions.open(question);
        let (_, lowest_used) = self.track_lowest(|world| {
            let found = world.look(module, name);
            world.memory.questions.update(place, found, false);
            // The lookups that started later and are still in progress depend on this
            // one.
            if world.memory.questions.lowest_used == place {
                world.settle(place);
            }
        });
        let answer = Arc::clone(&self.memory.questions.open[place].1);
        if lowest_used >= place {
            self.memory.questions.close(place);
        } else {
            // It depends on an earlier lookup and is solved together with that one.
            let questions = &mut self.memory.questions;
            questions.lowest_used = questions.lowest_used.min(lowest_used);
        }
        answer
    }

    /// Returns whether the lookup is in progress.
    pub(super) fn is_asked(&self, module: ModuleId, name: Name) -> bool {
        self.memory.questions.places.contains_key(&(module, name))
    }

    /// Runs `ask` and returns whether it used the result of a lookup in progress.
    pub(super) fn track_pending<T>(&mut self, ask: impl FnOnce(&mut CrateDb) -> T) -> (T, bool) {
        let (found, lowest_used) = self.track_lowest(ask);
        let questions = &mut self.memory.questions;
        questions.lowest_used = questions.lowest_used.min(lowest_used);
        (found, lowest_used != usize::MAX)
    }

    /// Runs `ask` and returns the lowest index of a lookup in progress whose result
    /// it used.
    fn track_lowest<T>(&mut self, ask: impl FnOnce(&mut CrateDb) -> T) -> (T, usize) {
        let outer = std::mem::replace(&mut self.memory.questions.lowest_used, usize::MAX);
        let found = ask(self);
        let lowest_used = std::mem::replace(&mut self.memory.questions.lowest_used, outer);
        (found, lowest_used)
    }

    /// Evaluates all lookups from index `place` on, each with the current results of
    /// the others, until no result changes. A result can lose a target when another
    /// one is found, so two lookups could alternate forever. After as many rounds as
    /// there are lookups, results only grow.
    fn settle(&mut self, place: usize) {
        let mut rounds = 0;
        let mut is_settled = false;
        while !is_settled {
            is_settled = true;
            let mut at = place;
            // Evaluating a lookup may start new ones, which join the loop.
            while let Some(&((module, name), _)) = self.memory.questions.open.get(at) {
                let found = self.look(module, name);
                let questions = &mut self.memory.questions;
                let grows = rounds > questions.open.len() - place;
                is_settled &= !questions.update(at, found, grows);
                at += 1;
            }
            rounds += 1;
        }
    }

    fn look(&mut self, module: ModuleId, name: Name) -> Vec<PathTarget> {
        let mut found = Vec::new();
        let named = self.module(module).names.get(&name).cloned();
        for id in named.unwrap_or_default() {
            self.item_targets(id, &mut found);
        }
        // A lookup in a glob-imported module is a separate lookup, so that a prelude
        // which many modules import is searched once.
        for at in 0..self.module(module).open.len() {
            match self.module(module).open[at] {
                PathTarget::Module(other) => found.extend_from_slice(&self.lookup(other, name)),
                PathTarget::Item(id) if self.has_variant(id, name) => {
                    found.push(PathTarget::Item(id))
                }
                _ => {}
            }
        }
        match companion_names::function(name) {
            Some(function) if found.is_empty() => self.lookup(module, function).to_vec(),
            _ => without_repeats(found),
        }
    }

    fn item_targets(&mut self, id: ItemId, found: &mut Vec<PathTarget>) {
        let item = self.item(id);
        let module = item.module;
        match item.kind.clone() {
            ItemKind::Module(child) => found.push(PathTarget::Module(child)),
            ItemKind::Use(path) => {
                let targets = self.import(module, &path);
                // A path to a variant resolves to the type only, so the import itself
                // records which variant it is.
                let is_variant = path
                    .last()
                    .is_some_and(|last| targets.iter().any(|it| self.is_behind(it, last)));
                found.extend(targets);
                if is_variant {
                    found.push(PathTarget::Item(id));
                }
            }
            ItemKind::ExternCrate(name) if name == "self" => {
                let krate = self.module(module).krate;
                found.push(PathTarget::Module(self.krate(krate).root));
            }
            ItemKind::ExternCrate(name) => {
                let krate = self.module(module).krate;
                found.extend(self.extern_target(krate, name));
            }
            _ => found.push(PathTarget::Item(id)),
        }
    }

    /// Returns whether a path that ends with `last` and leads to a type refers to a
    /// variant of the type.
    fn is_behind(&self, target: &PathTarget, last: Name) -> bool {
        match *target {
            PathTarget::Item(id) => self.item(id).name != last && self.has_variant(id, last),
            _ => false,
        }
    }

    /// Returns the module and everything that its globs bring in, transitively.
    pub(in crate::source) fn glob_closure(&mut self, module: ModuleId) -> Arc<Vec<PathTarget>> {
        if let Some(known) = self.memory.globs.get(&module) {
            return Arc::clone(known);
        }
        let mut found = vec![PathTarget::Module(module)];
        let mut seen: Set<PathTarget> = found.iter().cloned().collect();
        let mut at = 0;
        while let Some(target) = found.get(at).cloned() {
            if let PathTarget::Module(other) = target {
                for next in &self.module(other).open {
                    if seen.insert(next.clone()) {
                        found.push(next.clone());
                    }
                }
            }
            at += 1;
        }
        let found = Arc::new(found);
        self.memory.globs.insert(module, Arc::clone(&found));
        found
    }
}
