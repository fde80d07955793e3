//! Tests of long arguments, which count by their hash, and of hashes that the tasks of a
//! call share.

use std::cell::Cell;
use std::sync::Mutex;

use proptest::prelude::*;
use serde::{Serialize, Serializer};

use crate::key::select::*;
use crate::key::shared_digest::{Borrowed, SharedDigests};
use crate::key::{FileContents, Key, KeyError, KeyHasher};

/// Returns the key of several arguments.
macro_rules! key {
    ($($value:expr),*) => {{
        let mut arguments = KeyArguments::new();
        $((&&&&KeyProbe($value)).__joblib_feed_argument(&mut arguments);)*
        arguments.finish()
    }};
}

thread_local! {
    static FED: Cell<u32> = const { Cell::new(0) };
}

fn fed() -> u32 {
    FED.replace(0)
}

/// Counts how often it is fed.
struct Counted(Vec<u8>);

impl Key for Counted {
    fn feed_type(hasher: &mut KeyHasher) {
        hasher.nominal("here", "Counted", 0);
    }

    fn feed(&self, hasher: &mut KeyHasher) {
        FED.set(FED.get() + 1);
        self.0.feed(hasher);
    }
}

/// The same, by its `Serialize`.
struct Described(Vec<u8>);

impl Serialize for Described {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        FED.set(FED.get() + 1);
        self.0.serialize(serializer)
    }
}

proptest! {
    #[test]
    fn arguments_of_any_lengths_are_told_apart(
        one in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..400), 3),
        place in 0..3usize,
        at in any::<prop::sample::Index>(),
    ) {
        let key = |all: &[Vec<u8>]| key!(&all[0], &all[1], &all[2]).unwrap();
        let mut other = one.clone();
        if other[place].is_empty() {
            other[place].push(0);
        } else {
            let at = at.index(other[place].len());
            other[place][at] ^= 1;
        }
        prop_assert_eq!(key(&one), key(&one.clone()));
        prop_assert_ne!(key(&one), key(&other));
    }

    #[test]
    fn a_shared_hash_gives_the_key_that_feeding_gives(
        before in prop::collection::vec(any::<u8>(), 0..300),
        long in prop::collection::vec(any::<u8>(), 0..700),
    ) {
        let digests = SharedDigests::new(vec![Borrowed::of(&long[..])]);
        let shared = || digests.scope(|| key!(&before, &long[..], &1u8).unwrap());
        let alone = key!(&before, &long[..], &1u8).unwrap();
        prop_assert_eq!([shared(), shared()], [alone; 2]);
    }
}

#[test]
fn many_long_arguments_have_a_key() {
    let long: Vec<Vec<u8>> = (0..40).map(|byte| vec![byte; 300]).collect();
    let key = |all: &[Vec<u8>]| {
        let mut arguments = KeyArguments::new();
        for argument in all {
            (&&&&KeyProbe(argument)).__joblib_feed_argument(&mut arguments);
        }
        arguments.finish().unwrap()
    };
    for exchanged in 1..long.len() {
        let mut other = long.clone();
        other.swap(exchanged - 1, exchanged);
        assert_ne!(key(&long), key(&other), "{exchanged}");
    }
    assert_ne!(key(&long), key(&long[..39]));
}

#[test]
fn a_shared_argument_with_a_key_is_fed_once() {
    let (counted, described) = (Counted(vec![7; 1000]), Described(vec![7; 1000]));
    let borrowed = vec![Borrowed::of(&counted), Borrowed::of(&described)];
    let digests = SharedDigests::new(borrowed);
    for task in 0..10u32 {
        digests.scope(|| key!(&task, &counted, &described).unwrap());
    }
    // What serde describes may contain a `Mutex`.
    assert_eq!(fed(), 1 + 10);
    (0..10u32).for_each(|task| drop(key!(&task, &counted, &described)));
    assert_eq!(fed(), 20, "outside of the call");
}

#[test]
fn what_a_call_does_not_borrow_is_fed_each_time() {
    let other = 0u64;
    let digests = SharedDigests::new(vec![Borrowed::of(&other)]);
    let mut counted = Counted(vec![7; 1000]);
    let keys: Vec<_> = (0..3)
        .map(|byte| {
            counted.0[5] = byte;
            digests.scope(|| key!(&counted).unwrap())
        })
        .collect();
    assert_eq!(fed(), 3);
    assert!(keys[0] != keys[1] && keys[1] != keys[2]);
}

