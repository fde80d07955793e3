//! What a closure takes where it cannot follow: the names that a macro may put
//! together, the files and variables that its arguments may name, and whatever
//! may register itself while the program is linked. Each widening is noted with
//! the item that asked for it.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::cfg::Truth;
use super::closure::Closure;
use super::facts::{Facts, Open};
use super::include::files_below;
use super::name::{Map, Name, Set};
use super::pattern::Pattern;
use super::symbol;
use super::syntax::is_primitive;
use super::token::{File, Span};
use super::world::{CrateId, ItemId, ItemKind, ModuleId, World};

/// What a closure was widened by.
#[derive(Clone, Debug, Default)]
pub(super) struct Widening {
    /// Texts that macros are given.
    texts: Set<Name>,
    /// Names of which a macro may make others.
    roots: Set<Name>,
    patterns: Vec<Pattern>,
    includes: Vec<Include>,
    variables: Vec<(CrateId, Arc<File>, Span)>,
    /// Texts that macros make of what they are given.
    templates: Vec<(CrateId, Arc<File>, Span)>,
    /// What they made.
    made: Set<Name>,
    /// How much there was to ask, and to answer with, when it was done last.
    asked: [usize; 3],
    /// Words that macros are given.
    words: Set<Name>,
    /// Whether a macro calls another one by a name that it is given.
    calls_by_name: bool,
    opened: Set<ModuleId>,
    opens_modules: bool,
    has_registry: bool,
    has_seen_before: bool,
    /// Whether the configuration of each crate counts as a whole.
    pub(super) has_conditions: bool,
    pub(super) has_positions: bool,
    pub(super) has_module_path: bool,
    /// Whether a symbol is linked that no source defines.
    pub(super) has_native: bool,
    /// Files beside those of the items, and the names they go by.
    pub(super) files: Vec<(String, PathBuf)>,
    /// Variables beside those of the items.
    envs: Vec<(CrateId, String)>,
    /// Conditions beside those of the items.
    pub(super) cfgs: Vec<(String, Truth)>,
    /// What each item that widened the closure took, and why.
    pub(super) notes: Vec<(ItemId, String)>,
}

#[derive(Clone, Debug)]
struct Include {
    krate: CrateId,
    module: ModuleId,
    file: Arc<File>,
    argument: Span,
    is_code: bool,
}

