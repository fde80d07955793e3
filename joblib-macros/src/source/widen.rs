//! What a closure takes where it cannot follow: the names that a macro may put
//! together, the files and variables that its arguments may name, and whatever
//! may register itself while the program is linked. Each widening is noted with
//! the item that asked for it.

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

/// What a closure was widened by.
#[derive(Clone, Debug, Default)]
pub(super) struct Widening {
    /// Texts that macros are given.
    texts: Set<Name>,
    /// Names of which a macro may make others.
    roots: Set<Name>,
    /// Names that macros of other crates write of themselves.
    written: Set<Name>,
    patterns: Vec<NamePattern>,
    includes: Vec<Include>,
    /// Files whose code was read, and the modules where it stands.
    read: Vec<(ModuleId, PathBuf)>,
    variables: Vec<(CrateId, Arc<LexedFile>, Span)>,
    /// Texts that macros make of what they are given.
    templates: Vec<(CrateId, Arc<LexedFile>, Span)>,
    /// What they made, where that is not too many texts.
    made: Set<Name>,
    /// Whether it is.
    is_cut: bool,
    /// What macros may hold, however many texts that is.
    held: Arc<MacroTexts>,
    /// How much there was to ask, and to answer with, when it was done last.
    asked: [usize; 3],
    /// Words that macros are given.
    words: Set<Name>,
    /// Whether a macro calls another one by a name that it is given.
    calls_by_name: bool,
    /// Macros that were looked for by names that others are given.
    called: HashMap<PathBuf, Set<Name>>,
    opened: Set<ModuleId>,
    opens_modules: bool,
    /// Whether a macro puts `dyn` before what it is given.
    pub(super) hides_given: bool,
    has_registry: bool,
    /// Whether the configuration of each crate counts as a whole.
    pub(super) has_conditions: bool,
    pub(super) has_positions: bool,
    /// Whether a macro sees its input as it is written, comments and all.
    pub(super) has_written: bool,
    pub(super) has_module_path: bool,
    /// Whether a symbol is linked that no source defines.
    pub(super) has_native: bool,
    /// How many crates there were when it was asked what they call by symbols.
    called_back: [usize; 2],
    /// Files beside those of the items, and the names they go by.
    pub(super) files: Vec<(String, PathBuf)>,
    /// Crates of whose package any file may be read.
    pub(super) packages: Vec<CrateId>,
    /// Crates whose manifest a macro asks for.
    pub(super) manifests: Vec<CrateId>,
    /// Items with macros of these crates at work.
    pub(super) readers: Vec<(ItemId, PathBuf)>,
    /// Directories that are no part of the package whose code names them.
    outside: Vec<(CrateId, String, PathBuf)>,
    /// Variables that macros told rustc of.
    pub(super) told: Vec<(CrateId, String)>,
    /// What a macro asked for and nobody knows.
    pub(super) unseen: Vec<String>,
    /// Directories of which not all files are taken.
    unlisted: Vec<String>,
    /// Variables beside those of the items.
    pub(super) envs: Vec<(CrateId, String)>,
    /// Conditions beside those of the items.
    pub(super) cfgs: Vec<(CrateId, String, Ternary)>,
    /// What each item that widened the closure took, and why.
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
    /// Takes what the item says that cannot be followed.
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
        if let Some(call) = self.world.item(id).given_to {
            self.reach(call, true);
        }
    }

    /// What is behind the macros that are called in code of a file, for the item that
    /// it belongs to.
    fn take_calls(&mut self, id: ItemId, scope: ModuleId, file: &Arc<LexedFile>, facts: &ItemRefs) {
        let krate = self.world.module(scope).krate;
        for call in &facts.calls {
            self.take_assembly(&call.path, &facts.texts);
            self.widening.words.extend(call.words.iter().copied());
            let definition = self.world.definition(scope, &call.path);
            self.take_definition(id, &definition);
            for &built_in in &definition.built_in {
                let facts = self.world.built_in_facts(krate, file, built_in, call);
                self.take_flags(id, &facts);
                self.take_outer(id, &facts);
            }
            if definition.is_opaque {
                let name = call.path.text();
                self.note(id, || format!("names like those that `{name}!` is given"));
                self.take_roots(&call.words);
                let texts = facts.texts.iter().map(|text| text.as_str().to_owned());
                self.take_texts(id, texts.collect());
            }
            if definition.is_unread {
                let artifacts = self.world.crates_behind(scope, &call.path);
                self.take_reading(id, &artifacts);
            }
        }
    }

    /// What a macro does whatever it is given.
    fn take_definition(&mut self, id: ItemId, definition: &MacroDefinition) {
        if definition.is_unknown {
            self.take_pattern(id, &NamePattern::any());
        }
        if !definition.is_log {
            self.take_flags(id, &definition.facts);
            self.ask_for_made(&definition.facts);
            self.take_outer(id, &definition.facts);
            self.take_written(id, &definition.written);
        }
    }

    fn note(&mut self, id: ItemId, what: impl FnOnce() -> String) {
        self.widening.notes.push((id, what()));
    }

    fn take_flags(&mut self, id: ItemId, facts: &ItemRefs) {
        self.widening.has_positions |= facts.has_positions;
        self.widening.has_module_path |= facts.has_module_path;
        if facts.declares_symbols {
            self.take_native(id);
        }
        self.widening.texts.extend(facts.texts.iter().copied());
        for pattern in &facts.patterns {
            self.take_pattern(id, pattern);
        }
        for open in &facts.open {
            self.take_open(id, open);
        }
    }

    /// What code that is no item's own reads from outside of it.
    fn take_outer(&mut self, id: ItemId, facts: &ItemRefs) {
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

    fn take_open(&mut self, id: ItemId, open: &Unresolved) {
        let module = self.world.item(id).module;
        let krate = self.world.module(module).krate;
        match open {
            Unresolved::Conditions if !self.widening.has_conditions => {
                self.widening.has_conditions = true;
                self.note(id, || "the whole configuration of its crate".to_owned());
            }
            Unresolved::Conditions => {}
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

    /// An item with a macro attached: it sees all of the item.
    fn attributes(&mut self, id: ItemId, facts: &ItemRefs) {
        let attached = self.world.attached(id);
        if attached.is_empty() {
            return;
        }
        if matches!(self.world.item(id).kind, ItemKind::Impl | ItemKind::Trait) {
            self.take_whole(id);
        }
        if !self.world.names_nothing(id) {
            let words = self.world.words_of(id);
            self.note(id, || "names like those that its attributes see".to_owned());
            self.take_roots(&words);
            let attributes = self.world.texts_of_attributes(id).into_iter();
            let texts = facts.texts.iter().map(|text| text.as_str().to_owned());
            self.take_texts(id, texts.chain(attributes).collect());
            let unread: Vec<PathBuf> = attached.into_iter().flatten().collect();
            if !unread.is_empty() {
                self.take_reading(id, &unread);
            }
            for artifact in &unread {
                if self.world.is_quiet(artifact) {
                    continue;
                }
                match self.world.written_by(artifact) {
                    Some(words) => self.take_written(id, &words),
                    None => self.take_pattern(id, &NamePattern::any()),
                }
            }
        }
    }

    /// Texts that a macro is given, which may name items as well as files.
    fn take_texts(&mut self, id: ItemId, texts: Vec<String>) {
        let krate = self.world.crate_of(id);
        for text in &texts {
            for name in given::starts_of_paths(text) {
                self.see_crate(krate, name);
            }
            let words = text.split(|c: char| c != '_' && !c.is_alphanumeric());
            let is_name = |word: &&str| word.starts_with(|c: char| c == '_' || c.is_alphabetic());
            let words = words.filter(is_name).map(Name::new);
            self.take_roots(&words.collect::<Vec<_>>());
        }
        self.take_named_files(id, &texts);
    }

    /// A crate whose source is not read, by its compiled file.
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

    /// Whatever may register itself: items with macros attached, and calls of
    /// macros.
    fn take_registered(&mut self, krate: CrateId) {
        let table = self.world.table(krate);
        for (id, _) in &table.generators {
            self.reach(*id, true);
        }
        for id in self.world.krate(krate).invocations.clone() {
            self.reach(id, true);
        }
    }

    /// Opens what waits for names and texts that came since; whether anything
    /// was added.
    pub(super) fn settle(&mut self) -> bool {
        let before = self.size();
        if self.widening.opens_modules {
            self.open_modules();
        }
        if self.widening.calls_by_name {
            self.call_by_name();
        }
        if self.widening.hides_given {
            self.ask_for_given();
        }
        self.take_called_back();
        let widening = &self.widening;
        let asked = [
            widening.includes.len() + widening.variables.len(),
            widening.texts.len() + widening.words.len() + widening.templates.len(),
            self.reached.len(),
        ];
        if asked[0] > 0 && asked != self.widening.asked {
            self.widening.asked = asked;
            self.make_texts();
            for include in self.widening.includes.clone() {
                self.open_include(&include);
            }
        }
        !self.queue.is_empty() || self.size() != before
    }

    /// How much there is of all that asks for more, which never gets less.
    fn size(&self) -> usize {
        let widening = &self.widening;
        let flags = [
            widening.opens_modules,
            widening.calls_by_name,
            widening.hides_given,
        ];
        let state = self.reached.len() + self.loose.len() + self.members.len();
        let outside = self.joined.len() + self.foreign.len() + self.asked.len();
        let given = widening.texts.len() + widening.words.len() + widening.templates.len();
        let named = widening.roots.len() + widening.written.len() + widening.patterns.len();
        let read = widening.files.len() + widening.includes.len() + widening.variables.len();
        let flags = flags.iter().filter(|&&flag| flag).count();
        state + outside + given + named + read + flags
    }

    /// What macros of the compiler may do whose names a macro is given.
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
                        self.take_beside(text.as_str());
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

    /// What the macros of a crate that is not followed may do that are called by
    /// names that others are given.
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
                    self.take_reading(id, &[artifact.to_owned()]);
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

    /// Every item of a module, and of those in it.
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
    /// Whether the macros attached to the item name nothing but what they are
    /// given.
    pub(super) fn names_nothing(&mut self, id: ItemId) -> bool {
        let attached = self.attached(id);
        let mut attached = attached.iter();
        attached.all(|artifacts| {
            !artifacts.is_empty() && artifacts.iter().all(|artifact| self.is_quiet(artifact))
        })
    }

    /// Whether the macros of a crate name nothing but what they are given.
    pub(super) fn is_quiet(&mut self, artifact: &FilePath) -> bool {
        self.published(artifact)
            .is_some_and(|krate| names_nothing(&krate))
    }
}

/// What is noted where a whole crate is taken.
pub(super) const WHOLE_CRATE: &str = "the whole crate";
