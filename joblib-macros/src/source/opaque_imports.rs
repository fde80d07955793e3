//! Decides whether a name imported from a crate that counts as a whole is certainly
//! not a trait. An import of a trait affects every method call, any other import only
//! the code that names it.

use std::collections::HashMap;
use std::path::{Path as FilePath, PathBuf};

use super::build_unit;
use super::database::{CrateDb, CrateId};
use super::known::macros::PLAIN;
use super::name::Name;

/// A cache of results, by compiled file and name.
#[derive(Debug, Default)]
pub(super) struct ImportCache {
    known: HashMap<(PathBuf, String), bool>,
}

/// The keywords before the name of an item that is not a trait.
const DEFINING: &[&str] = &[
    "struct", "enum", "union", "type", "fn", "mod", "const", "static",
];

/// The maximum length in bytes of a `use` with comments that is searched.
const MAX_USE_BYTES: usize = 4096;

impl CrateDb {
    /// Returns whether `path`, which leads into the crate that `from` calls `krate`,
    /// certainly ends at something other than a trait.
    pub(super) fn is_not_trait(&mut self, from: CrateId, krate: Name, path: &str) -> bool {
        let Some(artifact) = self.krate(from).externs.get(&krate).cloned() else {
            return false;
        };
        let path = path.strip_suffix("::self").unwrap_or(path);
        let name = path.rsplit("::").next().unwrap_or(path).to_owned();
        let key = (artifact, name);
        if let Some(&known) = self.imported.known.get(&key) {
            return known;
        }
        let answer = defines_non_trait(&key.0, &key.1);
        self.imported.known.insert(key, answer);
        answer
    }
}

/// Returns whether the sources of a crate define the name as something other than a
/// trait, and nowhere as a trait, by a macro, or by an import from another crate.
fn defines_non_trait(artifact: &FilePath, name: &str) -> bool {
    let sources = build_unit::sources(artifact);
    let texts = sources
        .iter()
        .map(|path| std::fs::read_to_string(path).unwrap_or_default());
    let texts: Vec<String> = texts.collect();
    let before = || {
        let found = |text: &'_ String| -> Vec<String> {
            words(text, name)
                .map(|at| word_before(text, at).to_owned())
                .collect()
        };
        texts.iter().flat_map(found)
    };
    let is_given = |text: &String| words(text, name).any(|at| is_given(text, at));
    let is_made = texts
        .iter()
        .any(|text| text.contains("trait $") || is_given(text));
    let is_other = before().any(|word| word == "trait" || word == "as");
    let is_defined = before().any(|word| DEFINING.contains(&word.as_str()));
    is_defined && !is_made && !is_other && !may_be_imported(&texts, name)
}

/// Returns whether one of the texts may import the name from another crate.
fn may_be_imported(texts: &[String], name: &str) -> bool {
    let is_module = |first: &str| {
        let of = |text: &String| words(text, first).any(|at| word_before(text, at) == "mod");
        matches!(first, "crate" | "self" | "super") || texts.iter().any(of)
    };
    texts.iter().any(|text| {
        words(text, "use").any(|at| {
            let rest = &text[at + "use".len()..];
            let mut statement = rest.split(';').next().unwrap_or(rest);
            if statement.contains("//") || statement.contains("/*") {
                let end = rest
                    .char_indices()
                    .map(|(at, _)| at)
                    .find(|&at| at >= MAX_USE_BYTES);
                statement = &rest[..end.unwrap_or(rest.len())];
            }
            let first = statement.trim_start_matches([' ', '\n', '\t', ':']);
            let end = first.find(|c: char| !is_of_word(c)).unwrap_or(first.len());
            let may_bring = statement.contains('*') || words(statement, name).next().is_some();
            may_bring && !is_module(&first[..end])
        })
    })
}

/// Returns the positions of a word in a text.
fn words<'a>(text: &'a str, word: &'a str) -> impl Iterator<Item = usize> + 'a {
    text.match_indices(word)
        .map(|(at, _)| at)
        .filter(move |&at| {
            let is_end = |c: Option<char>| !c.is_some_and(is_of_word);
            is_end(text[..at].chars().next_back()) && is_end(text[at + word.len()..].chars().next())
        })
}

/// Returns whether the word at `at` is the first in the input of a macro, which may
/// define a trait of that name.
fn is_given(text: &str, at: usize) -> bool {
    let before = text[..at].trim_end();
    let call = before.strip_suffix(['(', '{', '[']).map(str::trim_end);
    let Some(path) = call.and_then(|call| call.strip_suffix('!')) else {
        return false;
    };
    let start = path.rfind(|c: char| !is_of_word(c)).map_or(0, |at| {
        at + path[at..].chars().next().map_or(1, char::len_utf8)
    });
    !PLAIN.contains(&&path[start..])
}

fn is_of_word(c: char) -> bool {
    c == '_' || c.is_alphanumeric()
}

/// Returns the word before the one at `at`.
fn word_before(text: &str, at: usize) -> &str {
    let before = text[..at].trim_end();
    let start = before.rfind(|c: char| !is_of_word(c));
    &before[start.map_or(0, |at| {
        at + before[at..].chars().next().map_or(1, char::len_utf8)
    })..]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn no_trait(text: &str) -> bool {
        let dir = tempfile::tempdir().unwrap();
        let dir = dir.path();
        let source = dir.join("lib.rs");
        std::fs::write(&source, text).unwrap();
        let artifact = dir.join("liba-0123456789abcdef.rlib");
        let dep_info = format!("{}: {}\n", artifact.display(), source.display());
        std::fs::write(dir.join("a-0123456789abcdef.d"), dep_info).unwrap();
        defines_non_trait(&artifact, "Made")
    }

    #[test]
    fn what_is_defined_as_something_else_is_no_trait() {
        assert!(no_trait("pub struct Made { a: u8 }"));
        assert!(no_trait(
            "mod deep { pub enum Made {} }\npub use deep::Made;"
        ));
        assert!(no_trait(
            "pub fn f(made: crate::Made) {} pub(crate) type Made = u8;  "
        ));
    }

    #[test]
    fn what_may_be_a_trait_counts_as_one() {
        for text in [
            "pub trait Made {}",
            "pub unsafe trait Made {} mod a { struct Made; }",
            "struct Made; pub use other::Made;      ",
            "struct Made; pub use other::{\n    Deep::{A, B},\n    // Comments; as they come }\n    Made,\n};",
            "struct Made; pub use other::Deep as Made;",
            "struct Made; macro_rules! m { ($n:ident) => { pub trait $n {} } }",
            "pub use other::*;",
            "mod a { struct Made; } pub use other::*;",
            "mod a { struct Made; } other::define! { Made }",
        ] {
            assert!(!no_trait(text), "{text}");
        }
    }
}
