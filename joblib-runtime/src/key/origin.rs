//! Determines the crates that define the types which callers choose for a generic
//! function, and whether the function's fingerprint covers these crates. A type of a
//! dependent crate brings impls that are unknown when the function is compiled.

use std::any::type_name;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use super::{KeyHasher, identity};

/// The crates that the fingerprint of a function covers.
#[derive(Debug)]
pub struct CoveredCrates {
    /// The crates whose source is followed, separated by spaces.
    followed: &'static str,
    /// The crates that are covered as a whole, by `digest`, separated by spaces.
    whole: &'static str,
    /// The digest of all crates in `whole`.
    digest: u128,
    /// The types and traits of the first crate in `followed`, if another crate has the
    /// same name.
    own: Option<&'static str>,
    /// Whether there can be no dependent crate, which could define types for a
    /// `dyn Trait`.
    is_last: bool,
    /// A cache of type names that only contain crates in `followed`.
    plain: [AtomicU64; 8],
}

/// The origin of a type: the maximum over its components.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum TypeOrigin {
    Followed,
    Whole,
    Above,
}

impl CoveredCrates {
    /// Creates the value for a function of a library that any crate may use.
    pub const fn new(followed: &'static str, whole: &'static str, digest: u128) -> CoveredCrates {
        CoveredCrates {
            followed,
            whole,
            digest,
            own: None,
            is_last: false,
            plain: [const { AtomicU64::new(0) }; 8],
        }
    }

    /// Restricts the crate's own types and traits to `types`, because another crate of
    /// its package has the same name.
    pub const fn own(self, types: &'static str) -> CoveredCrates {
        CoveredCrates {
            own: Some(types),
            ..self
        }
    }

    /// Marks the crate as a program, which no other crate uses.
    pub const fn last(self) -> CoveredCrates {
        CoveredCrates {
            is_last: true,
            ..self
        }
    }

    /// Feeds what the fingerprint does not cover of the code of `T`.
    pub(super) fn feed<T: ?Sized>(&self, hasher: &mut KeyHasher) {
        let name = type_name::<T>();
        let start = name.as_ptr() as u64;
        // The length is part of the mark, because two texts may start at the same
        // address.
        let mark = start << 16 | name.len() as u64;
        let is_exact = start >> 48 == 0 && name.len() >> 16 == 0;
        let slot = &self.plain[((mark >> 16 ^ mark >> 22) % 8) as usize];
        if is_exact && slot.load(Relaxed) == mark {
            return;
        }
        match self.of(name) {
            TypeOrigin::Followed if is_exact => slot.store(mark, Relaxed),
            TypeOrigin::Followed => {}
            TypeOrigin::Whole => hasher.write(&self.digest.to_le_bytes()),
            TypeOrigin::Above => identity::feed_binary(name, hasher),
        }
    }

    /// Returns the origin of the type printed as `name`.
    #[cold]
    fn of(&self, name: &str) -> TypeOrigin {
        let mut origin = TypeOrigin::Followed;
        let mut is_open = false;
        let mut rest = name;
        while let Some(start) = rest.find(is_ident_char) {
            let path = &rest[start..];
            let end = end_of_path(path);
            let (path, after) = path.split_at(end);
            rest = after;
            match path.split_once("::") {
                Some((head, _)) => {
                    origin = origin.max(self.of_path(head, path));
                    if is_open && !is_standard_library(head) {
                        origin = origin.max(TypeOrigin::Above);
                    }
                    is_open = false;
                }
                None => is_open = path == "dyn" && !self.is_last,
            }
        }
        origin
    }

    fn of_path(&self, head: &str, path: &str) -> TypeOrigin {
        let has = |words: &str, word: &str| words.split(' ').any(|it| it == word);
        if is_standard_library(head) {
            return TypeOrigin::Followed;
        }
        if has(self.whole, head) {
            return TypeOrigin::Whole;
        }
        let is_own = self.followed.split(' ').next() == Some(head);
        let last = path.rsplit("::").next().unwrap_or(path);
        match self.own {
            Some(own) if is_own && !has(own, last) => TypeOrigin::Above,
            _ if has(self.followed, head) => TypeOrigin::Followed,
            _ => TypeOrigin::Above,
        }
    }
}

fn is_ident_char(c: char) -> bool {
    c == '_' || c.is_alphanumeric()
}

/// Returns the end of the path that `text` starts with.
fn end_of_path(text: &str) -> usize {
    let mut end = 0;
    loop {
        let word = &text[end..];
        end += word.find(|c| !is_ident_char(c)).unwrap_or(word.len());
        match text[end..].strip_prefix("::") {
            Some(next) if next.starts_with(is_ident_char) => end += 2,
            _ => return end,
        }
    }
}

fn is_standard_library(head: &str) -> bool {
    matches!(head, "core" | "alloc" | "std")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn library() -> CoveredCrates {
        CoveredCrates::new("mid base", "serde half", 7)
    }

    #[test]
    fn types_of_crates_below_are_covered() {
        for name in [
            "u8",
            "(u8, &str)",
            "alloc::vec::Vec<core::option::Option<base::deep::Down<4>>>",
            "[mid::Mine; 3]",
            "dyn core::fmt::Debug + core::marker::Send",
        ] {
            assert_eq!(library().of(name), TypeOrigin::Followed, "{name}");
        }
    }

    #[test]
    fn a_type_of_a_crate_further_up_is_found_wherever_it_stands() {
        for name in [
            "app::Up",
            "alloc::vec::Vec<app::Up>",
            "base::Pair<half::f16, app::deep::Up<u8>>",
            "<app::Up as base::Step>::Out",
            "fn(&app::Up) -> u8",
            "&mut [app::Up]",
            "dyn base::Step<Out = app::Up>",
            "midway::Mine",
        ] {
            assert_eq!(library().of(name), TypeOrigin::Above, "{name}");
        }
    }

    #[test]
    fn types_of_crates_that_count_as_a_whole_count_by_these() {
        assert_eq!(library().of("half::f16"), TypeOrigin::Whole);
        assert_eq!(library().of("mid::Of<serde::de::Never>"), TypeOrigin::Whole);
    }

    #[test]
    fn an_object_of_a_trait_may_be_of_any_crate_further_up() {
        let name = "alloc::boxed::Box<dyn base::Step + core::marker::Send>";
        assert_eq!(library().of(name), TypeOrigin::Above);
        assert_eq!(library().last().of(name), TypeOrigin::Followed);
    }

    #[test]
    fn where_two_crates_have_one_name_types_tell_them_apart() {
        let library = library().own("Mine Kind");
        assert_eq!(library.of("mid::deep::Mine<u8>"), TypeOrigin::Followed);
        assert_eq!(library.of("mid::Up"), TypeOrigin::Above);
        assert_eq!(library.of("base::Up"), TypeOrigin::Followed);
    }

    #[test]
    fn what_was_found_once_is_found_again() {
        let origins = CoveredCrates::new("core joblib_runtime", "", 7);
        let hash = || {
            let mut hasher = KeyHasher::new();
            origins.feed::<KeyHasher>(&mut hasher);
            hasher.finish()
        };
        let nothing = KeyHasher::new().finish();
        assert_eq!([hash(), hash()], [nothing, nothing]);
        let above = CoveredCrates::new("other", "", 7);
        let mut hasher = KeyHasher::new();
        above.feed::<KeyHasher>(&mut hasher);
        assert_ne!(hasher.finish(), nothing);
    }
}
