//! Files, string literals and variables that macros name through their input.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::Include;
use crate::source::cfg;
use crate::source::database::{CrateId, ItemId};
use crate::source::include::{files_below_up_to, is_tool_output};
use crate::source::macro_reads::places;
use crate::source::macro_texts::{MacroTexts, ROUNDS};
use crate::source::name::{Name, Set};
use crate::source::reachability::Reachability;
use crate::source::references::ItemRefs;
use crate::source::text_shape::{HOLE, MAX_TEXTS, count, filled};
use crate::source::token::{LexedFile, Span};

/// The maximum number of files that are read from a directory whose name a macro
/// receives.
const MAX_FILES: usize = 1_000;

/// The minimum length in bytes of a string literal that is not considered as a file
/// name.
const MAX_NAME_BYTES: usize = 1024;

impl Reachability<'_> {
    /// Adds the files and directories that a macro may read because it receives their
    /// names.
    pub(super) fn add_named_files(&mut self, id: ItemId, texts: &[String]) {
        let file = self.world.file_of(id);
        let krate = self.world.crate_of(id);
        let places = places(&self.world.krate(krate).origin.dir, &file);
        self.take_files_in(krate, &places, texts);
    }

    /// Adds the files that `texts` name relative to `places`, in the code of `krate`.
    pub(super) fn take_files_in(&mut self, krate: CrateId, places: &[PathBuf], texts: &[String]) {
        for text in texts {
            let relative = text.replace("$CARGO_MANIFEST_DIR/", "");
            if text.is_empty() || text.len() > MAX_NAME_BYTES || text.contains('\n') {
                continue;
            }
            // A function that a macro generated has no directory.
            for place in places.iter().filter(|place| place.is_absolute()) {
                let path = place.join(&relative);
                match path.is_dir() {
                    true => self.add_directory(krate, text, &path),
                    false => self.take_file_of(krate, text, &path),
                }
            }
        }
    }

    /// Adds the files of a directory of the package, unless it is the directory of
    /// its sources. A directory outside the package counts only if a macro reads
    /// files.
    fn add_directory(&mut self, krate: CrateId, name: &str, path: &Path) {
        let Ok(path) = path.canonicalize() else {
            return;
        };
        let Ok(package) = self.world.krate(krate).origin.dir.canonicalize() else {
            return;
        };
        if path == package.join("src") || is_tool_output(&path) {
            return;
        }
        match path.starts_with(&package) && path != package {
            true => self.take_files_below(krate, name, &path),
            false => self.widening.outside.push((krate, name.to_owned(), path)),
        }
    }

    /// Adds the files of directories that macros receive and that are outside the
    /// package.
    pub(in crate::source) fn add_outside_directories(&mut self, krate: CrateId) {
        let mut given = self.widening.outside.clone();
        given.retain(|(of, _, _)| *of == krate);
        given.sort();
        given.dedup();
        let package = self.world.krate(krate).origin.dir.canonicalize();
        let package = package.unwrap_or_default();
        for (_, name, path) in given {
            // `/` and `/home` are far more often parts of addresses than directories
            // that a macro reads.
            let is_route = Path::new(&name).has_root() && path.iter().count() <= 2;
            match package.starts_with(&path) {
                _ if is_route => {}
                // The files of the package are added separately.
                true if path == package => {}
                true => self.widening.unlisted.push(name),
                false => self.take_files_below(krate, &name, &path),
            }
        }
    }

    fn take_files_below(&mut self, krate: CrateId, name: &str, path: &Path) {
        let files = files_below_up_to(path, MAX_FILES, &is_tool_output);
        if krate != 0 {
            let started = self.world.started(krate);
            for dir in &files.directories {
                self.world.note_age(dir, started);
            }
        }
        for file in &files.paths {
            let below = file.strip_prefix(path).unwrap_or(file).display();
            self.take_file_of(krate, &format!("{name} {below}"), file);
        }
        if files.has_more {
            self.widening.unlisted.push(name.to_owned());
        }
    }

    /// Adds a file that a macro reads while `krate` is compiled. The compilation may
    /// have used an older version of the file.
    fn take_file_of(&mut self, krate: CrateId, name: &str, path: &Path) {
        if krate != 0 && path.is_file() {
            let started = self.world.started(krate);
            self.world.note_age(path, started);
        }
        self.take_file(name, path);
    }

    pub(in crate::source) fn take_file(&mut self, name: &str, path: &Path) {
        if path.is_file() {
            self.add_file(name, path);
        }
    }

    /// Adds a file under a name that does not depend on the location of the package.
    /// Returns whether the file is new.
    fn add_file(&mut self, name: &str, path: &Path) -> bool {
        let package = &self.world.krate(0).origin.dir;
        let below = path.strip_prefix(package).ok();
        let last = path.file_name().map(Path::new).unwrap_or(path);
        let name = match Path::new(name).is_absolute() {
            true => below.unwrap_or(last).display().to_string(),
            false => name.to_owned(),
        };
        let named = (name, path.to_owned());
        let is_new = !self.widening.files.contains(&named);
        if is_new {
            self.widening.files.push(named);
        }
        is_new
    }

    /// Adds the files of this name in the directories of the reached files.
    pub(super) fn add_sibling_files(&mut self, name: &str) {
        for place in self.places() {
            let path = place.join(name);
            if !name.is_empty() && path.is_file() {
                self.take_file(name, &path);
            }
        }
    }

    /// Returns the directories of the reached files.
    pub(super) fn places(&self) -> Vec<PathBuf> {
        let files = self.reached.keys().map(|&id| self.world.item(id).file);
        let paths = files.map(|file| &self.world.files[file].path);
        let mut places: Vec<_> = paths.filter_map(|path| path.parent()).collect();
        places.sort();
        places.dedup();
        places.into_iter().map(Path::to_owned).collect()
    }

    /// Builds the texts that macros make from their input, and the texts that other
    /// macros make from these.
    pub(super) fn build_texts(&mut self) {
        let mut given: Vec<Name> = self.widening.given().copied().collect();
        let templates = self.widening.templates.iter();
        let shapes = templates.flat_map(|(krate, file, it)| self.shapes_of(*krate, file, it));
        let mut shapes: Vec<String> = shapes.collect();
        shapes.sort();
        shapes.dedup();
        let all = given.iter().copied();
        self.widening.held = Arc::new(MacroTexts::new(all, shapes.clone()));
        self.widening.has_too_many_texts = given.len() > MAX_TEXTS;
        for _ in 0..ROUNDS {
            let count = shapes.iter().map(|shape| count(shape, given.len()));
            let count = count.fold(0_usize, usize::saturating_add);
            self.widening.has_too_many_texts |= count > MAX_TEXTS;
            if self.widening.has_too_many_texts {
                return;
            }
            let mut made = Set::default();
            for shape in &shapes {
                made.extend(filled(shape, &given).iter().map(|text| Name::new(text)));
            }
            given = made.into_iter().collect();
            self.widening.made.extend(given.iter().copied());
        }
    }

    pub(super) fn open_include(&mut self, include: &Include) {
        for (name, path) in self.included(include) {
            self.add_file(&name, &path);
            let read = (include.module, path);
            if include.is_code && !self.widening.read.contains(&read) {
                self.read_code(include, &read.1);
                self.widening.read.push(read);
            }
        }
    }

    /// Returns the files that the argument may refer to, relative to the file that
    /// calls the macro. That file can be any reached file.
    fn included(&self, include: &Include) -> Vec<(String, PathBuf)> {
        let mut found = Vec::new();
        let own = include.file.path.parent().map(Path::to_owned);
        let mut places: Vec<PathBuf> = self.places().into_iter().chain(own).collect();
        places.sort();
        places.dedup();
        let given = self.held();
        for shape in self.shapes_of(include.krate, &include.file, &include.argument) {
            for place in &places {
                if self.exceeds_text_limit(&shape, &given) {
                    found.extend(self.widening.held.files(place, &shape));
                    continue;
                }
                let texts = filled(&shape, &given).into_iter();
                let paths = texts.map(|text| (place.join(&text), text));
                let files = paths.filter(|(path, _)| path.is_file());
                found.extend(files.map(|(path, text)| (text, path)));
            }
        }
        found.sort();
        found.dedup();
        found
    }

    /// Returns the names that macros hold, as one list.
    fn held(&self) -> Vec<Name> {
        let given = self.widening.given().chain(&self.widening.made);
        given.copied().collect()
    }

    /// Returns whether more texts match the shape than can be considered one by one.
    fn exceeds_text_limit(&self, shape: &str, given: &[Name]) -> bool {
        shape.contains(HOLE)
            && (self.widening.has_too_many_texts || count(shape, given.len()) > MAX_TEXTS)
    }

    /// Returns the variables that an argument may name. If there are too many
    /// candidates, only the variables that are set count.
    fn named(&self, krate: CrateId, file: &LexedFile, argument: &Span) -> Vec<String> {
        let given = self.held();
        let mut names = Vec::new();
        for shape in self.shapes_of(krate, file, argument) {
            match self.exceeds_text_limit(&shape, &given) {
                false => names.extend(filled(&shape, &given)),
                true => {
                    let set = self.world.variable_names(krate).into_iter();
                    names.extend(set.filter(|name| self.widening.held.fit(&shape, name)));
                }
            }
        }
        names
    }

    /// Returns the shapes of an argument, with a hole in place of each macro
    /// fragment.
    fn shapes_of(&self, krate: CrateId, file: &LexedFile, argument: &Span) -> Vec<String> {
        // A macro of another crate runs for the crate that is compiled.
        let crates = [krate, 0];
        let shape = |&krate: &CrateId| {
            let text = |fragment| {
                let argument = argument.clone();
                self.world.text_argument(krate, file, argument, fragment)
            };
            text(None).or_else(|| text(Some(HOLE)))
        };
        crates[..if krate == 0 { 1 } else { 2 }]
            .iter()
            .filter_map(shape)
            .collect()
    }

    /// Reads the code of a file that is included in expression position.
    pub(super) fn read_code(&mut self, include: &Include, path: &Path) {
        let Ok(text) = std::fs::read_to_string(path) else {
            return;
        };
        let file = Arc::new(LexedFile::new(path.to_owned(), text));
        let facts = self.world.read_code(include.krate, &file);
        self.follow_code(include, &facts);
        for name in facts.names() {
            self.reach_name(name);
            self.add_extern_crate(include.krate, name);
        }
        let root = self.world.module(include.module).items.first().copied();
        if let Some(id) = root {
            self.take_flags(id, &facts);
            self.add_outer_refs(id, &facts);
            self.take_calls(id, include.module, &file, &facts);
            self.add_object_traits(id, &facts);
        }
    }

    /// Follows the references in included code.
    fn follow_code(&mut self, include: &Include, facts: &ItemRefs) {
        for mention in &facts.paths {
            let meant = self.world.resolve(include.module, &mention.path);
            for target in &meant.targets {
                self.data_behind(mention.path.last(), target);
                self.follow_target(target, true, mention.whole);
            }
            if meant.is_open {
                for &name in &mention.path.names {
                    self.generated(name);
                }
            }
        }
    }

    /// Returns the variables that the arguments of `env!` and `option_env!` may name.
    pub(in crate::source) fn variables(&self) -> Vec<(CrateId, String)> {
        let mut found = self.known_variables();
        found.extend(self.widening.tracked.iter().cloned());
        found.retain(is_name_of_variable);
        found.sort();
        found.dedup();
        found
    }

    /// Returns those variables that are known without the dependency file of a
    /// previous compilation.
    pub(in crate::source) fn known_variables(&self) -> Vec<(CrateId, String)> {
        let mut found = self.widening.envs.clone();
        for (krate, file, argument) in &self.widening.variables {
            let names = self.named(*krate, file, argument);
            found.extend(names.into_iter().map(|name| (*krate, name)));
        }
        found
    }

    /// Returns the arguments for which no macro input yields a name.
    pub(in crate::source) fn unnamed(&self) -> Vec<String> {
        let has_texts = self.widening.given().next().is_some();
        let unnamed = |(krate, file, argument): &(CrateId, Arc<LexedFile>, Span)| {
            let shapes = self.shapes_of(*krate, file, argument);
            let has_known_text = |shape: &String| has_texts || !shape.contains(HOLE);
            let is_named = shapes.iter().any(has_known_text);
            (!is_named).then(|| cfg::render(file, argument.clone()))
        };
        let variables = self.widening.variables.iter().filter_map(unnamed);
        let is_sure = |include: &&Include| !self.world.module(include.module).is_guess;
        let includes = self.widening.includes.iter().filter(is_sure);
        let includes = includes.filter_map(|include| {
            let is_unnamed = self.included(include).is_empty();
            let argument = include.argument.clone();
            is_unnamed.then(|| cfg::render(&include.file, argument))
        });
        let unlisted = self.widening.unlisted.iter().cloned();
        let mut found: Vec<String> = variables.chain(includes).chain(unlisted).collect();
        found.sort();
        found.dedup();
        found
    }

    /// Adds everything that a crate receives from outside its sources.
    pub(in crate::source) fn add_outside_inputs(&mut self) {
        self.widening.has_conditions = true;
        self.widening.has_native = true;
        self.add_generated_files(0);
    }

    /// Adds everything that the build script of a crate wrote.
    pub(in crate::source) fn add_generated_files(&mut self, krate: CrateId) {
        let out = self.world.variable(krate, "OUT_DIR").unwrap_or_default();
        for path in self.world.generated(krate) {
            let below = path.strip_prefix(&out).unwrap_or(&path);
            let name = below.display().to_string();
            self.widening.files.push((name, path));
        }
    }
}

/// Returns whether an environment variable can have this name.
fn is_name_of_variable((_, name): &(CrateId, String)) -> bool {
    !name.is_empty() && !name.contains(['=', '\0', ' ', '\n'])
}
