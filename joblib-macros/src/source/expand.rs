//! Finds what is behind the name of a macro: its definitions and those of the macros
//! that they call, in this crate and in others. A macro without a readable definition
//! is opaque: it may do anything with its input.

mod foreign_macros;

use std::collections::HashMap;
use std::path::{Path as FilePath, PathBuf};
use std::sync::Arc;

use super::attached_macros;
use super::build_unit;
use super::collect_refs::RefCollector;
use super::crates::ExternCrate;
use super::database::{CrateDb, CrateId, ItemId, ItemKind, ModuleId};
use super::impls::{BodyMacroEffect, effect_of_definition};
use super::known::attributes::is_standard_derive;
use super::known::crates::LOGGING_CRATES;
use super::known::macros::is_of_standard;
use super::macro_depth;
use super::macro_written::{CodeNames, is_procedural};
use super::name::{Name, Set};
use super::references::{ItemRefs, MacroCall};
use super::resolve::{PathTarget, Resolution};
use super::token::{LexedFile, Span};
use super::use_tree::UsePath;
use foreign_macros::Bodies;

/// A cache of definitions.
#[derive(Debug, Default)]
pub(super) struct MacroCache {
    known: HashMap<(ModuleId, UsePath), Arc<MacroDefinition>>,
    by_name: HashMap<PathBuf, Arc<Bodies>>,
}

/// What is behind the name of a macro.
#[derive(Debug, Default)]
pub(super) struct MacroDefinition {
    /// The tokens of each `macro_rules!`.
    pub(super) bodies: Vec<(Arc<LexedFile>, Span)>,
    /// Whether a part of it is not known.
    pub(super) is_opaque: bool,
    /// Whether more than its input is unknown.
    pub(super) is_unseen: bool,
    /// Whether it belongs to a crate whose source is not followed.
    pub(super) is_unread: bool,
    /// The references in the bodies, except names.
    pub(super) facts: ItemRefs,
    /// Whether its crate is known to put nothing of the input into results.
    pub(super) is_log: bool,
    /// Built-in macros that this name may refer to.
    pub(super) built_in: Vec<Name>,
    /// Names in the own code of macros of other crates.
    pub(super) written: CodeNames,
    /// Whether some of that code is not known.
    pub(super) is_unknown: bool,
    /// Whether it may use the attributes in its input, including documentation.
    pub(super) depends_on_docs: bool,
    /// Its possible effect outside the body in which it is called.
    pub(super) effect: Option<BodyMacroEffect>,
}

impl MacroDefinition {
    /// Returns whether the text of its input may become data.
    pub(super) fn sees_text(&self) -> bool {
        let is_text = |name: &Name| *name == "stringify";
        !self.is_log && (self.is_opaque || self.facts.has_text || self.built_in.iter().any(is_text))
    }

    /// Returns whether it may declare modules in separate files.
    pub(super) fn declares_modules(&self) -> bool {
        let declares = |(file, body): &(Arc<LexedFile>, Span)| declares_files(file, body.clone());
        self.is_opaque || self.bodies.iter().any(declares)
    }

    /// Returns whether it may declare modules whose names are in its input.
    pub(super) fn makes_modules(&self) -> bool {
        let makes = |(file, body): &(Arc<LexedFile>, Span)| {
            let mut tokens = body.clone();
            tokens.any(|i| file.is_word(i, "mod"))
        };
        self.is_opaque || self.bodies.iter().any(makes)
    }
}

/// Returns whether the tokens contain `mod name;`, with a literal or computed name.
pub(super) fn declares_files(file: &LexedFile, mut tokens: Span) -> bool {
    let end = tokens.end;
    tokens.any(|i| {
        let mut next = i + 1;
        while next < end && !file.is(next, b';') && !file.is(next, b'{') && next < i + 4 {
            next = file.after(next);
        }
        file.is_word(i, "mod") && file.is(next, b';')
    })
}

/// The maximum number of crates through which a macro from a glob import is searched.
const MAX_REEXPORTS: usize = 3;

/// A definition under construction.
#[derive(Default)]
struct DefinitionSearch {
    definition: MacroDefinition,
    seen: Vec<(Option<PathBuf>, Name)>,
}

impl CrateDb {
    /// Returns what is behind the macro that code in `scope` calls by `path`.
    pub(super) fn definition(&mut self, scope: ModuleId, path: &UsePath) -> Arc<MacroDefinition> {
        let key = (scope, path.clone());
        if let Some(known) = self.macros.known.get(&key) {
            return Arc::clone(known);
        }
        let krate = self.module(scope).krate;
        self.open_crates_behind(scope, path);
        let mut search = DefinitionSearch::default();
        self.search(scope, path, &mut search);
        let mut definition = search.definition;
        for (file, body) in &definition.bodies {
            let facts = self.flags_of(krate, file, body.clone());
            definition.facts.merge_flags(&facts);
        }
        definition.effect = effect_of_definition(&definition);
        let definition = Arc::new(definition);
        self.macros.known.insert(key, Arc::clone(&definition));
        definition
    }

