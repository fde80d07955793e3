//! Modules and files that macros add in item position: `mod $name;` in the body of a
//! macro, and `include!` of a file that only its arguments name. Everything that a
//! macro may add is read, whether or not it does.

use std::path::{Path as FilePath, PathBuf};
use std::sync::Arc;

use super::database::{CrateDb, CrateId, ItemId, ItemKind, ModuleId};
use super::expand::{self, MacroDefinition};
use super::include::{files_below, is_skipped_dir, is_tool_output};
use super::literal;
use super::macro_texts::MacroTexts;
use super::name::Name;
use super::references::Unresolved;
use super::text_shape::HOLE;
use super::token::{LexedFile, Span};

/// A macro call that may add modules or files.
struct ModuleMacroCall {
    id: ItemId,
    krate: CrateId,
    module: ModuleId,
    /// The directory of the file that contains it.
    beside: PathBuf,
    definition: Arc<MacroDefinition>,
    /// Whether it may declare modules in separate files.
    declares_files: bool,
    /// The words and string literals in its input, and the words after `mod` in its
    /// definition.
    names: Vec<String>,
}

impl CrateDb {
    /// Reads what the macro calls of `krate` may add, transitively.
    pub(super) fn read_macro_modules(&mut self, krate: CrateId) {
        let mut next = 0;
        let mut declaring = None;
        loop {
            while let Some(&id) = self.krate(krate).invocations.get(next) {
                next += 1;
                let Some(call) = self.macro_call_of(krate, id) else {
                    continue;
                };
                let before = self.items.len();
                self.read_modules(&call);
                self.read_includes(&call);
                self.reset_caches(krate, before);
                if call.declares_files && declaring.is_none() {
                    declaring = Some(call);
                }
            }
            // The files that are read here may contain more macro calls.
            let Some(call) = declaring.take() else { break };
            let before = self.items.len();
            self.read_rest(&call);
            self.reset_caches(krate, before);
        }
    }

    /// Clears cached results that new items may change.
    fn reset_caches(&mut self, krate: CrateId, before: usize) {
        if self.items.len() > before {
            self.settle_globs(krate);
            self.memory.forget_paths();
            self.imports.clear();
        }
    }

    /// Reads the sources that nothing names. Each may be a module that a macro
    /// declares under a computed path or name.
    fn read_rest(&mut self, call: &ModuleMacroCall) {
        let root = self.module(self.krate(call.krate).root).dir.clone();
        let target_dir = self.context.target_dir();
        for file in sources_below(&root, target_dir.as_deref()) {
            let stem = match file.file_stem().and_then(|stem| stem.to_str()) {
                Some("mod") => file.parent().and_then(|dir| dir.file_name()?.to_str()),
                stem => stem,
            };
            if let Some(stem) = stem.map(str::to_owned) {
                let dir = match file.file_stem() == Some("mod".as_ref()) {
                    true => file.parent().unwrap_or(&root).to_owned(),
                    false => file.with_extension(""),
                };
                let before = self.modules.len();
                self.read_module(call, &stem, &file, dir);
                for module in &mut self.modules[before..] {
                    module.is_guess = true;
                }
            }
        }
    }

    /// Returns the call, if it may add anything.
    fn macro_call_of(&mut self, krate: CrateId, id: ItemId) -> Option<ModuleMacroCall> {
        let item = self.item(id).clone();
        let body = item.body.clone()?;
        if item.parent.is_some() || item.kind != ItemKind::Invocation {
            return None;
        }
        let file = self.file_of(id);
        let call = expand::invoked(&file, item.head, item.name_at, body.clone());
        let definition = self.definition(item.module, &call.path);
        let has_include = || {
            let mut open = definition.facts.open.iter();
            open.any(|open| matches!(open, Unresolved::Include { is_code: true, .. }))
        };
        let declares_files =
            definition.declares_modules() || expand::declares_files(&file, body.clone());
        if !declares_files && !has_include() {
            return None;
        }
        let words = call.words.iter().map(|word| word.as_str().to_owned());
        let texts = literal::strings(&file, body.clone());
        let mut names: Vec<String> = words.chain(texts).collect();
        names.extend(self.text_arguments(krate, &file, body));
        for (file, body) in &definition.bodies {
            names.extend(declared(file, body.clone()));
        }
        names.sort();
        names.dedup();
        Some(ModuleMacroCall {
            id,
            krate,
            module: item.module,
            beside: file.path.parent()?.to_owned(),
            definition,
            declares_files,
            names,
        })
    }

    /// Reads the modules whose files are where `mod name;` looks for them.
    fn read_modules(&mut self, call: &ModuleMacroCall) {
        if !call.declares_files {
            return;
        }
        let dir = self.module(call.module).dir.clone();
        for name in &call.names {
            let directory = [&call.beside, &self.krate(call.krate).origin.dir]
                .map(|base| base.join(name))
                .into_iter()
                .find(|path| call.definition.is_opaque && path.is_dir() && name.contains('/'));
            if let Some(directory) = directory {
                self.read_directory(call, &directory);
                continue;
            }
            let files = [
                dir.join(format!("{name}.rs")),
                dir.join(name).join("mod.rs"),
            ];
            if let Some(file) = files.into_iter().find(|file| file.is_file()) {
                self.read_module(call, name, &file, dir.join(name));
            }
        }
    }

    /// Reads every file of a directory whose path a macro receives.
    fn read_directory(&mut self, call: &ModuleMacroCall, dir: &FilePath) {
        for file in files_below(dir, &is_tool_output) {
            let is_source = file.extension().is_some_and(|extension| extension == "rs");
            if let Some(stem) = file.file_stem().and_then(|stem| stem.to_str())
                && is_source
            {
                self.read_module(call, stem, &file, dir.join(stem));
            }
        }
    }