impl Closure<'_> {
    /// Takes what the item says that cannot be followed.
    pub(super) fn widen(&mut self, id: ItemId, facts: &Facts) {
        self.take_flags(id, facts);
        let scope = self
            .world
            .block_of(id)
            .unwrap_or(self.world.item(id).module);
        for call in &facts.calls {
            self.widening.words.extend(call.words.iter().copied());
            let definition = self.world.definition(scope, &call.path);
            if !definition.is_log {
                self.take_flags(id, &definition.facts);
                self.take_outer(id, &definition.facts);
            }
            for &built_in in &definition.built_in {
                let facts = self.world.built_in_facts(id, built_in, call);
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
                self.take_seen_before();
            }
        }
        let krate = self.world.crate_of(id);
        if self.world.krate(krate).is_proc_macro {
            let texts = facts.texts.iter().map(|text| text.as_str().to_owned());
            let package = self.world.krate(0).origin.dir.clone();
            self.take_files_in(&[package], &texts.collect::<Vec<_>>());
        }
        self.attributes(id, facts);
        self.symbols(id);
        if let Some(call) = self.world.item(id).given_to {
            self.reach(call, true);
        }
    }

    fn note(&mut self, id: ItemId, what: impl FnOnce() -> String) {
        self.widening.notes.push((id, what()));
    }

    fn take_flags(&mut self, id: ItemId, facts: &Facts) {
        self.widening.has_positions |= facts.has_positions;
        self.widening.has_module_path |= facts.has_module_path;
        self.widening.texts.extend(facts.texts.iter().copied());
        for pattern in &facts.patterns {
            self.take_pattern(id, pattern);
        }
        for open in &facts.open {
            self.take_open(id, open);
        }
    }

    /// What code that is no item's own reads from outside of it.
    fn take_outer(&mut self, id: ItemId, facts: &Facts) {
        let krate = self.world.crate_of(id);
        let widening = &mut self.widening;
        widening.files.extend(facts.files.iter().cloned());
        let names = facts.envs.iter().cloned();
        widening.envs.extend(names.map(|name| (krate, name)));
        widening.cfgs.extend(facts.cfgs.iter().cloned());
    }

    fn take_open(&mut self, id: ItemId, open: &Open) {
        let module = self.world.item(id).module;
        let krate = self.world.module(module).krate;
        match open {
            Open::Conditions if !self.widening.has_conditions => {
                self.widening.has_conditions = true;
                self.note(id, || "the whole configuration of its crate".to_owned());
            }
            Open::Conditions => {}
            Open::Modules => self.widening.opens_modules = true,
            Open::Variable(file, span) => {
                let variable = (krate, Arc::clone(file), span.clone());
                self.widening.variables.push(variable);
            }
            Open::Text(file, span) => {
                let template = (krate, Arc::clone(file), span.clone());
                self.widening.templates.push(template);
            }
            Open::Call => self.widening.calls_by_name = true,
            Open::Include {
                file,
                argument,
                is_code,
            } => self.widening.includes.push(Include {
                krate,
                module,
                file: Arc::clone(file),
                argument: argument.clone(),
                is_code: *is_code,
            }),
        }
    }

    /// Takes every item that may have the name.
    fn take_pattern(&mut self, id: ItemId, pattern: &Pattern) {
        if self.widening.patterns.contains(pattern) {
            return;
        }
        self.widening.patterns.push(pattern.clone());
        if pattern.is_any() {
            self.note(id, || WHOLE_CRATE.to_owned());
        }
        for &(krate, _) in self.parts().iter() {
            self.pattern_in(krate, pattern);
        }
    }

    fn pattern_in(&mut self, krate: CrateId, pattern: &Pattern) {
        let names = self.world.names(krate);
        let wanted = names.all.iter().filter(|name| pattern.matches(**name));
        for &name in wanted {
            self.take_name(name);
        }
    }

    /// Takes every item whose name has the words of one of these in it.
    fn take_roots(&mut self, words: &[Name]) {
        for &word in words {
            let text = word.as_str();
            let is_language = word.is_prelude() || is_primitive(text) || text == "_";
            if !is_language && self.widening.roots.insert(word) {
                for &(krate, _) in self.parts().iter() {
                    self.root_in(krate, word);
                }
            }
        }
    }

    fn root_in(&mut self, krate: CrateId, root: Name) {
        let names = self.world.names(krate);
        let parts = root.parts();
        let Some(first) = parts.first() else { return };
        let near = names.by_part.get(&Name::new(first));
        for &name in near.map_or(&[][..], Vec::as_slice) {
            if name
                .parts()
                .windows(parts.len())
                .any(|window| window == parts)
            {
                self.take_name(name);
            }
        }
    }

    fn take_name(&mut self, name: Name) {
        self.add_loose(name);
        self.add_member(name);
    }

    /// Looks at a crate that has joined with what is known so far.
    pub(super) fn widen_to(&mut self, krate: CrateId) {
        for pattern in self.widening.patterns.clone() {
            self.pattern_in(krate, &pattern);
        }
        for root in self.widening.roots.iter().copied().collect::<Vec<_>>() {
            self.root_in(krate, root);
        }
        if self.widening.has_registry {
            self.take_registered(krate);
        }
    }

    /// An item with a macro attached: it sees all of the item.
    fn attributes(&mut self, id: ItemId, facts: &Facts) {
        let attached = self.world.attached(id);
        if attached.is_empty() {
            return;
        }
        if matches!(self.world.item(id).kind, ItemKind::Impl | ItemKind::Trait) {
            self.take_whole(id);
        }
        let names_nothing = attached.iter().all(|krate| {
            krate
                .as_ref()
                .is_some_and(|krate| NAMES_NOTHING.contains(&krate.as_str()))
        });
        if !names_nothing {
            let words = self.world.words_of(id);
            self.note(id, || "names like those that its attributes see".to_owned());
            self.take_roots(&words);
            let attributes = self.world.texts_of_attributes(id).into_iter();
            let texts = facts.texts.iter().map(|text| text.as_str().to_owned());
            self.take_texts(id, texts.chain(attributes).collect());
            if attached.iter().any(Option::is_some) {
                self.take_seen_before();
            }
        }
    }

    /// Texts that a macro is given, which may name items as well as files.
    fn take_texts(&mut self, id: ItemId, texts: Vec<String>) {
        for text in &texts {
            let words = text.split(|c: char| c != '_' && !c.is_alphanumeric());
            let is_name = |word: &&str| word.starts_with(|c: char| c == '_' || c.is_alphabetic());
            let words = words.filter(is_name).map(Name::new);
            self.take_roots(&words.collect::<Vec<_>>());
        }
        self.take_named_files(id, &texts);
    }

    /// Files and directories that a macro may read, since it is given their
    /// names.
    fn take_named_files(&mut self, id: ItemId, texts: &[String]) {
        let file = self.world.file_of(id);
        let krate = self.world.crate_of(id);
        let package = self.world.krate(krate).origin.dir.clone();
        let beside = file.path.parent().unwrap_or(Path::new("")).to_owned();
        let places = [
            beside,
            package.join("src"),
            package.join("templates"),
            package,
        ];
        self.take_files_in(&places, texts);
    }

    fn take_files_in(&mut self, places: &[PathBuf], texts: &[String]) {
        for text in texts {
            if text.is_empty() || text.contains('\n') {
                continue;
            }
            let relative = text.replace("$CARGO_MANIFEST_DIR/", "");
            for place in places {
                self.take_file(text, &place.join(&relative));
            }
        }
    }

    /// Files and variables that the compiler was told of by macros when it
    /// compiled the crate before. What a macro reads in secret cannot change
    /// without the compiler being told, or it would not run again.
    fn take_seen_before(&mut self) {
        if std::mem::replace(&mut self.widening.has_seen_before, true) {
            return;
        }
        let before = self.world.context.seen_before();
        for path in before.files {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            self.take_file(&name, &path);
        }
        let names = before.variables.into_iter().map(|name| (0, name));
        self.widening.envs.extend(names);
    }

    fn take_file(&mut self, name: &str, path: &Path) {
        let files = match path.is_dir() {
            true if !name.trim_matches(['.', '/']).is_empty() => files_below(path),
            false if path.is_file() => vec![path.to_owned()],
            _ => Vec::new(),
        };
        for file in files {
            let below = file.strip_prefix(path).unwrap_or(Path::new("")).display();
            let named = (format!("{name} {below}"), file.clone());
            if !self.widening.files.contains(&named) {
                self.widening.files.push(named);
            }
        }
    }

    /// A declaration in an `extern` block: whatever is linked under the name.
    fn symbols(&mut self, id: ItemId) {
        let Some(symbol) = symbol::declared(&self.world.file_of(id), self.world.item(id)) else {
            return;
        };
        self.join_all();
        let mut is_found = false;
        for krate in 0..self.world.crates.len() as CrateId {
            let found = self.world.krate(krate).symbols.get(&symbol).cloned();
            for id in found.unwrap_or_default() {
                is_found = true;
                self.join(krate);
                self.reach(id, true);
            }
        }
        self.widening.has_native |= !is_found;
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

    /// All that a crate is given from outside of its sources.
    pub(super) fn take_outside(&mut self) {
        self.widening.has_conditions = true;
        self.widening.has_native = true;
        for path in self.world.generated(0) {
            let name = path
                .file_name()
                .unwrap_or_default()
                .to_string_lossy()
                .into_owned();
            self.widening.files.push((name, path));
        }
    }

    /// Opens what waits for names and texts that came since; whether anything
    /// was added.
    pub(super) fn settle(&mut self) -> bool {
        let before = self.reached.len() + self.widening.files.len();
        if self.widening.opens_modules {
            self.open_modules();
        }
        if self.widening.calls_by_name {
            self.call_by_name();
        }
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
        self.reached.len() + self.widening.files.len() != before
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
    }

    /// The files of this name beside any that is reached.
    fn take_beside(&mut self, name: &str) {
        for place in self.places() {
            let path = place.join(name);
            if !name.is_empty() && path.is_file() {
                self.take_file(name, &path);
            }
        }
    }

    /// The directories of the files that are reached.
    fn places(&self) -> Vec<PathBuf> {
        let files = self.reached.keys().map(|&id| self.world.item(id).file);
        let paths = files.map(|file| &self.world.files[file].path);
        let mut places: Vec<_> = paths.filter_map(|path| path.parent()).collect();
        places.sort();
        places.dedup();
        places.into_iter().map(Path::to_owned).collect()
    }

    /// The texts that macros make of what they are given, and those that others
    /// make of these.
    fn make_texts(&mut self) {
        let mut given: Vec<Name> = self.widening.given().copied().collect();
        for _ in 0..2 {
            let mut made = Set::default();
            for (krate, file, template) in &self.widening.templates {
                let texts = self.made_of(&given, *krate, file, template);
                made.extend(texts.iter().map(|text| Name::new(text)));
            }
            given = made.into_iter().take(MOST_TEXTS).collect();
            self.widening.made.extend(given.iter().copied());
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

    fn open_include(&mut self, include: &Include) {
        for (name, path) in self.included(include) {
            let named = (name, path.clone());
            if self.widening.files.contains(&named) {
                continue;
            }
            self.widening.files.push(named);
            if include.is_code {
                self.read_code(include, &path);
            }
        }
    }

    /// The files that the argument may mean: relative to the file that calls
    /// the macro, which may be any that is reached.
    fn included(&self, include: &Include) -> Vec<(String, PathBuf)> {
        let mut found = Vec::new();
        for text in self.arguments(include.krate, &include.file, &include.argument) {
            let own = include.file.path.parent().map(Path::to_owned);
            let mut places: Vec<PathBuf> = self.places().into_iter().chain(own).collect();
            places.sort();
            places.dedup();
            let paths = places.into_iter().map(|place| place.join(&text));
            let paths = paths.filter(|path| path.is_file());
            found.extend(paths.map(|path| (text.clone(), path)));
        }
        found
    }

    /// What an argument may come to, whatever of what macros are given stands
    /// for its fragments.
    fn arguments(&self, krate: CrateId, file: &File, argument: &Span) -> Vec<String> {
        let given = self.widening.given().chain(&self.widening.made);
        let given: Vec<Name> = given.copied().collect();
        self.made_of(&given, krate, file, argument)
    }

    /// What an argument comes to, where each of `given` stands for its
    /// fragments.
    fn made_of(&self, given: &[Name], krate: CrateId, file: &File, argument: &Span) -> Vec<String> {
        let fragments: Vec<Option<&str>> = given.iter().map(|given| Some(given.as_str())).collect();
        let mut texts = Vec::new();
        // A macro of another crate works for the one that is compiled.
        let crates = [krate, 0];
        for &krate in &crates[..if krate == 0 { 1 } else { 2 }] {
            let text = |fragment: &Option<&str>| {
                let argument = argument.clone();
                self.world.text_argument(krate, file, argument, *fragment)
            };
            match text(&None) {
                Some(plain) => texts.push(plain),
                None => texts.extend(fragments.iter().filter_map(text)),
            }
        }
        texts.sort();
        texts.dedup();
        texts
    }

    /// Code of a file that stands where an expression may.
    fn read_code(&mut self, include: &Include, path: &Path) {
        let Ok(text) = std::fs::read_to_string(path) else {
            return;
        };
        let file = Arc::new(File::new(path.to_owned(), text));
        let facts = self.world.read_code(include.krate, &file);
        let root = self.world.module(include.module).items.first().copied();
        for name in facts.names() {
            self.take_name(name);
        }
        if let Some(id) = root {
            self.take_flags(id, &facts);
            self.take_outer(id, &facts);
        }
    }

    /// Variables that the arguments of `env!` and `option_env!` may name.
    pub(super) fn variables(&self) -> Vec<(CrateId, String)> {
        let mut found = self.widening.envs.clone();
        for (krate, file, argument) in &self.widening.variables {
            let names = self.arguments(*krate, file, argument);
            found.extend(names.into_iter().map(|name| (*krate, name)));
        }
        let is_name = |(_, name): &(CrateId, String)| {
            !name.is_empty() && !name.contains(['=', '\0', ' ', '\n'])
        };
        found.retain(is_name);
        found.sort();
        found.dedup();
        found
    }

    /// Arguments that none of what macros are given makes a name of.
    pub(super) fn unnamed(&self) -> Vec<String> {
        let unnamed = |(krate, file, argument): &(CrateId, Arc<File>, Span)| {
            let is_unnamed = self.arguments(*krate, file, argument).is_empty();
            is_unnamed.then(|| super::cfg::render(file, argument.clone()))
        };
        let variables = self.widening.variables.iter().filter_map(unnamed);
        let is_sure = |include: &&Include| !self.world.module(include.module).is_guess;
        let includes = self
            .widening
            .includes
            .iter()
            .filter(is_sure)
            .filter_map(|include| {
                let is_unnamed = self.included(include).is_empty();
                is_unnamed.then(|| super::cfg::render(&include.file, include.argument.clone()))
            });
        let mut found: Vec<String> = variables.chain(includes).collect();
        found.sort();
        found.dedup();
        found
    }
}

/// How many texts macros are taken to make.
const MOST_TEXTS: usize = 4096;

impl Widening {
    /// Texts and words that macros are given.
    fn given(&self) -> impl Iterator<Item = &Name> {
        self.texts.iter().chain(&self.words)
    }
}

/// What is noted where a whole crate is taken.
pub(super) const WHOLE_CRATE: &str = "the whole crate";

/// Crates whose attributes and derives name nothing but what they are given.
const NAMES_NOTHING: &[&str] = &[
    "arbitrary",
    "async_trait",
    "bytemuck",
    "clap",
    "derivative",
    "derive_builder",
    "derive_more",
    "displaydoc",
    "educe",
    "getset",
    "num_derive",
    "proptest_derive",
    "schemars",
    "serde",
    "serde_repr",
    "serde_with",
    "strum",
    "strum_macros",
    "thiserror",
    "tracing",
    "typed_builder",
    "zerocopy",
    "zeroize",
];

/// The names of a crate, and the words they are made of.
#[derive(Debug, Default)]
pub(super) struct Names {
    all: Vec<Name>,
    by_part: Map<Name, Vec<Name>>,
}

impl World {
    /// The names of the items and members of a crate.
    pub(super) fn names(&mut self, krate: CrateId) -> Arc<Names> {
        if let Some(known) = self.names.get(&krate) {
            return Arc::clone(known);
        }
        let here = self.krate(krate);
        let mut all: Vec<Name> = here
            .free
            .keys()
            .chain(here.members.keys())
            .copied()
            .collect();
        all.sort_unstable();
        all.dedup();
        let mut names = Names::default();
        for &name in &all {
            for part in name.parts() {
                let known = names.by_part.entry(Name::new(&part)).or_default();
                known.push(name);
            }
        }
        names.all = all;
        let names = Arc::new(names);
        self.names.insert(krate, Arc::clone(&names));
        names
    }
}
