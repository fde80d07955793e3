//! Imports that macro calls generate. The source does not show which names these
//! import. So where such a call exists, the call counts, and a name may refer to any
//! item of that name.

use std::sync::Arc;

use super::database::{CrateDb, CrateId, ItemId, ItemKind, ModuleId};
use super::expand::is_standard;
use super::impls::{path_before, start_of_path};
use super::macro_depth;
use super::name::Map;
use super::references::{ItemRefs, MacroCall};
use super::resolve::PathTarget;
use super::token::{LexedFile, Span};
use super::use_tree::{self, UsePath};

/// A cache of importing calls, valid for the number of items in `count`.
#[derive(Debug, Default)]
pub(super) struct MacroImports {
    count: usize,
    own: Map<ModuleId, Arc<Vec<ItemId>>>,
    seen: Map<ModuleId, bool>,
    all: Map<CrateId, Arc<Vec<ItemId>>>,
}

/// Which names of an item macro calls may have imported.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum NamesFromCalls {
    Nothing,
    /// Names that are found nowhere else.
    Missing,
    /// Any name: an import in a body takes precedence over names outside it.
    Any,
}

impl CrateDb {
    /// Returns which names of an item macro calls may have imported.
    pub(super) fn names_from_calls(&mut self, id: ItemId, facts: &ItemRefs) -> NamesFromCalls {
        if self.imports_within(id, facts) {
            return NamesFromCalls::Any;
        }
        let mut scope = self.block_of(id).unwrap_or(self.item(id).module);
        let mut imported = NamesFromCalls::Nothing;
        loop {
            let module = self.module(scope);
            let (is_block, body_of, parent) = (module.block, module.body_of, module.parent);
            if let Some(around) = body_of.filter(|&around| around != id) {
                let facts = self.refs_of(around);
                if self.imports_within(around, &facts) {
                    return NamesFromCalls::Any;
                }
            }
            if self.has_importing_call(scope) {
                imported = NamesFromCalls::Missing;
            }
            match parent.filter(|_| is_block) {
                Some(parent) => scope = parent,
                None => return imported,
            }
        }
    }

    /// Returns whether a macro call may import something into the module or into one
    /// that it glob-imports.
    fn has_importing_call(&mut self, module: ModuleId) -> bool {
        self.forget_importing();
        if let Some(&known) = self.importing.seen.get(&module) {
            return known;
        }
        let opened = self.glob_closure(module);
        let is_importing = opened.iter().any(|target| match *target {
            PathTarget::Module(opened) => !self.importing_calls(opened).is_empty(),
            _ => false,
        });
        self.importing.seen.insert(module, is_importing);
        is_importing
    }

    /// Returns the macro calls in a module that may import something there.
    pub(super) fn importing_calls(&mut self, module: ModuleId) -> Arc<Vec<ItemId>> {
        self.forget_importing();
        if let Some(known) = self.importing.own.get(&module) {
            return Arc::clone(known);
        }
        let krate = self.module(module).krate;
        let is_call = |id: &ItemId| {
            let item = self.item(*id);
            item.kind == ItemKind::Invocation
                && item.parent.is_none()
                && !self.krate(krate).inner_calls.contains_key(id)
        };
        let items = self.module(module).items.iter();
        let mut calls: Vec<ItemId> = items.copied().filter(is_call).collect();
        calls.retain(|&id| {
            let item = self.item(id);
            let (at, body) = (item.name_at, item.body.clone());
            let file = self.file_of(id);
            let path = path_before(&file, at);
            body.is_some_and(|body| self.may_import(module, &path, &file, body))
        });
        let calls = Arc::new(calls);
        self.importing.own.insert(module, Arc::clone(&calls));
        calls
    }

    /// Returns the macro calls in a crate that may import something.
    pub(super) fn importing_calls_of(&mut self, krate: CrateId) -> Arc<Vec<ItemId>> {
        self.forget_importing();
        if let Some(known) = self.importing.all.get(&krate) {
            return Arc::clone(known);
        }
        let mut calls = Vec::new();
        for module in 0..self.modules.len() as ModuleId {
            if self.module(module).krate == krate {
                calls.extend(self.importing_calls(module).iter().copied());
            }
        }
        let calls = Arc::new(calls);
        self.importing.all.insert(krate, Arc::clone(&calls));
        calls
    }