#[test]
fn two_types_at_one_address_have_their_own_hashes() {
    #[repr(transparent)]
    struct Outer(Counted);
    impl Key for Outer {
        fn feed_type(hasher: &mut KeyHasher) {
            hasher.nominal("here", "Outer", 0);
        }
        fn feed(&self, hasher: &mut KeyHasher) {
            self.0.feed(hasher);
        }
    }
    let value = Outer(Counted(vec![7; 1000]));
    let digests = SharedDigests::new(vec![Borrowed::of(&value)]);
    let keys = digests.scope(|| [key!(&value).unwrap(), key!(&value.0).unwrap()]);
    assert_ne!(keys[0], keys[1]);
    assert_eq!(keys[1], key!(&value.0).unwrap());
}

#[test]
fn a_shared_file_is_read_for_each_task() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("data");
    let inputs = (FileContents(&path), vec![1u8; 1000]);
    let digests = SharedDigests::new(vec![Borrowed::of(&inputs)]);
    let key = || digests.scope(|| key!(&inputs).unwrap());
    std::fs::write(&path, "before").unwrap();
    let before = key();
    std::fs::write(&path, "after").unwrap();
    assert_ne!(key(), before);
    std::fs::write(&path, "before").unwrap();
    assert_eq!(key(), before);
}

#[test]
fn a_shared_argument_without_a_key_fails_each_time() {
    struct Broken;
    impl Key for Broken {
        fn feed_type(hasher: &mut KeyHasher) {
            hasher.nominal("here", "Broken", 0);
        }
        fn feed(&self, hasher: &mut KeyHasher) {
            hasher.write(&[0; 1000]);
            hasher.fail(KeyError {
                type_name: "Broken",
                reason: "on purpose".to_owned(),
            });
        }
    }
    let inputs = (Broken, [0u8; 100]);
    let digests = SharedDigests::new(vec![Borrowed::of(&inputs)]);
    for _ in 0..2 {
        assert!(digests.scope(|| key!(&inputs)).is_err());
    }
}

#[test]
fn what_a_lock_in_a_shared_argument_protects_is_fed_each_time() {
    let shared = Mutex::new((vec![1u8; 1000], 0u64));
    let digests = SharedDigests::new(vec![Borrowed::of(&shared)]);
    let key = || digests.scope(|| key!(&*shared.lock().unwrap()).unwrap());
    let before = key();
    shared.lock().unwrap().0[5] = 2;
    assert_ne!(key(), before);
}

#[test]
fn two_trait_objects_at_one_address_have_their_own_hashes() {
    trait Shape {
        fn describe(&self, hasher: &mut KeyHasher);
    }
    impl Key for dyn Shape + '_ {
        fn feed_type(hasher: &mut KeyHasher) {
            hasher.nominal("here", "dyn Shape", 0);
        }
        fn feed(&self, hasher: &mut KeyHasher) {
            self.describe(hasher);
        }
    }
    struct Inner([u8; 1000]);
    struct Outer(Inner);
    impl Shape for Inner {
        fn describe(&self, hasher: &mut KeyHasher) {
            hasher.write_bytes(b"inner");
            self.0.feed(hasher);
        }
    }
    impl Shape for Outer {
        fn describe(&self, hasher: &mut KeyHasher) {
            hasher.write_bytes(b"outer");
            self.0.describe(hasher);
        }
    }
    let value = Outer(Inner([7; 1000]));
    let (outer, inner): (&dyn Shape, &dyn Shape) = (&value, &value.0);
    let digests = SharedDigests::new(vec![Borrowed::of(outer)]);
    let keys = digests.scope(|| [key!(outer).unwrap(), key!(inner).unwrap()]);
    assert_ne!(keys[0], keys[1]);
}

#[test]
fn what_serde_describes_is_fed_each_time_because_it_may_change() {
    #[derive(Serialize)]
    struct Shared {
        state: std::sync::Mutex<u32>,
        data: Vec<u8>,
    }
    struct Outer(Shared);
    impl Key for Outer {
        fn feed_type(hasher: &mut KeyHasher) {
            hasher.nominal("here", "Outer", 0);
        }
        fn feed(&self, hasher: &mut KeyHasher) {
            (&&KeyProbe(&self.0)).__joblib_feed_field(hasher);
        }
    }
    let value = Outer(Shared {
        state: std::sync::Mutex::new(0),
        data: vec![7; 1000],
    });
    let digests = SharedDigests::new(vec![Borrowed::of(&value)]);
    let key = || digests.scope(|| [key!(&value).unwrap(), key!(&value.0).unwrap()]);
    let before = key();
    *value.0.state.lock().unwrap() = 1;
    let after = key();
    assert!(before[0] != after[0] && before[1] != after[1]);
    *value.0.state.lock().unwrap() = 0;
    assert_eq!(key(), before);
    assert_eq!(value.0.data.len(), 1000);
}