    fn read_module(&mut self, call: &ModuleMacroCall, name: &str, file: &FilePath, dir: PathBuf) {
        let is_read = self.files.iter().any(|known| known.path == file);
        if is_read {
            return;
        }
        let module = self.added_module(call, name, dir.clone());
        self.read_file(file, dir, call.krate, module, Arc::default(), Some(call.id));
    }

    fn added_module(&mut self, call: &ModuleMacroCall, name: &str, dir: PathBuf) -> ModuleId {
        let name = Name::new(name);
        let module = self.add_module(name, Some(call.module), call.krate, false);
        let added = &mut self.modules[module as usize];
        added.receiving_call = Some(call.id);
        added.dir = dir;
        added.unknown = self.items[call.id as usize].unknown.clone();
        self.add_brought(call.id, name, module);
        module
    }

    /// Reads the files that an `include!` in the definition may refer to.
    fn read_includes(&mut self, call: &ModuleMacroCall) {
        let open = call.definition.facts.open.clone();
        let mut found = Vec::new();
        let mut is_generated = call.definition.is_opaque;
        let mut is_unnamed = false;
        for open in &open {
            let Unresolved::Include {
                file,
                argument,
                is_code: true,
            } = open
            else {
                continue;
            };
            let before = found.len();
            let named = self.named_by(call, file, argument);
            found.extend(named.into_iter().map(|(_, path)| path));
            let mentions = |i: usize| file.text(i).contains("OUT_DIR");
            is_unnamed |= found.len() == before;
            is_generated |= found.len() == before && argument.clone().any(mentions);
        }
        if is_generated && found.is_empty() {
            let files = self.generated(call.krate).into_iter();
            found.extend(files.filter(|file| !call.definition.is_opaque || call.names_file(file)));
            is_unnamed &= found.is_empty();
        }
        if is_unnamed {
            self.crates[call.krate as usize].unread.push(call.id);
        }
        found.sort();
        found.dedup();
        let names = call.module_names();
        for file in found {
            self.read_include(call, &names, &file);
        }
    }

    /// Returns the files that an argument may name, with any part of the macro's
    /// input in its fragment.
    fn named_by(
        &self,
        call: &ModuleMacroCall,
        file: &LexedFile,
        argument: &Span,
    ) -> Vec<(String, PathBuf)> {
        let text = |fragment| self.text_argument(call.krate, file, argument.clone(), fragment);
        let Some(shape) = text(None).or_else(|| text(Some(HOLE))) else {
            return Vec::new();
        };
        let names = call.names.iter().map(|name| Name::new(name));
        MacroTexts::new(names, Vec::new()).files(&call.beside, &shape)
    }

    fn read_include(&mut self, call: &ModuleMacroCall, names: &[String], file: &FilePath) {
        let dir = file.parent().unwrap_or(FilePath::new("")).to_owned();
        let mut modules = vec![call.module];
        for name in names {
            modules.push(self.added_module(call, name, dir.clone()));
        }
        for module in modules {
            let open = Arc::default();
            self.read_file(file, dir.clone(), call.krate, module, open, Some(call.id));
        }
    }
}

impl ModuleMacroCall {
    /// Returns the modules into which the macro may put included files: those whose
    /// names it receives.
    fn module_names(&self) -> Vec<String> {
        if !self.definition.makes_modules() {
            return Vec::new();
        }
        let is_name = |name: &&String| {
            let mut chars = name.chars();
            chars.next().is_some_and(|c| c == '_' || c.is_alphabetic())
                && chars.all(|c| c == '_' || c.is_alphanumeric())
                && *name != "pub"
        };
        self.names.iter().filter(is_name).cloned().collect()
    }

    /// Returns whether the macro receives the name of a file.
    fn names_file(&self, file: &FilePath) -> bool {
        let stem = file.file_stem().and_then(|stem| stem.to_str());
        let name = file.file_name().and_then(|name| name.to_str());
        let is_named = |given: &String| {
            let given = FilePath::new(given)
                .file_name()
                .and_then(|name| name.to_str());
            given.is_some() && (given == stem || given == name)
        };
        self.names.iter().any(is_named)
    }
}

/// Returns the sources in a directory that may be modules of a crate with its root
/// there. Excludes other packages and the roots of other targets.
fn sources_below(dir: &FilePath, target_dir: Option<&FilePath>) -> Vec<PathBuf> {
    let of_targets = ["bin", "benches", "examples", "tests"];
    let is_of_targets = of_targets
        .iter()
        .any(|name| dir.file_name() == Some(name.as_ref()));
    let is_other = |path: &PathBuf| {
        let names = ["lib.rs", "main.rs", "build.rs"];
        let is_root = names
            .iter()
            .any(|name| path.file_name() == Some(name.as_ref()));
        is_root || (is_of_targets && path.parent() == Some(dir))
    };
    let is_source = |path: &PathBuf| path.extension().is_some_and(|extension| extension == "rs");
    let mut found = files_below(dir, &|dir| is_skipped_dir(dir, target_dir));
    found.retain(|path| is_source(path) && !is_other(path));
    found
}

/// Returns the words after `mod` in the body of a macro.
fn declared(file: &LexedFile, body: Span) -> Vec<String> {
    let modules = body.filter(|&i| file.is_word(i, "mod") && file.is_word_kind(i + 1));
    modules.map(|i| file.text(i + 1).to_owned()).collect()
}
