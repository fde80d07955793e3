//! Procedural macros that read files whose names nothing tells: their source says
//! that they read, and any file of the package may be meant.

use std::collections::HashMap;
use std::fs::Metadata;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::asked;
use super::canon;
use super::clock;
use super::closure::Closure;
use super::digest::contents;
use super::include::{Files, files_below_up_to, is_apart};
use super::known::crates::HARMLESS;
use super::manifest::Manifest;
use super::token::File;
use super::unit;
use super::whole::PLACES;
use super::world::{ItemId, World};

/// How many files a package may have before nobody looks at them.
const MOST_FILES: usize = 20_000;
/// Up to how many files and bytes of each the contents count.
const MOST_READ: usize = 1_000;
const LARGEST_READ: u64 = 1 << 20;

/// What procedural macros of other crates read, as far as their source says.
#[derive(Debug, Default)]
pub(super) struct Readers {
    known: HashMap<PathBuf, Arc<Reading>>,
    /// What the files of the package come to.
    package: Option<Arc<Package>>,
}

/// What a crate reads while it is at work as a macro.
#[derive(Clone, Debug, Default)]
pub(super) struct Reading {
    /// Whether it reads files.
    reads_files: bool,
    /// Variables that it asks for by name.
    variables: Vec<String>,
}

/// The files of a package.
#[derive(Debug)]
pub(super) struct Package {
    pub(super) digest: u128,
    /// Whether there are more than anybody looks at.
    pub(super) has_more: bool,
}

impl Closure<'_> {
    /// Takes what the procedural macros of these crates may read.
    pub(super) fn take_reading(&mut self, id: ItemId, artifacts: &[PathBuf]) {
        for artifact in artifacts {
            for artifact in self.world.macro_crates(artifact, 2) {
                let reading = self.world.reading(&artifact);
                self.take_variables(&reading.variables);
                if reading.reads_files {
                    self.take_package(id);
                }
            }
        }
    }

    /// Takes any file of the package if the item of a procedural macro reads
    /// files.
    pub(super) fn take_reading_of(&mut self, id: ItemId) {
        let span = self.world.item(id).span.clone();
        if reads_files(&self.world.file_of(id), span) {
            self.take_package(id);
        }
    }
}

impl World {
    /// The procedural macros behind a crate that hands them on.
    fn macro_crates(&mut self, artifact: &Path, depth: usize) -> Vec<PathBuf> {
        let Some(unit) = self.unit(artifact) else {
            let is_unknown = self.is_unknown(artifact);
            return Vec::from_iter(is_unknown.then(|| artifact.to_owned()));
        };
        let manifest = unit.package_dir().and_then(Manifest::read);
        if manifest.is_some_and(|manifest| manifest.is_proc_macro) {
            return vec![artifact.to_owned()];
        }
        let mut found = Vec::new();
        if depth > 0 {
            for (_, below) in &unit.dependencies {
                found.extend(self.macro_crates(below, depth - 1));
            }
        }
        found
    }

    /// What a crate and those below it read.
    fn reading(&mut self, artifact: &Path) -> Arc<Reading> {
        if let Some(known) = self.readers.known.get(artifact) {
            return Arc::clone(known);
        }
        let mut reading = Reading::default();
        let name = self.published(artifact);
        if !name.is_some_and(|name| HARMLESS.contains(&&*name)) {
            let is_source = |path: &PathBuf| path.extension().is_some_and(|kind| kind == "rs");
            let sources = unit::sources(artifact).into_iter().filter(is_source);
            let files = sources.filter_map(|source| {
                let text = std::fs::read_to_string(&source).ok()?;
                Some(File::new(source, text))
            });
            reading = Reading::of(&files.collect::<Vec<_>>());
            reading.reads_files |= self.is_unknown(artifact);
            let below = self.unit(artifact);
            for (_, below) in below.iter().flat_map(|unit| &unit.dependencies) {
                let below = self.reading(below);
                reading.reads_files |= below.reads_files;
                reading.variables.extend(below.variables.iter().cloned());
            }
        }
        let reading = Arc::new(reading);
        let known = &mut self.readers.known;
        known.insert(artifact.to_owned(), Arc::clone(&reading));
        reading
    }

    /// What the files of the package come to, its sources and what was built
    /// apart.
    pub(super) fn package_files(&mut self) -> Arc<Package> {
        if let Some(known) = &self.readers.package {
            return Arc::clone(known);
        }
        let dir = self.krate(0).origin.dir.clone();
        let target_dir = self.context.target_dir();
        let is_left_out = |path: &Path| is_apart(path, target_dir.as_deref());
        let mut files = files_below_up_to(&dir, MOST_FILES, &is_left_out);
        let is_source = |path: &PathBuf| path.extension().is_some_and(|kind| kind == "rs");
        files.paths.retain(|path| !is_source(path));
        let package = Arc::new(self.package(&dir, &files));
        self.readers.package = Some(Arc::clone(&package));
        package
    }