    fn forget_importing(&mut self) {
        if self.importing.count != self.items.len() {
            self.importing = MacroImports {
                count: self.items.len(),
                ..MacroImports::default()
            };
        }
    }

    /// Returns whether a macro call statement of the item may import something.
    fn imports_within(&mut self, id: ItemId, facts: &ItemRefs) -> bool {
        if !matches!(self.item(id).kind, ItemKind::Fn | ItemKind::Const) {
            return false;
        }
        let file = self.file_of(id);
        let scope = self.block_of(id).unwrap_or(self.item(id).module);
        let statements = facts.calls.iter().filter(|call| is_statement(&file, call));
        let calls: Vec<&MacroCall> = statements.collect();
        calls
            .into_iter()
            .any(|call| self.may_import(scope, &call.path, &file, call.arguments.clone()))
    }

    /// Returns whether a macro call may import something: through its own definition,
    /// the definition of a macro whose name it receives, or its input.
    fn may_import(
        &mut self,
        scope: ModuleId,
        path: &UsePath,
        file: &LexedFile,
        arguments: Span,
    ) -> bool {
        let Some(name) = path.last() else {
            return false;
        };
        // The items in its input are read at the call.
        if name == "cfg_if" {
            return false;
        }
        let free = &self.krate(self.module(scope).krate).free;
        if is_standard(path) && !free.contains_key(&name) {
            return false;
        }
        let definition = self.definition(scope, path);
        if definition.is_log {
            return false;
        }
        if definition.imports() || self.is_given_imports(scope, file, arguments.clone()) {
            return true;
        }
        let calls_given = definition.is_opaque;
        if calls_given && self.passes_foreign_macro(scope, file, arguments.clone()) {
            return true;
        }
        let given = self.macros_in_input(scope, file, arguments);
        let mut given = given.into_iter();
        given.any(|name| self.definition(scope, &UsePath::bare(name)).imports())
    }
}

impl CrateDb {
    /// Returns whether the input of a macro call contains an import that may import
    /// anything. An import of a function or module of this crate under its own name
    /// does not count, because a reference to that name reaches the call.
    fn is_given_imports(&self, scope: ModuleId, file: &LexedFile, arguments: Span) -> bool {
        let externs = &self.krate(self.module(scope).krate).externs;
        let is_plain = |leaf: &use_tree::UseLeaf| {
            let names = &leaf.path.names;
            let is_own = names.len() > 1 && !leaf.path.global && !externs.contains_key(&names[0]);
            let is_value = |name: &str| name.starts_with(|c: char| c.is_lowercase());
            is_own
                && leaf
                    .name
                    .is_some_and(|it| leaf.path.last() == Some(it) && is_value(it.as_str()))
        };
        let end = arguments.end;
        let mut uses = arguments.filter(|&at| file.is_word(at, "use"));
        uses.any(|at| {
            let end = (at..end).find(|&at| file.is(at, b';')).unwrap_or(end);
            let is_open = (at..end).any(|at| file.is(at, b'$'));
            let leaves = use_tree::flatten(file, at + 1..end);
            is_open || leaves.is_empty() || !leaves.iter().all(is_plain)
        })
    }
}

/// Returns whether a macro call is in statement position.
fn is_statement(file: &LexedFile, call: &MacroCall) -> bool {
    let Some(open) = call.arguments.start.checked_sub(1) else {
        return false;
    };
    if open < 2 || !file.is(open - 1, b'!') {
        return false;
    }
    let start = start_of_path(file, open - 2);
    let before = start - usize::from(file.is_path_sep(start.saturating_sub(2))) * 2;
    before > 0
        && [b'{', b'}', b';', b']']
            .iter()
            .any(|&byte| file.is(before - 1, byte))
}

impl super::expand::MacroDefinition {
    /// Returns whether it may import something at its call.
    pub(super) fn imports(&self) -> bool {
        let mut bodies = self.bodies.iter();
        self.is_unseen || bodies.any(|(file, body)| macro_depth::imports(file, body.clone()))
    }
}
