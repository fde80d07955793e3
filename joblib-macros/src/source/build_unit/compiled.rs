//! Checks whether the sources of a crate still have the text that was compiled. If
//! nothing changed since the compilation, times are enough. Otherwise the source
//! hashes that rustc stores in the compiled crate decide.

use std::path::{Path, PathBuf};
use std::time::SystemTime;

use super::CompiledUnit;
use super::md5;
use crate::source::compile_time;
use crate::source::crates::is_unpacked;

/// A compiled file, read on first use.
struct CompiledFile<'a> {
    artifact: &'a Path,
    bytes: Option<Vec<u8>>,
}

/// Returns whether the sources that the unit lists are the ones that `artifact` was
/// compiled from.
pub(super) fn is_current(unit: &CompiledUnit, artifact: &Path) -> bool {
    let Some(started) = unit.started else {
        return true;
    };
    let mut compiled = CompiledFile {
        artifact,
        bytes: None,
    };
    let package = unit.package_dir().map(Path::to_owned).unwrap_or_default();
    // The contents of a version in a registry never change.
    let is_fixed = is_unpacked(&package);
    let is_elsewhere = !is_fixed && unit.is_relative && !compiled.was_made_here(unit);
    let mut sources = unit.sources.iter();
    sources.all(|source| {
        (is_fixed && source.starts_with(&package)) || compiled.holds(source, started, is_elsewhere)
    })
}

impl CompiledFile<'_> {
    /// Returns whether the source is unchanged since the compilation.
    fn holds(&mut self, source: &Path, started: SystemTime, is_elsewhere: bool) -> bool {
        let age = compile_time::age(source, started);
        match age {
            compile_time::TextAge::Older if !is_elsewhere => true,
            compile_time::TextAge::Unknown if !is_elsewhere => {
                !self.names(source) || self.has_hash_of(source)
            }
            _ => self.has_hash_of(source),
        }
    }

    /// Returns whether the crate was compiled in the directory in which its sources
    /// are searched. Cargo may reuse a compiled crate of one checkout of a workspace
    /// for another one.
    fn was_made_here(&mut self, unit: &CompiledUnit) -> bool {
        let mut flags = unit.flags.iter();
        let is_silent = is_library(self.artifact)
            || cfg!(target_env = "msvc")
            || flags.any(|flag| flag.contains("remap-path-prefix"));
        match is_silent {
            // Only the output directory is known.
            true => !unit.is_moved,
            false => unit.root().is_some_and(|root| self.names(root)),
        }
    }

    /// Returns whether the crate contains the full path of the source, as rustc
    /// writes it.
    fn names(&mut self, source: &Path) -> bool {
        let path = source.to_string_lossy().into_owned();
        has(self.bytes(), path.as_bytes())
    }

    fn has_hash_of(&mut self, source: &Path) -> bool {
        let Ok(text) = std::fs::read(source) else {
            return false;
        };
        has(self.bytes(), &md5::digest(&text))
    }

    /// Returns the bytes of the file with the metadata of the crate.
    fn bytes(&mut self) -> &[u8] {
        let artifact = self.artifact;
        self.bytes.get_or_insert_with(|| {
            let mut files = [artifact.with_extension("rmeta"), artifact.to_owned()];
            if !has_hash(artifact) {
                // Another unit may have written the first one.
                files.reverse();
            }
            let read = |file: &PathBuf| std::fs::read(file).ok();
            files.iter().find_map(read).unwrap_or_default()
        })
    }
}

fn has_hash(artifact: &Path) -> bool {
    super::split(artifact).is_some_and(|(_, hash)| hash.is_some())
}

/// Returns whether the compiled file is a dynamic library.
fn is_library(artifact: &Path) -> bool {
    let kinds = ["so", "dylib", "dll"];
    kinds
        .iter()
        .any(|kind| artifact.extension() == Some(kind.as_ref()))
}

/// Returns whether `bytes` contains `wanted`. The macros themselves are often
/// compiled without optimization, so the search for the first byte uses the standard
/// library.
fn has(bytes: &[u8], wanted: &[u8]) -> bool {
    use std::io::BufRead;

    let Some(&first) = wanted.first() else {
        return true;
    };
    let mut rest = bytes;
    while rest.skip_until(first).is_ok_and(|skipped| skipped > 0) {
        let at = bytes.len() - rest.len() - 1;
        if bytes[at..].starts_with(wanted) {
            return true;
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::has;

    #[test]
    fn what_stands_anywhere_is_found() {
        assert!(has(b"abcabd", b"abd"));
        assert!(has(b"aaab", b"aab"));
        assert!(has(b"abd", b"abd"));
        assert!(!has(b"abcab", b"abd"));
        assert!(!has(b"", b"a"));
    }
}