    fn package(&mut self, dir: &Path, files: &Files) -> Package {
        let are_few = files.paths.len() <= MOST_READ;
        let mut text = String::new();
        for path in &files.paths {
            let started = self.context.started;
            self.note_age(path, started);
            let place = path.strip_prefix(dir).unwrap_or(path).display();
            let holds = match path.metadata() {
                Ok(metadata) if !are_few || metadata.len() > LARGEST_READ => stamp(&metadata),
                _ => contents(path),
            };
            text.push_str(&format!("{place} {holds}\n"));
        }
        Package {
            digest: canon::hash(text.as_bytes()),
            has_more: files.has_more,
        }
    }
}

/// What stands for the contents of a file that is not read: its size, and when
/// it was changed in any way.
fn stamp(metadata: &Metadata) -> String {
    format!("{} {:?}", metadata.len(), clock::changed(metadata))
}

impl Reading {
    /// What the sources of a crate read.
    fn of(files: &[File]) -> Reading {
        let mut reading = Reading::default();
        let mut is_any_asked = false;
        for file in files {
            reading.reads_files |= reads_files(file, file.all());
            for at in file.all().filter(|&at| asked::asks(file, at)) {
                let open = at + 1 + usize::from(file.is(at + 1, b'!'));
                match asked::names(file, open) {
                    Some(names) => reading.variables.extend(names),
                    None => is_any_asked = true,
                }
            }
        }
        if is_any_asked {
            let likely = files.iter().flat_map(asked::likely);
            reading.variables.extend(likely);
        }
        let is_place = |name: &String| PLACES.contains(&name.as_str());
        reading.variables.retain(|name| !is_place(name));
        reading
    }
}

/// Whether code names what reads files, or makes code of that kind.
fn reads_files(file: &File, mut tokens: std::ops::Range<usize>) -> bool {
    tokens.any(|at| {
        let is_path = || file.is_path_sep(at + 1) || (at > 1 && file.is_path_sep(at - 2));
        match file.text(at) {
            "fs" => file.is_word_kind(at) && is_path(),
            "read_dir" | "read_to_string" | "include_str" | "include_bytes" => {
                file.is_word_kind(at)
            }
            "include" => file.is(at + 1, b'!'),
            _ => false,
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reading(text: &str) -> Reading {
        Reading::of(&[File::new("".into(), text.to_owned())])
    }

    #[test]
    fn the_source_of_a_macro_says_whether_it_reads() {
        for text in [
            "use std::fs;\nfn f() { fs::read(x); }",
            "fn f() { std::fs::File::open(x) }",
            "quote! { include_str!(#path) }",
            "quote! { include!(#path) }",
        ] {
            assert!(reading(text).reads_files, "{text}");
        }
        for text in [
            "// std::fs::read(x)\nfn f(fs: syn::File) { for f in fs {} }",
            "fn f() { quote! { \"fs::read\" } }",
        ] {
            assert!(!reading(text).reads_files, "{text}");
        }
    }

    #[test]
    fn variables_that_a_macro_asks_for_are_found() {
        let text = r#"const OUTER: &str = "one"; static LATER: &str = "TWO";
            fn f() { std::env::var("ONE"); var_os(OUTER); quote!(env!("THREE"));
            std::env::var(&LATER); env::var("CARGO_MANIFEST_DIR") } const NOT: &str = "NOT";"#;
        assert_eq!(reading(text).variables, ["ONE", "one", "THREE", "TWO"]);
    }

    #[test]
    fn a_variable_under_a_name_from_elsewhere_may_be_any_text_that_looks_like_one() {
        let text = r#"fn of(name: &str) -> String { std::env::var(name).unwrap() }
            const NAME: &str = "no name"; fn f() { of("MY_KNOB"); of("CARGO_MANIFEST_DIR") }"#;
        assert_eq!(reading(text).variables, ["MY_KNOB"]);
    }

    #[test]
    fn more_files_than_are_looked_at_are_told_of() {
        let dir = tempfile::TempDir::new().unwrap();
        for name in ["a", "b", "c"] {
            std::fs::write(dir.path().join(name), name).unwrap();
        }
        let files = |most| files_below_up_to(dir.path(), most, &|_| false);
        assert!(files(2).has_more);
        assert!(!files(3).has_more);
    }
}
