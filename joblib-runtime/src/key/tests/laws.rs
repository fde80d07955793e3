//! Tests that equal values have equal keys, and different values or types different keys.

use std::collections::{BTreeMap, HashMap, HashSet};

use proptest::prelude::*;

use crate::key::{FileContents, Key, KeyHasher, of};

/// Feeds a slice element by element, where `T` may feed it at once.
struct OneByOne<'a, T>(&'a [T]);

impl<T: Key> Key for OneByOne<'_, T> {
    fn feed_type(hasher: &mut KeyHasher) {
        <[T]>::feed_type(hasher);
    }

    fn feed(&self, hasher: &mut KeyHasher) {
        hasher.write_len(self.0.len());
        self.0.iter().for_each(|element| element.feed(hasher));
    }
}

fn feeds_at_once_as_one_by_one<T: Key>(slice: &[T]) {
    assert_eq!(of(slice), of(&OneByOne(slice)));
}

proptest! {
    #[test]
    fn a_slice_is_its_elements(
        bytes in any::<Vec<u8>>(),
        wide in proptest::collection::vec(any::<i128>(), 0..40),
        floats in any::<Vec<f64>>(),
        chars in any::<Vec<(char, bool)>>(),
        arrays in any::<Vec<[[u16; 3]; 2]>>(),
        sizes in any::<Vec<usize>>(),
    ) {
        feeds_at_once_as_one_by_one(&bytes);
        feeds_at_once_as_one_by_one(&wide);
        feeds_at_once_as_one_by_one(&floats);
        feeds_at_once_as_one_by_one(&chars);
        feeds_at_once_as_one_by_one(&arrays);
        feeds_at_once_as_one_by_one(&sizes);
    }

    #[test]
    fn order_of_a_map_does_not_count(mut entries in any::<Vec<(u16, String)>>()) {
        entries.sort();
        entries.dedup_by_key(|entry| entry.0);
        let forward: HashMap<_, _> = entries.iter().cloned().collect();
        let backward: HashMap<_, _> = entries.iter().rev().cloned().collect();
        prop_assert_eq!(of(&forward), of(&backward));
        let forward: HashSet<_> = entries.iter().cloned().collect();
        let backward: HashSet<_> = entries.into_iter().rev().collect();
        prop_assert_eq!(of(&forward), of(&backward));
    }

    #[test]
    fn keys_are_equal_exactly_when_values_are(
        a in proptest::collection::vec(proptest::collection::vec(0u8..3, 0..3), 0..3),
        b in proptest::collection::vec(proptest::collection::vec(0u8..3, 0..3), 0..3),
    ) {
        prop_assert_eq!(of(&a) == of(&b), a == b);
        let text = |it: &[Vec<u8>]| it.iter().map(|it| format!("{it:?}")).collect::<Vec<_>>();
        prop_assert_eq!(of(&text(&a)) == of(&text(&b)), a == b);
    }

    #[test]
    fn keys_of_maps_are_equal_exactly_when_maps_are(
        a in any::<[(bool, Option<bool>); 2]>(),
        b in any::<[(bool, Option<bool>); 2]>(),
    ) {
        let (x, y) = (HashMap::from(a), HashMap::from(b));
        prop_assert_eq!(of(&x) == of(&y), x == y);
        let (x, y) = (BTreeMap::from(a), BTreeMap::from(b));
        prop_assert_eq!(of(&x) == of(&y), x == y);
    }
}

/// Returns keys of values that differ in their type, their content, or its boundaries.
fn all_different() -> Vec<u128> {
    macro_rules! keys {
        ($($value:expr),* $(,)?) => { vec![$(of(&$value)),*] };
    }
    keys![
        (),
        false,
        0u8,
        0u16,
        0u32,
        0u64,
        0u128,
        0usize,
        0i8,
        0i16,
        0i32,
        0i64,
        0i128,
        0isize,
        0f32,
        0f64,
        -0f32,
        -0f64,
        '\0',
        "",
        "0",
        Vec::<u8>::new(),
        Vec::<u16>::new(),
        Vec::<f32>::new(),
        Vec::<f64>::new(),
        Vec::<()>::new(),
        vec![()],
        vec![(); 2],
        Vec::<Vec<u8>>::new(),
        vec![Vec::<u8>::new()],
        vec![Vec::<u8>::new(); 2],
        [0u8; 0],
        [0u8; 1],
        [0u8; 2],
        vec![0u8],
        vec![0u8; 2],
        vec![0u16],
        vec![vec![1u8], vec![2]],
        vec![vec![1u8, 2]],
        vec![vec![1u8, 2], vec![]],
        ("ab", "c"),
        ("a", "bc"),
        ("abc",),
        ("", "abc"),
        ("a", "b", "c"),
        (1u8, 2u8),
        (1u8, (2u8,)),
        ((1u8,), 2u8),
        ((1u8, 2u8),),
        None::<u8>,
        Some(0u8),
        None::<u16>,
        Some(None::<u8>),
        Some(Some(0u8)),
        None::<Option<u8>>,
        Ok::<u8, u8>(0),
        Err::<u8, u8>(0),
        Ok::<u8, u16>(0),
        Err::<u16, u8>(0),
        HashMap::<u8, u8>::new(),
        BTreeMap::<u8, u8>::new(),
        HashMap::<u8, u16>::new(),
        HashMap::from([(1u8, 2u8)]),
        HashMap::from([(2u8, 1u8)]),
        HashSet::<u8>::new(),
        0u8..1,
        0u8..=1,
        0u8..=0,
        (0u8, 1u8),
        std::path::Path::new(""),
        FileContents(""),
    ]
}

#[test]
fn different_values_have_different_keys() {
    let keys = all_different();
    let distinct: HashSet<u128> = keys.iter().copied().collect();
    assert_eq!(distinct.len(), keys.len());
}

#[test]
fn an_error_that_may_pass_is_no_key_of_a_file() {
    let dir = tempfile::tempdir().unwrap();
    let failure = |path: std::path::PathBuf| {
        let mut hasher = KeyHasher::new();
        FileContents(path).feed(&mut hasher);
        hasher.failure().map(ToString::to_string)
    };
    let looped = dir.path().join("looped");
    std::os::unix::fs::symlink(&looped, &looped).unwrap();
    let message = failure(looped.clone()).unwrap();
    assert!(message.contains(looped.to_str().unwrap()), "{message}");
    for path in [dir.path().join("missing"), dir.path().to_owned()] {
        assert_eq!(failure(path), None);
    }
}

#[test]
fn every_nan_is_its_bits() {
    let nan = |bits| of(&f64::from_bits(bits));
    assert_eq!(nan(0x7ff8_0000_0000_0001), nan(0x7ff8_0000_0000_0001));
    assert_ne!(nan(0x7ff8_0000_0000_0001), nan(0x7ff8_0000_0000_0002));
    assert_ne!(nan(0x7ff8_0000_0000_0001), nan(0xfff8_0000_0000_0001));
}

#[test]
fn a_range_that_ended_is_not_a_fresh_one() {
    let mut ended = 1u8..=1;
    assert_eq!(ended.next(), Some(1));
    assert_ne!(of(&ended), of(&(1u8..=1)));
}
