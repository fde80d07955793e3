//! Whether the sources that a crate was compiled from still are the text that was
//! compiled. Times tell it where nothing was touched since; where they do not, the
//! hashes tell that rustc keeps in the compiled crate.

use std::path::{Path, PathBuf};
use std::time::SystemTime;

use super::super::compile_time;
use super::super::crates::is_unpacked;
use super::CompiledUnit;
use super::md5;

/// A compiled file, read when first asked for.
struct CompiledFile<'a> {
    artifact: &'a Path,
    bytes: Option<Vec<u8>>,
}

/// Whether what the unit says of the sources behind `artifact` is what is in it.
pub(super) fn is_current(unit: &CompiledUnit, artifact: &Path) -> bool {
    let Some(started) = unit.started else {
        return true;
    };
    let mut compiled = CompiledFile {
        artifact,
        bytes: None,
    };
    let package = unit.package_dir().map(Path::to_owned).unwrap_or_default();
    // What a registry has under one version never changes.
    let is_fixed = is_unpacked(&package);
    let is_elsewhere = !is_fixed && unit.is_relative && !compiled.was_made_here(unit);
    let mut sources = unit.sources.iter();
    sources.all(|source| {
        (is_fixed && source.starts_with(&package)) || compiled.holds(source, started, is_elsewhere)
    })
}

impl CompiledFile<'_> {
    /// Whether the source is as it was compiled.
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

    /// Whether the crate was compiled where its sources are looked for: what cargo
    /// keeps for one checkout of a workspace it takes for another one, too.
    fn was_made_here(&mut self, unit: &CompiledUnit) -> bool {
        let mut flags = unit.flags.iter();
        let is_silent = is_library(self.artifact)
            || cfg!(target_env = "msvc")
            || flags.any(|flag| flag.contains("remap-path-prefix"));
        match is_silent {
            // All that is known is the directory that it was written to.
            true => !unit.is_moved,
            false => unit.root().is_some_and(|root| self.names(root)),
        }
    }

    /// Whether the crate has the whole path of the source, as rustc writes it.
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

    /// The bytes of the file that has what others need of the crate.
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

/// Whether the compiled file is one that is loaded as it is.
fn is_library(artifact: &Path) -> bool {
    let kinds = ["so", "dylib", "dll"];
    kinds
        .iter()
        .any(|kind| artifact.extension() == Some(kind.as_ref()))
}

/// Whether `wanted` stands in `bytes`. The macros themselves are often not
/// optimized, so the search for its first byte is left to the standard library's.
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
