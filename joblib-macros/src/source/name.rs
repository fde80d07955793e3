//! Interned names: an identifier is compared and hashed as one pointer. Interned text
//! is never freed. The vocabulary of a crate bounds its size.

use std::cmp::Ordering;
use std::collections::{HashMap, HashSet};
use std::fmt;
use std::hash::{BuildHasherDefault, Hash, Hasher};
use std::sync::{LazyLock, Mutex, PoisonError};

use unicode_normalization::{UnicodeNormalization, is_nfc};

use super::syntax::is_primitive;

/// An identifier without its `r#`.
#[derive(Clone, Copy)]
pub(super) struct Name(&'static str);

static NAMES: LazyLock<Mutex<HashSet<&'static str>>> = LazyLock::new(Default::default);

impl Name {
    /// Returns the interned `Name` of `text`.
    pub(super) fn new(text: &str) -> Name {
        let text = text.strip_prefix("r#").unwrap_or(text);
        let mut names = NAMES.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(&known) = names.get(text) {
            return Name(known);
        }
        let fresh: &'static str = Box::leak(text.into());
        names.insert(fresh);
        Name(fresh)
    }

    /// Returns the identifier of this text in the normal form of the compiler, which
    /// treats a letter followed by a combining accent as the accented letter.
    pub(super) fn composed(text: &str) -> Name {
        match text.is_ascii() || is_nfc(text) {
            true => Name::new(text),
            false => Name::new(&text.nfc().collect::<String>()),
        }
    }

    /// Returns the text. Ordering uses the text, because the order of pointers is not
    /// deterministic.
    pub(super) fn as_str(self) -> &'static str {
        self.0
    }
}

impl PartialEq for Name {
    fn eq(&self, other: &Name) -> bool {
        std::ptr::eq(self.0, other.0)
    }
}

impl Eq for Name {}

impl PartialEq<str> for Name {
    fn eq(&self, other: &str) -> bool {
        self.0 == other
    }
}

impl PartialEq<&str> for Name {
    fn eq(&self, other: &&str) -> bool {
        self.0 == *other
    }
}

impl Hash for Name {
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write_usize(self.0.as_ptr() as usize);
    }
}

impl PartialOrd for Name {
    fn partial_cmp(&self, other: &Name) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Name {
    fn cmp(&self, other: &Name) -> Ordering {
        self.0.cmp(other.0)
    }
}

impl Name {
    /// Returns whether a path that starts with this name starts with an item of the
    /// prelude.
    pub(super) fn is_prelude(self) -> bool {
        let is_named = matches!(
            self.as_str(),
            "Vec"
                | "String"
                | "Box"
                | "Option"
                | "Result"
                | "Some"
                | "None"
                | "Ok"
                | "Err"
                | "Iterator"
                | "IntoIterator"
                | "Default"
                | "Clone"
                | "From"
                | "Into"
                | "ToString"
                | "PartialOrd"
                | "PartialEq"
                | "Ord"
                | "Eq"
                | "Drop"
                | "Fn"
                | "FnMut"
                | "FnOnce"
                | "AsRef"
                | "Extend"
        );
        is_named || is_primitive(self.as_str())
    }

    /// Splits a name in any case into its words.
    pub(super) fn words(self) -> NameWords {
        let starts_word = |before: char, at: char, next: Option<char>| {
            at.is_uppercase() && (!before.is_uppercase() || next.is_some_and(char::is_lowercase))
        };
        NameWords {
            words: self.split(starts_word),
            letters: self.split(|_, at, _| at.is_uppercase()),
            is_type: self.0.contains(char::is_uppercase),
        }
    }

    /// Splits at `_`, and between two characters where `is_start` returns true for
    /// these and the one after them.
    fn split(self, is_start: impl Fn(char, char, Option<char>) -> bool) -> Vec<String> {
        let mut parts = Vec::new();
        // The text may be a string literal, which is not normalized.
        for segment in Name::composed(self.0)
            .as_str()
            .split('_')
            .filter(|part| !part.is_empty())
        {
            let mut part = String::new();
            let mut before = None;
            let mut rest = segment.chars();
            while let Some(at) = rest.next() {
                let next = rest.clone().next();
                if before.is_some_and(|before| is_start(before, at, next)) {
                    parts.push(std::mem::take(&mut part));
                }
                part.extend(at.to_lowercase());
                before = Some(at);
            }
            parts.push(part);
        }
        parts
    }
}

/// The words of a name, in lower case.
#[derive(Debug, Default)]
pub(super) struct NameWords {
    /// The words if a sequence of capitals is one word.
    words: Vec<String>,
    /// The words if each capital starts one.
    letters: Vec<String>,
    is_type: bool,
}

impl NameWords {
    /// Returns whether the words of `root` occur here consecutively, as `Model` does
    /// in `ModelBuilder` and `MODEL_LIMIT`. The name of a type may end inside a
    /// sequence of capitals, as `A` does in `ABTree`; the name of a variable may not.
    pub(super) fn contain(&self, root: &NameWords) -> bool {
        let has = |all: &[String], some: &[String]| {
            !some.is_empty() && all.windows(some.len()).any(|window| window == some)
        };
        has(&self.words, &root.words) || (root.is_type && has(&self.letters, &root.letters))
    }

    /// Returns the first words. Every name that contains this one also contains one
    /// of them.
    pub(super) fn first(&self) -> impl Iterator<Item = &String> {
        self.words.first().into_iter().chain(self.letters.first())
    }

    /// Returns all words of both splits.
    pub(super) fn all(&self) -> impl Iterator<Item = &String> {
        self.words.iter().chain(&self.letters)
    }
}

impl fmt::Debug for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

/// A hasher for pointers and small integers, which only need mixing.
#[derive(Default)]
pub(super) struct PointerHasher(u64);

impl Hasher for PointerHasher {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            self.write_u64(u64::from(byte));
        }
    }

    fn write_u32(&mut self, n: u32) {
        self.write_u64(u64::from(n));
    }

    fn write_usize(&mut self, n: usize) {
        self.write_u64(n as u64);
    }

    fn write_u64(&mut self, n: u64) {
        let mixed = (self.0 ^ n).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        self.0 = mixed ^ (mixed >> 29);
    }
}

/// A map keyed by names or ids.
pub(super) type Map<K, V> = HashMap<K, V, BuildHasherDefault<PointerHasher>>;
/// A set of names or ids.
pub(super) type Set<K> = HashSet<K, BuildHasherDefault<PointerHasher>>;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_found_in_names_of_any_case() {
        let has =
            |name: &str, root: &str| Name::new(name).words().contain(&Name::new(root).words());
        for (name, root) in [
            ("ModelBuilder", "Model"),
            ("new_model_builder", "ModelBuilder"),
            ("MODEL_LIMIT", "model"),
            ("IOError", "IO"),
            ("IoError", "io"),
            ("IOError", "io"),
            ("ABuilder", "A"),
            ("ABTree", "B"),
            ("HTTPServer", "Server"),
        ] {
            assert!(has(name, root), "{root} in {name}");
        }
        for (name, root) in [
            ("SAE", "a"),
            ("MAX_ITERATIONS", "a"),
            ("Modeler", "Model"),
            ("lx", "x"),
        ] {
            assert!(!has(name, root), "{root} in {name}");
        }
    }
}