    /// Reads the followed crates that may define the macro, so that the result does
    /// not depend on the order of lookups.
    fn open_crates_behind(&mut self, scope: ModuleId, path: &UsePath) {
        self.resolve(scope, path);
        let krate = self.module(scope).krate;
        let root = self.krate(krate).root;
        for id in self.module(root).items.clone() {
            if let ItemKind::ExternCrate(name) = self.item(id).kind {
                self.extern_target(krate, name);
            }
        }
    }

    fn search(&mut self, scope: ModuleId, path: &UsePath, search: &mut DefinitionSearch) {
        let Some(name) = path.last() else { return };
        let local = self.macros_called(scope, name);
        self.search_local(&local, name, search);
        let resolution = self.resolve(scope, path);
        let is_imported = resolution.targets.iter().any(|it| self.is_of_others(it));
        let is_brought = path.names.len() == 1
            && self
                .krate(self.module(scope).krate)
                .shadowing_macros
                .contains(&name);
        let is_standard = is_standard(path) && !is_brought;
        if !is_imported && (is_standard || self.is_certain(scope, &local, &resolution)) {
            if path.names.len() == 1 && !is_standard {
                self.search_opened(scope, name, search);
            }
            return;
        }
        let built_in = self.built_in_behind(scope, path);
        if !built_in.is_empty() {
            search.definition.built_in.extend(built_in);
            return;
        }
        let foreign: Vec<PathBuf> = self.crates_behind(scope, path);
        for artifact in &foreign {
            if self.search_foreign(artifact, name, search, 1) {
                let krate = self.published(artifact);
                search.definition.is_log |=
                    krate.is_some_and(|name| LOGGING_CRATES.contains(&&*name));
                if search.definition.is_opaque {
                    self.take_written_by(artifact, search);
                }
                return;
            }
        }
        search.definition.is_opaque = true;
        search.definition.is_unseen = true;
        search.definition.is_unread |= !foreign.is_empty();
        for artifact in &foreign {
            self.take_written_by(artifact, search);
        }
    }

    /// Returns what is behind the macro of this name in a crate that is not followed.
    pub(super) fn foreign_definition(
        &mut self,
        artifact: &FilePath,
        name: Name,
    ) -> Option<MacroDefinition> {
        if self.extern_kind(artifact) == ExternCrate::Joblib {
            return None;
        }
        let mut search = DefinitionSearch::default();
        if !self.search_foreign(artifact, name, &mut search, 1) {
            let words = self.written_by(artifact)?;
            if !words.names.contains(&name) {
                return None;
            }
            search.definition.is_unread = true;
            search.definition.written.extend(&words);
        }
        let mut definition = search.definition;
        for (file, body) in &definition.bodies {
            let facts = self.flags_of(0, file, body.clone());
            definition.facts.merge_flags(&facts);
        }
        Some(definition)
    }

    fn take_written_by(&mut self, artifact: &FilePath, search: &mut DefinitionSearch) {
        match self.written_by(artifact) {
            Some(words) => search.definition.written.extend(&words),
            None => search.definition.is_unknown = true,
        }
    }

    /// Returns whether one of the macros `local` is certainly the target of a path
    /// that does not lead to another crate: a macro of the same crate, or the target
    /// of the path. Any crate may have a macro of the same name that is not in scope.
    fn is_certain(&self, scope: ModuleId, local: &[ItemId], meant: &Resolution) -> bool {
        let krate = self.module(scope).krate;
        let may_refer_to = |id: &ItemId| meant.targets.contains(&PathTarget::Item(*id));
        local
            .iter()
            .any(|id| self.crate_of(*id) == krate || may_refer_to(id))
    }

    /// Searches a macro that a glob may import from another crate when a local macro
    /// has the same name but may not be in scope.
    fn search_opened(&mut self, scope: ModuleId, name: Name, search: &mut DefinitionSearch) {
        for target in self.foreign_globs(scope) {
            let PathTarget::Foreign(from, krate, _) = target else {
                continue;
            };
            let artifact = self.krate(from).externs.get(&krate).cloned();
            let is_found =
                |artifact: &PathBuf| self.search_foreign(artifact, name, search, MAX_REEXPORTS);
            if artifact.as_ref().is_some_and(is_found)
                && search.definition.is_opaque
                && let Some(artifact) = artifact
            {
                self.take_written_by(&artifact, search);
            }
        }
    }

