//! Widens a reachable set by what cannot be followed: the names that a macro may
//! build, the files and variables that its arguments may name, and the items that may
//! register themselves at link time. Each widening is recorded with the item that
//! causes it.

mod files;
mod given;
mod names;
mod symbols;
mod upstream;

use std::collections::HashMap;
use std::path::{Path as FilePath, PathBuf};
use std::sync::Arc;

pub(super) use names::CrateNameWords;
pub(super) use symbols::DeclaredSymbols;

use super::cfg::Ternary;
use super::database::{CrateDb, CrateId, ItemId, ItemKind, ModuleId};
use super::expand::MacroDefinition;
use super::known::crates::names_nothing;
use super::macro_texts::MacroTexts;
use super::name::{Name, Set};
use super::name_pattern::NamePattern;
use super::reachability::Reachability;
use super::references::{ItemRefs, Unresolved};
use super::token::{LexedFile, Span};

/// The additions to a reachable set by widening.
#[derive(Clone, Debug, Default)]
pub(super) struct Widening {
    /// String literals that macros receive.
    texts: Set<Name>,
    /// Names from which a macro may build others.
    roots: Set<Name>,
    /// Names that macros of other crates emit from their own code.
    written: Set<Name>,
    patterns: Vec<NamePattern>,
    includes: Vec<Include>,
    /// Files whose code was read, with the modules that include them.
    read: Vec<(ModuleId, PathBuf)>,
    variables: Vec<(CrateId, Arc<LexedFile>, Span)>,
    /// Texts that macros build from their input.
    templates: Vec<(CrateId, Arc<LexedFile>, Span)>,
    /// The texts that they build, if these are not too many.
    made: Set<Name>,
    /// Whether they are too many.
    has_too_many_texts: bool,
    /// The texts that macros may hold, in any number.
    held: Arc<MacroTexts>,
    /// The numbers of open references and inputs at the last evaluation.
    asked: [usize; 3],
    /// Words that macros receive.
    words: Set<Name>,
    /// Whether a macro calls another one whose name it receives.
    calls_by_name: bool,
    /// Macros of other crates that were searched by names that other macros receive.
    called: HashMap<PathBuf, Set<Name>>,
    opened: Set<ModuleId>,
    opens_modules: bool,
    /// Whether a macro prefixes its input with `dyn`.
    pub(super) hides_input: bool,
    has_registry: bool,
    /// Whether the whole configuration of each crate counts.
    pub(super) has_conditions: bool,
    pub(super) has_positions: bool,
    /// Whether a macro sees its input as written, including comments.
    pub(super) has_written: bool,
    pub(super) has_module_path: bool,
    /// Whether a symbol is linked that no source defines.
    pub(super) has_native: bool,
    /// The numbers of crates when their calls by symbol were last collected.
    symbol_call_counts: [usize; 2],
    /// Files in addition to those of the items, with their names.
    pub(super) files: Vec<(String, PathBuf)>,
    /// Crates of whose package any file may be read.
    pub(super) packages: Vec<CrateId>,
    /// Crates whose manifest a macro reads.
    pub(super) manifests: Vec<CrateId>,
    /// Items that macros of these crates process.
    pub(super) readers: Vec<(ItemId, PathBuf)>,
    /// Directories outside the package that its code names.
    outside: Vec<(CrateId, String, PathBuf)>,
    /// Variables that macros reported to rustc.
    pub(super) tracked: Vec<(CrateId, String)>,
    /// Inputs of macros whose values are not known.
    pub(super) unseen: Vec<String>,
    /// Directories from which not all files are added.
    unlisted: Vec<String>,
    /// Variables in addition to those of the items.
    pub(super) envs: Vec<(CrateId, String)>,
    /// Conditions in addition to those of the items.
    pub(super) cfgs: Vec<(CrateId, String, Ternary)>,
    /// What was added for each item that caused a widening.
    pub(super) notes: Vec<(ItemId, String)>,
}

#[derive(Clone, Debug)]
struct Include {
    krate: CrateId,
    module: ModuleId,
    file: Arc<LexedFile>,
    argument: Span,
    is_code: bool,
}

