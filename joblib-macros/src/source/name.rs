//! Interned names: an identifier is compared and hashed as one pointer.
//! Interned text is never freed, which the vocabulary of a crate bounds.

use std::cmp::Ordering;
use std::collections::{HashMap, HashSet};
use std::fmt;
use std::hash::{BuildHasherDefault, Hash, Hasher};
use std::sync::{LazyLock, Mutex, PoisonError};

use super::syntax::is_primitive;

/// An identifier without its `r#`.
#[derive(Clone, Copy)]
pub(super) struct Name(&'static str);

static NAMES: LazyLock<Mutex<HashSet<&'static str>>> = LazyLock::new(Default::default);

impl Name {
    /// The one `Name` of `text`.
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

    /// The text, which orders names where pointers must not.
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
    /// Whether a path that starts here starts at something the language brings.
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

    /// The words that a name in either case is made of, in lower case.
    pub(super) fn parts(self) -> Vec<String> {
        let mut parts = vec![String::new()];
        for c in self.as_str().chars() {
            if (c == '_' || c.is_uppercase()) && parts.last().is_some_and(|part| !part.is_empty()) {
                parts.push(String::new());
            }
            if c != '_'
                && let Some(part) = parts.last_mut()
            {
                part.extend(c.to_lowercase());
            }
        }
        parts.retain(|part| !part.is_empty());
        parts
    }
}

impl fmt::Debug for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

/// A hasher for pointers and small numbers, which need mixing and no more.
#[derive(Default)]
pub(super) struct Mix(u64);

impl Hasher for Mix {
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
pub(super) type Map<K, V> = HashMap<K, V, BuildHasherDefault<Mix>>;
/// A set of names or ids.
pub(super) type Set<K> = HashSet<K, BuildHasherDefault<Mix>>;