    fn search_local(&mut self, found: &[ItemId], name: Name, search: &mut DefinitionSearch) {
        if found.is_empty() || search.seen.contains(&(None, name)) {
            return;
        }
        search.seen.push((None, name));
        for &id in found {
            let item = self.item(id).clone();
            let file = self.file_of(id);
            let Some(body) = item.body else { continue };
            for call in calls(&file, body.clone()) {
                self.search(item.module, &call, search);
            }
            search.definition.is_opaque |= calls_by_name(&file, body.clone());
            search.definition.depends_on_docs |= macro_depth::depends_on_docs(&file, body.clone());
            search.definition.bodies.push((file, body));
        }
    }

    /// Searches `name` in the crate of a compiled file and in the crates from which
    /// it may re-export it.
    fn search_foreign(
        &mut self,
        artifact: &FilePath,
        name: Name,
        search: &mut DefinitionSearch,
        depth: usize,
    ) -> bool {
        let key = (Some(artifact.to_owned()), name);
        if search.seen.contains(&key) {
            return true;
        }
        search.seen.push(key);
        let bodies = self.macros_by_example(artifact);
        let bodies = bodies.get(&name).map_or(&[][..], Vec::as_slice);
        let names_nothing = self.names_only_input(artifact);
        for (file, body) in bodies {
            for call in calls(file, body.clone()) {
                let is_known = is_standard(&call)
                    || call
                        .last()
                        .is_none_or(|name| self.search_foreign(artifact, name, search, depth));
                search.definition.is_opaque |= !is_known;
                search.definition.is_unseen |= !is_known;
            }
            search.definition.is_opaque |= calls_by_name(file, body.clone());
            if !names_nothing {
                search.definition.written.take(file, body.clone());
                search.definition.depends_on_docs |=
                    macro_depth::depends_on_docs(file, body.clone());
            }
            let body = (Arc::clone(file), body.clone());
            search.definition.bodies.push(body);
        }
        let is_found = !bodies.is_empty();
        if is_found || depth == 0 {
            return is_found;
        }
        let Some(unit) = self.unit(artifact) else {
            return false;
        };
        let mut below = unit.dependencies.iter();
        below.any(|(_, artifact)| self.search_foreign(artifact, name, search, depth - 1))
    }

    /// Returns the macros of the standard library that `path` leads to.
    fn built_in_behind(&mut self, scope: ModuleId, path: &UsePath) -> Vec<Name> {
        let mut targets = self.resolve(scope, path).targets;
        if let [name] = path.names.as_slice() {
            let known = self.lookup(self.enclosing(scope), *name);
            targets.extend(known.iter().cloned());
        }
        let of_standard = |target: &PathTarget| match target {
            PathTarget::Foreign(_, _, text) if self.is_of_standard(target) => {
                text.rsplit("::").next().map(Name::new)
            }
            _ => None,
        };
        let names = targets.iter().filter_map(of_standard);
        names
            .filter(|name| is_standard(&UsePath::bare(*name)))
            .collect()
    }

    /// Returns the compiled files of the crates that may define a macro called by
    /// `path`.
    pub(super) fn crates_behind(&mut self, scope: ModuleId, path: &UsePath) -> Vec<PathBuf> {
        let resolution = self.resolve(scope, path);
        let mut targets = resolution.targets;
        let module = self.enclosing(scope);
        for (name, target) in self.imports_of(module).iter() {
            if name.is_none() || *name == path.last() {
                targets.push(target.clone());
            }
        }
        let krate = self.module(scope).krate;
        let root = self.krate(krate).root;
        for id in self.module(root).items.clone() {
            if let ItemKind::ExternCrate(name) = self.item(id).kind {
                targets.push(PathTarget::Foreign(krate, name, String::new()));
            }
        }
        let mut found = Vec::new();
        for target in targets {
            let artifact = match target {
                PathTarget::Foreign(from, krate, _) => {
                    self.krate(from).externs.get(&krate).cloned()
                }
                _ => None,
            };
            found.extend(artifact.filter(|artifact| !found.contains(artifact)));
        }
        found
    }

    /// Finds the macros of the standard library that crates imported by `extern
    /// crate` may shadow, as `#[macro_use]` allows.
    pub(super) fn read_shadowing_macros(&mut self, krate: CrateId) {
        let root = self.krate(krate).root;
        let mut shadowing_macros = Set::default();
        for id in self.module(root).items.clone() {
            let ItemKind::ExternCrate(name) = self.item(id).kind else {
                continue;
            };
            let artifact = self.krate(krate).externs.get(&name).cloned();
            let Some(artifact) = artifact.filter(|it| self.extern_kind(it) != ExternCrate::Joblib)
            else {
                continue;
            };
            let is_procedural = is_procedural(&artifact);
            for source in build_unit::sources(&artifact) {
                let text = std::fs::read_to_string(&source).unwrap_or_default();
                let file = LexedFile::new(source, text);
                let names = file.all().filter_map(|i| defined(&file, i, is_procedural));
                shadowing_macros.extend(names.filter(|name| is_of_the_language(name.as_str())));
            }
        }
        let krate = &mut self.crates[krate as usize];
        krate.shadowed.add_macros(shadowing_macros.iter().copied());
        krate.shadowing_macros = shadowing_macros;
    }

