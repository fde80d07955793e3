//! What a name means in a module, asked once. Modules that open each other by globs
//! answer by each other's answers, so such questions are settled together: each is
//! answered by what is known of the others, again and again until nothing is added.

use std::sync::Arc;

use super::super::companion_names;
use super::super::database::{CrateDb, ItemId, ItemKind, ModuleId};
use super::super::name::{Map, Name, Set};
use super::{PathTarget, without_repeats};

/// What a name means in a module.
type Question = (ModuleId, Name);

/// Answers that are known, and questions that have none yet.
#[derive(Debug)]
pub(super) struct PendingLookups {
    known: Map<Question, Arc<Vec<PathTarget>>>,
    /// In the order in which they were asked, with what is known of each.
    open: Vec<(Question, Arc<Vec<PathTarget>>)>,
    /// The place of each among those that are open.
    places: Map<Question, usize>,
    /// The first open question that an answer since made use of.
    lowest: usize,
}

impl Default for PendingLookups {
    fn default() -> PendingLookups {
        PendingLookups {
            known: Map::default(),
            open: Vec::new(),
            places: Map::default(),
            lowest: usize::MAX,
        }
    }
}

impl PendingLookups {
    /// Forgets the answers, since there are more names.
    pub(super) fn forget(&mut self) {
        self.known.clear();
    }

    fn open(&mut self, question: Question) -> usize {
        let place = self.open.len();
        self.places.insert(question, place);
        self.open.push((question, Arc::default()));
        place
    }

    /// What is known so far of an open question.
    fn so_far(&mut self, question: Question) -> Option<Arc<Vec<PathTarget>>> {
        let &place = self.places.get(&question)?;
        self.lowest = self.lowest.min(place);
        Some(Arc::clone(&self.open[place].1))
    }

    /// Keeps the answers of all that was asked since `place`.
    fn close(&mut self, place: usize) {
        for (question, answer) in self.open.drain(place..) {
            self.places.remove(&question);
            self.known.insert(question, answer);
        }
    }

    /// Takes an answer and says whether it is another one. With `grows` it has
    /// whatever it had before.
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

/// Whether two lists without repeats have the same in them.
fn is_same(one: &[PathTarget], other: &[PathTarget]) -> bool {
    one.len() == other.len() && {
        let all: Set<&PathTarget> = one.iter().collect();
        other.iter().all(|target| all.contains(target))
    }
}

impl CrateDb {
    /// What `name` means in `module`, by items, imports and globs.
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
        if let Some(found) = questions.so_far(question) {
            return found;
        }
        let place = questions.open(question);
        let (_, lowest) = self.noting_lowest(|world| {
            let found = world.look(module, name);
            world.memory.questions.update(place, found, false);
            // What was asked since and is still open led back to this question.
            if world.memory.questions.lowest == place {
                world.settle(place);
            }
        });
        let answer = Arc::clone(&self.memory.questions.open[place].1);
        if lowest >= place {
            self.memory.questions.close(place);
        } else {
            // It belongs to a question before it, and is settled with that one.
            let questions = &mut self.memory.questions;
            questions.lowest = questions.lowest.min(lowest);
        }
        answer
    }

    /// Whether the question is open.
    pub(super) fn is_asked(&self, module: ModuleId, name: Name) -> bool {
        self.memory.questions.places.contains_key(&(module, name))
    }

    /// Runs `ask`, and says whether it made use of an answer that is not known yet.
    pub(super) fn watching<T>(&mut self, ask: impl FnOnce(&mut CrateDb) -> T) -> (T, bool) {
        let (found, lowest) = self.noting_lowest(ask);
        let questions = &mut self.memory.questions;
        questions.lowest = questions.lowest.min(lowest);
        (found, lowest != usize::MAX)
    }

    /// Runs `ask`, and says which open question it made use of first.
    fn noting_lowest<T>(&mut self, ask: impl FnOnce(&mut CrateDb) -> T) -> (T, usize) {
        let outer = std::mem::replace(&mut self.memory.questions.lowest, usize::MAX);
        let found = ask(self);
        let lowest = std::mem::replace(&mut self.memory.questions.lowest, outer);
        (found, lowest)
    }

    /// Answers all questions that are open since `place` by what is known of the
    /// others, until no answer is another one. An answer may lose something when
    /// another one is found, so that two might take turns for ever: after as many
    /// rounds as there are questions they lose nothing any more.
    fn settle(&mut self, place: usize) {
        let mut rounds = 0;
        let mut is_settled = false;
        while !is_settled {
            is_settled = true;
            let mut at = place;
            // New questions join while others are answered.
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
        // What a module opens is a question of its own, so that many modules which
        // open one prelude look through it once.
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
                // Of a variant the type alone is found, so the import says which it is.
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

    /// Whether a path that ends with `last` and leads to a type means a variant of it.
    fn is_behind(&self, target: &PathTarget, last: Name) -> bool {
        match *target {
            PathTarget::Item(id) => self.item(id).name != last && self.has_variant(id, last),
            _ => false,
        }
    }

    /// The module and everything its globs open, transitively.
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