impl Reachability<'_> {
    /// Adds what the item refers to and cannot be followed.
    pub(super) fn widen(&mut self, id: ItemId, facts: &ItemRefs) {
        self.take_flags(id, facts);
        let scope = self
            .world
            .block_of(id)
            .unwrap_or(self.world.item(id).module);
        let file = self.world.file_of(id);
        self.take_calls(id, scope, &file, facts);
        let krate = self.world.crate_of(id);
        if self.world.krate(krate).is_proc_macro {
            let texts = facts.texts.iter().map(|text| text.as_str().to_owned());
            let package = self.world.krate(0).origin.dir.clone();
            self.take_files_in(0, &[package], &texts.collect::<Vec<_>>());
        }
        self.attributes(id, facts);
        self.symbols(id);
        if let Some(call) = self.world.item(id).receiving_call {
            self.reach(call, true);
        }
    }

    /// Adds what is behind the macros that code of a file calls, on behalf of the
    /// item it belongs to.
    fn take_calls(&mut self, id: ItemId, scope: ModuleId, file: &Arc<LexedFile>, facts: &ItemRefs) {
        let krate = self.world.module(scope).krate;
        for call in &facts.calls {
            self.reach_assembly_symbols(&call.path, &facts.texts);
            self.widening.words.extend(call.words.iter().copied());
            let definition = self.world.definition(scope, &call.path);
            self.take_definition(id, &definition);
            for &built_in in &definition.built_in {
                let facts = self.world.built_in_facts(krate, file, built_in, call);
                self.take_flags(id, &facts);
                self.add_outer_refs(id, &facts);
            }
            if definition.is_opaque {
                let name = call.path.text();
                self.note(id, || format!("names like those that `{name}!` is given"));
                self.reach_by_roots(&call.words);
                let texts = facts.texts.iter().map(|text| text.as_str().to_owned());
                self.add_input_texts(id, texts.collect());
            }
            if definition.is_unread {
                let artifacts = self.world.crates_behind(scope, &call.path);
                self.add_readers(id, &artifacts);
            }
        }
    }

    /// Adds what a macro does regardless of its input.
    fn take_definition(&mut self, id: ItemId, definition: &MacroDefinition) {
        if definition.is_unknown {
            self.reach_by_pattern(id, &NamePattern::any());
        }
        if !definition.is_log {
            self.take_flags(id, &definition.facts);
            self.add_macro_traits(&definition.facts);
            self.add_outer_refs(id, &definition.facts);
            self.add_written_names(id, &definition.written);
        }
    }

    fn note(&mut self, id: ItemId, what: impl FnOnce() -> String) {
        self.widening.notes.push((id, what()));
    }

    fn take_flags(&mut self, id: ItemId, facts: &ItemRefs) {
        self.widening.has_positions |= facts.has_positions;
        self.widening.has_module_path |= facts.has_module_path;
        if facts.declares_symbols {
            self.add_native(id);
        }
        self.widening.texts.extend(facts.texts.iter().copied());
        for pattern in &facts.patterns {
            self.reach_by_pattern(id, pattern);
        }
        for open in &facts.open {
            self.add_unresolved(id, open);
        }
    }

    /// Adds what code outside any item's own tokens reads.
    fn add_outer_refs(&mut self, id: ItemId, facts: &ItemRefs) {
        let krate = self.world.crate_of(id);
        let widening = &mut self.widening;
        for file in &facts.files {
            if !widening.files.contains(file) {
                widening.files.push(file.clone());
            }
        }
        let names = facts.envs.iter().cloned();
        widening.envs.extend(names.map(|name| (krate, name)));
        let cfgs = facts.cfgs.iter().cloned();
        widening
            .cfgs
            .extend(cfgs.map(|(predicate, truth)| (krate, predicate, truth)));
    }

    fn add_unresolved(&mut self, id: ItemId, open: &Unresolved) {
        let module = self.world.item(id).module;
        let krate = self.world.module(module).krate;
        match open {
            Unresolved::Conditions => {
                self.widening.has_conditions = true;
                self.note(id, || WHOLE_CONFIGURATION.to_owned());
            }
            Unresolved::Modules => {
                self.widening.opens_modules = true;
                self.note(id, || {
                    "the modules whose names its macro is given".to_owned()
                });
            }
            Unresolved::Variable(file, span) => {
                given::add_part(&mut self.widening.variables, krate, file, span);
            }
            Unresolved::Text(file, span) => {
                given::add_part(&mut self.widening.templates, krate, file, span);
            }
            Unresolved::Call => self.widening.calls_by_name = true,
            Unresolved::Include {
                file,
                argument,
                is_code,
            } => self.widening.add_include(Include {
                krate,
                module,
                file: Arc::clone(file),
                argument: argument.clone(),
                is_code: *is_code,
            }),
        }
    }

    /// Handles an item with an attached macro, which sees the whole item.
    fn attributes(&mut self, id: ItemId, facts: &ItemRefs) {
        let attached = self.world.attached(id);
        if attached.is_empty() {
            return;
        }
        if matches!(self.world.item(id).kind, ItemKind::Impl | ItemKind::Trait) {
            self.reach_with_members(id);
        }
        if !self.world.names_nothing(id) {
            let words = self.world.words_of(id);
            self.note(id, || "names like those that its attributes see".to_owned());
            self.reach_by_roots(&words);
            let attributes = self.world.texts_of_attributes(id).into_iter();
            let texts = facts.texts.iter().map(|text| text.as_str().to_owned());
            self.add_input_texts(id, texts.chain(attributes).collect());
            let unread: Vec<PathBuf> = attached.into_iter().flatten().collect();
            if !unread.is_empty() {
                self.add_readers(id, &unread);
            }
            for artifact in &unread {
                if self.world.names_only_input(artifact) {
                    continue;
                }
                match self.world.written_by(artifact) {
                    Some(words) => self.add_written_names(id, &words),
                    None => self.reach_by_pattern(id, &NamePattern::any()),
                }
            }
        }
    }

    /// Adds string literals that a macro receives. They may name items as well as
    /// files.
    fn add_input_texts(&mut self, id: ItemId, texts: Vec<String>) {
        let krate = self.world.crate_of(id);
        for text in &texts {
            for name in given::starts_of_paths(text) {
                self.add_extern_crate(krate, name);
            }
            let words = text.split(|c: char| c != '_' && !c.is_alphanumeric());
            let is_name = |word: &&str| word.starts_with(|c: char| c == '_' || c.is_alphabetic());
            let words = words.filter(is_name).map(Name::new);
            self.reach_by_roots(&words.collect::<Vec<_>>());
        }
        self.add_named_files(id, &texts);
    }

    /// Handles a reached crate that is not followed and may contain a link-time
    /// registry.
    pub(super) fn widen_by_registry(&mut self, from: CrateId, name: Name) {
        let artifact = self.world.krate(from).externs.get(&name).cloned();
        let is_registry = artifact.is_some_and(|path| self.world.has_link_time_registry(&path));
        if !is_registry || self.widening.has_registry {
            return;
        }
        self.widening.has_registry = true;
        self.join_all();
        for &(krate, _) in self.parts().iter() {
            self.take_registered(krate);
        }
    }

    /// Adds everything that may register itself: items with attached macros, and
    /// macro calls.
    fn take_registered(&mut self, krate: CrateId) {
        let table = self.world.table(krate);
        for (id, _) in &table.generators {
            self.reach(*id, true);
        }
        for id in self.world.krate(krate).invocations.clone() {
            self.reach(id, true);
        }
    }

    /// Resolves what depends on new names and texts. Returns whether anything was
    /// added.
    pub(super) fn settle(&mut self) -> bool {
        let before = self.size();
        if self.widening.opens_modules {
            self.open_modules();
        }
        if self.widening.calls_by_name {
            self.call_by_name();
        }
        if self.widening.hides_input {
            self.add_given_traits();
        }
        self.add_symbol_callees();
        let widening = &self.widening;
        let asked = [
            widening.includes.len() + widening.variables.len(),
            widening.texts.len() + widening.words.len() + widening.templates.len(),
            self.reached.len(),
        ];
        if asked[0] > 0 && asked != self.widening.asked {
            self.widening.asked = asked;
            self.build_texts();
            for include in self.widening.includes.clone() {
                self.open_include(&include);
            }
        }
        !self.queue.is_empty() || self.size() != before
    }

    /// Returns the size of everything that can cause further additions. It never
    /// decreases.
    fn size(&self) -> usize {
        let widening = &self.widening;
        let flags = [
            widening.opens_modules,
            widening.calls_by_name,
            widening.hides_input,
        ];
        let state = self.reached.len() + self.loose.len() + self.members.len();
        let outside = self.joined.len() + self.foreign.len() + self.asked.len();
        let given = widening.texts.len() + widening.words.len() + widening.templates.len();
        let named = widening.roots.len() + widening.written.len() + widening.patterns.len();
        let read = widening.files.len() + widening.includes.len() + widening.variables.len();
        let flags = flags.iter().filter(|&&flag| flag).count();
        state + outside + given + named + read + flags
    }

    /// Handles built-in macros whose names a macro receives.
    fn call_by_name(&mut self) {
        let names: Vec<Name> = self.widening.words.iter().copied().collect();
        let texts: Vec<Name> = self.widening.texts.iter().copied().collect();
        for name in names {
            match name.as_str() {
                "env" | "option_env" => {
                    let texts = texts.iter().map(|text| (0, text.as_str().to_owned()));
                    self.widening.envs.extend(texts);
                }
                "include" | "include_str" | "include_bytes" => {
                    for text in &texts {
                        self.add_sibling_files(text.as_str());
                    }
                }
                "cfg" => self.widening.has_conditions = true,
                "line" | "column" | "file" => self.widening.has_positions = true,
                "module_path" => self.widening.has_module_path = true,
                _ => {}
            }
        }
        for artifact in self.foreign_artifacts() {
            self.call_foreign(&artifact);
        }
    }

    /// Handles macros of an unfollowed crate whose names other macros receive.
    fn call_foreign(&mut self, artifact: &FilePath) {
        let Some(&id) = self.reached.keys().next() else {
            return;
        };
        let widening = &mut self.state.widening;
        let called = widening.called.entry(artifact.to_owned()).or_default();
        let words = widening.words.iter().copied();
        let names: Vec<Name> = words.filter(|name| called.insert(*name)).collect();
        for name in names {
            if let Some(definition) = self.world.foreign_definition(artifact, name) {
                if definition.is_unread {
                    self.add_readers(id, &[artifact.to_owned()]);
                }
                self.take_definition(id, &definition);
            }
        }
    }

    fn open_modules(&mut self) {
        for &(krate, _) in self.parts().iter() {
            for name in self.loose.iter().copied().collect::<Vec<_>>() {
                let items = self.world.krate(krate).free.get(&name).cloned();
                for id in items.unwrap_or_default() {
                    if let ItemKind::Module(module) = self.world.item(id).kind {
                        self.open_module(module);
                    }
                }
            }
        }
    }

    /// Adds every item of a module and of its submodules.
    fn open_module(&mut self, module: ModuleId) {
        if !self.widening.opened.insert(module) {
            return;
        }
        for id in self.world.module(module).items.clone() {
            match self.world.item(id).kind {
                ItemKind::Module(inner) => self.open_module(inner),
                _ => self.reach(id, true),
            }
        }
    }
}

impl CrateDb {
    /// Returns whether the macros attached to the item refer only to names from their
    /// input.
    pub(super) fn names_nothing(&mut self, id: ItemId) -> bool {
        let attached = self.attached(id);
        let mut attached = attached.iter();
        attached.all(|artifacts| {
            !artifacts.is_empty()
                && artifacts
                    .iter()
                    .all(|artifact| self.names_only_input(artifact))
        })
    }

    /// Returns whether the macros of a crate refer only to names from their input.
    pub(super) fn names_only_input(&mut self, artifact: &FilePath) -> bool {
        self.published(artifact)
            .is_some_and(|krate| names_nothing(&krate))
    }
}

/// The note for a set that includes a whole crate.
pub(super) const WHOLE_CRATE: &str = "the whole crate";

/// The note of items whose conditions are not known.
pub(super) const WHOLE_CONFIGURATION: &str = "the whole configuration of its crate";