    /// Returns the references in the body of a macro when code in `krate` calls it.
    fn flags_of(&self, krate: CrateId, file: &Arc<LexedFile>, body: Span) -> ItemRefs {
        let is_local = |_: Name| false;
        let mut reader = RefCollector::new(self, krate, file, &is_local);
        reader.read(body.clone(), true);
        let mut facts = reader.finish();
        facts.has_text |= derives_by_macro(file, body.clone());
        facts.has_text |= body.clone().any(|i| file.is_word(i, "doc"));
        facts.has_text |= macro_depth::matches_docs(file, body);
        facts
    }
}

impl ItemRefs {
    /// Merges the references of `other`, except names.
    pub(super) fn merge_flags(&mut self, other: &ItemRefs) {
        self.envs.extend(other.envs.iter().cloned());
        self.cfgs.extend(other.cfgs.iter().cloned());
        self.texts.extend(other.texts.iter().copied());
        self.open.extend(other.open.iter().cloned());
        self.patterns.extend(other.patterns.iter().cloned());
        self.objects.extend(other.objects.iter().cloned());
        self.hides_input |= other.hides_input;
        self.declares_symbols |= other.declares_symbols;
        self.has_positions |= other.has_positions;
        self.has_module_path |= other.has_module_path;
        self.has_text |= other.has_text;
    }
}

/// Returns the name of the macro that may be defined at `i`: a declarative macro, or
/// a procedural one, which is a function or named by its derive attribute.
fn defined(file: &LexedFile, i: usize, is_procedural: bool) -> Option<Name> {
    match file.text(i) {
        "macro_rules" if file.is(i + 1, b'!') => file.name(i + 2),
        "fn" if is_procedural => file.name(i + 1),
        "proc_macro_derive" if file.opens(i + 1) => file.name(i + 2),
        _ => None,
    }
}

/// Returns whether the standard library has a macro or a derive of this name.
fn is_of_the_language(name: &str) -> bool {
    is_of_standard(name) || is_standard_derive(name)
}

/// Returns whether a macro of this path belongs to the standard library.
pub(super) fn is_standard(path: &UsePath) -> bool {
    let Some(last) = path.last() else { return true };
    let last = last.as_str();
    last == "macro_rules" || is_of_standard(last)
}

/// Returns the macros that a body calls, or attaches to generated items.
fn calls(file: &LexedFile, body: Span) -> Vec<UsePath> {
    let is_call = |&i: &usize| is_call(file, i) && !(i > 0 && file.is(i - 1, b'$'));
    let attached = attached_macros::in_tokens(file, body.clone());
    let names = body.filter(is_call).filter_map(|i| file.name(i));
    let mut names: Vec<Name> = names.collect();
    names.sort_unstable();
    names.dedup();
    names
        .into_iter()
        .map(UsePath::bare)
        .chain(attached)
        .collect()
}

fn is_call(file: &LexedFile, at: usize) -> bool {
    file.is_word_kind(at) && file.is(at + 1, b'!') && file.opens(at + 2)
}

/// Returns whether a body calls macros whose names are in its input.
fn calls_by_name(file: &LexedFile, mut body: Span) -> bool {
    body.any(|i| file.is(i, b'$') && is_call(file, i + 1))
}

/// Returns whether a body uses a derive that is not a known one.
fn derives_by_macro(file: &LexedFile, body: Span) -> bool {
    let derives = body.filter(|&i| file.is_word(i, "derive") && file.opens(i + 1));
    let mut words = derives.flat_map(|i| file.inside(i + 1));
    words.any(|i| file.is_word_kind(i) && !is_standard_derive(file.text(i)))
}

/// Returns a macro call in item position.
pub(super) fn invoked(file: &LexedFile, head: usize, name_at: usize, body: Span) -> MacroCall {
    let path = head..name_at + 1;
    let names = path.clone().filter_map(|i| file.name(i));
    let names: Vec<Name> = names.filter(|name| *name != "pub").collect();
    let words = body.clone().filter_map(|i| file.name(i));
    MacroCall {
        path: UsePath {
            global: file.is_path_sep(head),
            names,
        },
        words: words.collect(),
        arguments: body,
    }
}
