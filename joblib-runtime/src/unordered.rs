//! Recognizes collections without a defined order. serde presents a map or a set as what
//! it iterates over and does not report whether the order is defined, so this is derived
//! from the type names. A type that is not recognized counts as ordered.

/// Prefixes of the names of iterators and owners that yield the elements of the
/// collection that they wrap in the same order.
const WRAPPERS: [&str; 12] = [
    "&",
    "mut ",
    "alloc::boxed::Box<",
    "alloc::rc::Rc<",
    "alloc::sync::Arc<",
    "alloc::borrow::Cow<",
    "core::iter::adapters::map::Map<",
    "core::iter::adapters::filter::Filter<",
    "core::iter::adapters::filter_map::FilterMap<",
    "core::iter::adapters::cloned::Cloned<",
    "core::iter::adapters::copied::Copied<",
    "core::iter::adapters::fuse::Fuse<",
];

/// The modules of hash maps and hash sets and of their iterators.
const HASHED: [&str; 4] = [
    "std::collections::hash::map::",
    "std::collections::hash::set::",
    "hashbrown::map::",
    "hashbrown::set::",
];

/// The modules of maps that are sorted by their keys.
const SORTED: [&str; 1] = ["alloc::collections::btree::map::"];

/// Returns whether `I` iterates over a hashed collection, so that equal values may come
/// in any order.
#[inline]
pub(crate) fn is_hashed<I: ?Sized>() -> bool {
    starts_with_one_of(innermost(std::any::type_name::<I>()), &HASHED)
}

/// Returns whether `I` iterates over a sorted collection, so that equal values come in
/// the same order.
#[inline]
pub(crate) fn is_sorted<I: ?Sized>() -> bool {
    starts_with_one_of(innermost(std::any::type_name::<I>()), &SORTED)
}

/// Returns the name of the collection inside references, owners and iterators.
fn innermost(mut name: &str) -> &str {
    while let Some(inner) = WRAPPERS
        .iter()
        .find_map(|wrapper| name.strip_prefix(wrapper))
    {
        name = inner;
    }
    name
}

fn starts_with_one_of(name: &str, starts: &[&str]) -> bool {
    starts.iter().any(|start| name.starts_with(start))
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

    use super::*;

    /// Returns whether the type of a value is hashed.
    fn of<I>(_: I) -> bool {
        is_hashed::<I>()
    }

    #[test]
    fn hashed_maps_and_sets_are_known_behind_references_and_iterators() {
        let map = HashMap::from([(1, 2)]);
        let set = HashSet::from([1]);
        assert!(of(&map) && of(&&map) && of(map.iter()) && of(map.values().copied()));
        assert!(of(&set) && of(set.iter().map(|x| x + 1)) && of(set.clone().into_iter()));
        assert!(of(map.into_iter().filter(|(key, _)| *key > 0)));
    }

    #[test]
    fn what_only_holds_hashed_maps_is_ordered() {
        let inner = HashMap::from([(1, 2)]);
        assert!(!of(&vec![inner.clone()]) && !of([inner.clone()].iter()));
        assert!(!of(&BTreeMap::from([(1, inner)])) && !of(&BTreeSet::from([1])));
        assert!(!of(&indexmap::IndexMap::<i32, HashMap<i32, i32>>::new()));
    }

    #[test]
    fn sorted_maps_are_known() {
        let map = BTreeMap::from([(1, 2)]);
        fn of<I>(_: I) -> bool {
            is_sorted::<I>()
        }
        assert!(of(&map) && of(map.iter()) && !of(&vec![map]));
    }
}
