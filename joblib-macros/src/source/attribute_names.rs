//! Attributes that have the name of one of joblib's but belong to another crate,
//! because of an import elsewhere in the crate or a glob. The imports of one file are
//! not enough to decide this, so the check runs after all files are read.

use super::attribute;
use super::database::{CrateDb, CrateId, ItemId, ItemKind, ModuleId};
use super::known::attributes::JOBLIB_ATTRIBUTES;
use super::name::{Name, Set};
use super::resolve::PathTarget;
use super::token::{LexedFile, Span};
use super::use_tree::UsePath;

impl CrateDb {
    /// Rereads the attributes of a crate if some of them belong to another crate.
    pub(super) fn reread_foreign_attributes(&mut self, krate: CrateId) {
        let mut changed: Set<usize> = Set::default();
        for id in self.items_of(krate) {
            let item = self.item(id);
            let (file, module, end) = (item.file, item.module, item.head);
            let source = self.file_of(id);
            for path in named_like_joblib(&source, item.span.start, end) {
                if self.is_foreign_attribute(module, &path)
                    && let (Some(shadowed), Some(name)) = (source.shadowed(), path.last())
                {
                    shadowed.add_attribute(name);
                    changed.insert(file);
                }
            }
        }
        if !changed.is_empty() {
            self.read_attributes_of(krate, &changed);
        }
    }

    fn items_of(&self, krate: CrateId) -> Vec<ItemId> {
        let all = 0..self.items.len() as ItemId;
        all.filter(|&id| self.crate_of(id) == krate).collect()
    }

    fn read_attributes_of(&mut self, krate: CrateId, files: &Set<usize>) {
        let cfgs = self.krate(krate).cfgs.clone();
        for id in self.items_of(krate) {
            let item = self.item(id);
            let is_import = matches!(item.kind, ItemKind::Use(_));
            if files.contains(&item.file) && !is_import {
                let file = self.file_of(id);
                let read = attribute::read(&file, self.item(id).span.start, &cfgs);
                self.items[id as usize].attributes = read.counted;
                self.facts.remove(&id);
            }
        }
        self.memory.forget_paths();
    }

    /// Returns whether an attribute in `scope` resolves to a crate other than joblib.
    fn is_foreign_attribute(&mut self, scope: ModuleId, path: &UsePath) -> bool {
        let targets = self.resolve(scope, path).targets;
        if targets.iter().any(|target| self.is_joblib_target(target)) {
            return false;
        }
        if targets.iter().any(|target| self.is_known_crate(target)) {
            return true;
        }
        // Some import brings the name, and it may be a glob import of joblib.
        let is_missing = targets.is_empty() && path.names.len() == 1;
        is_missing && self.has_foreign_globs(scope) && !self.may_see_joblib(scope)
    }

    /// Returns whether a path leads into another crate of the build.
    fn is_known_crate(&self, target: &PathTarget) -> bool {
        match target {
            PathTarget::Foreign(from, krate, _) => self.krate(*from).externs.contains_key(krate),
            PathTarget::Item(id) => self.krate(self.crate_of(*id)).is_proc_macro,
            PathTarget::Module(_) => false,
        }
    }

    /// Returns whether the module may see all names of joblib.
    fn may_see_joblib(&mut self, scope: ModuleId) -> bool {
        let module = self.enclosing(scope);
        let shadowing_macros = &self.krate(self.module(module).krate).shadowing_macros;
        let is_brought = JOBLIB_ATTRIBUTES
            .iter()
            .any(|name| shadowing_macros.contains(&Name::new(name)));
        let opened = [self.glob_closure(scope), self.glob_closure(module)];
        let mut opened = opened.iter().flat_map(|targets| targets.iter());
        is_brought || opened.any(|target| self.is_joblib_target(target))
    }
}

/// Returns the paths of the attributes before an item whose last name is one of
/// joblib's.
fn named_like_joblib(file: &LexedFile, start: usize, end: usize) -> Vec<UsePath> {
    let inside = (start..end).filter_map(|at| attribute::attribute_at(file, at));
    let parts = inside.flat_map(|inside| attribute::all_parts(file, &inside));
    let paths = parts.filter_map(|part| path(file, &part));
    let is_like_ours = |path: &UsePath| {
        let last = path.last();
        last.is_some_and(|last| JOBLIB_ATTRIBUTES.contains(&last.as_str()))
    };
    paths.filter(is_like_ours).collect()
}

fn path(file: &LexedFile, part: &Span) -> Option<UsePath> {
    let global = file.is_path_sep(part.start);
    let mut at = part.start + if global { 2 } else { 0 };
    let mut names = vec![file.name(at)?];
    while file.is_path_sep(at + 1) {
        at += 3;
        names.extend(file.name(at));
    }
    Some(UsePath { global, names })
}
