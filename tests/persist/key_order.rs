//! Maps and sets whose keys are numbers or strings are stored in the order of their keys,
//! whatever collection they were, and are read as compatible types.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::num::{NonZeroI16, NonZeroU64, Wrapping};
use std::rc::Rc;
use std::sync::Arc;

use joblib::{Dump, Persist};

use super::{Place, assert_contains, there_and_back};

fn dumped<T: joblib::persist::Save>(value: &T) -> Vec<u8> {
    let mut bytes = Vec::new();
    Dump::new().write(&mut bytes, value).unwrap();
    bytes
}

#[track_caller]
fn read_as<Other: Persist>(value: &impl joblib::persist::Save) -> Result<Other, String> {
    let place = Place::new();
    std::fs::write(&place.path, dumped(value)).unwrap();
    // A map of the file shows the same.
    let mapped = joblib::open::<Other>(&place.path);
    let loaded = joblib::load(&place.path).map_err(|error| error.to_string());
    assert_eq!(mapped.is_ok(), loaded.is_ok());
    loaded
}

/// Numbers far apart and in no order.
fn scattered(count: u64) -> impl Iterator<Item = u64> {
    (0..count).map(|at| {
        at.wrapping_mul(0x9e37_79b9_7f4a_7c15)
            .rotate_left((at % 64) as u32)
    })
}

#[test]
fn numbers_of_every_kind_are_keys() {
    macro_rules! each {
        ($($ty:ty)*) => {$(
            for count in [0, 1, 2, 300] {
                let mut keys: Vec<$ty> = scattered(count).map(|at| at as $ty).collect();
                keys.extend([<$ty>::MIN, <$ty>::MAX, 0]);
                let hashed: HashMap<$ty, u64> = keys.iter().map(|key| (*key, *key as u64)).collect();
                assert_eq!(there_and_back(&hashed), hashed);
                let tree: BTreeMap<$ty, u64> = hashed.iter().map(|(key, it)| (*key, *it)).collect();
                assert_eq!(there_and_back(&tree), tree);
                assert!(dumped(&tree) == dumped(&hashed), "one encoding");
                let set: HashSet<$ty> = keys.iter().copied().collect();
                assert_eq!(there_and_back(&set), set);
                let ordered: BTreeSet<$ty> = keys.iter().copied().collect();
                assert_eq!(there_and_back(&ordered), ordered);
                assert!(dumped(&set) == dumped(&ordered), "one encoding");
            }
        )*};
    }
    each!(u8 u16 u32 u64 u128 usize i8 i16 i32 i64 i128 isize);
    let bools = BTreeMap::from([(false, 1_u8), (true, 2)]);
    assert_eq!(there_and_back(&bools), bools);
}

#[test]
fn values_of_every_kind_keep_their_keys() {
    let keys = || scattered(50);
    macro_rules! each {
        ($(|$key:ident| $value:expr),* $(,)?) => {$(
            let map: BTreeMap<u64, _> = keys().map(|$key| ($key, $value)).collect();
            assert_eq!(there_and_back(&map), map);
            let mapped: HashMap<i32, _> = keys().map(|$key| ($key as i32, $value)).collect();
            assert_eq!(there_and_back(&mapped), mapped);
        )*};
    }
    each!(
        |_key| (),
        |key| key as u8,
        |key| key as i16,
        |key| -(key as i128),
        |key| key as f32,
        |key| key as f64,
        |key| key % 2 == 0,
        |key| char::from_digit((key % 10) as u32, 10).unwrap(),
        |key| key.to_string(),
        |key| vec![key; (key % 200) as usize],
        |key| [key as u16; 3],
        |key| vec![[key as f32; 2]; (key % 300) as usize],
        |key| (key % 3 == 0).then_some(key),
        |key| Box::new(key),
        |key| NonZeroU64::new(key | 1).unwrap(),
        |key| Wrapping(key),
        |key| BTreeMap::from([(key, key), (key / 2 + 1, key)]),
    );
}

#[test]
fn a_large_map_comes_back_and_has_a_fixed_order() {
    // More entries than are sorted at once.
    let map: HashMap<u64, u32> = scattered(900_000).map(|key| (key, key as u32)).collect();
    let back: BTreeMap<u64, u32> = read_as(&map).unwrap();
    assert!(back.len() == map.len() && map.iter().all(|(key, value)| back[key] == *value));
    assert!(dumped(&back) == dumped(&map));
}

#[test]
fn strings_are_keys_in_their_order() {
    let texts = || scattered(5000).map(|it| "x".repeat((it % 20) as usize) + &it.to_string());
    let hashed: HashMap<String, u64> = texts().zip(0..).collect();
    assert_eq!(there_and_back(&hashed), hashed);
    let tree: BTreeMap<&str, u64> = hashed.iter().map(|(key, it)| (&**key, *it)).collect();
    assert!(dumped(&tree) == dumped(&hashed));
    assert_eq!(joblib::hash(&tree), joblib::hash(&hashed));
    let boxed: BTreeMap<Box<str>, u64> = read_as(&hashed).unwrap();
    assert!(boxed.iter().all(|(key, value)| hashed[&**key] == *value));
    let counted: HashMap<Arc<str>, u64> = read_as(&boxed).unwrap();
    let cows: BTreeMap<Cow<'static, str>, u64> = read_as(&counted).unwrap();
    assert!(dumped(&cows) == dumped(&hashed) && dumped(&counted) == dumped(&hashed));
    let set: BTreeSet<String> = texts().collect();
    assert_eq!(there_and_back(&set), set);
    let empty: HashSet<String> = HashSet::from([String::new(), "\0".to_owned(), "ü".to_owned()]);
    assert_eq!(there_and_back(&empty), empty);
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Persist)]
#[persist(transparent)]
struct Id(u64);

/// Its order differs from that of its number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Persist)]
#[persist(transparent)]
struct Last {
    number: i32,
}

impl PartialOrd for Last {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Last {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        other.number.cmp(&self.number)
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Persist)]
#[persist(transparent)]
struct Name<T>(T);

#[test]
fn types_encoded_as_numbers_or_strings_are_ordered_keys() {
    let plain: BTreeMap<u64, String> = scattered(200).map(|it| (it, it.to_string())).collect();
    let ids: HashMap<Id, String> = read_as(&plain).unwrap();
    assert_eq!(there_and_back(&ids), ids);
    assert!(dumped(&ids) == dumped(&plain));
    let boxed: BTreeMap<Box<u64>, Rc<String>> = read_as(&ids).unwrap();
    assert!(dumped(&boxed) == dumped(&plain));
    let non_zero: HashMap<NonZeroU64, Name<String>> = read_as(&BTreeMap::from([
        (5_u64, "a".to_owned()),
        (1 << 40, "b".to_owned()),
    ]))
    .unwrap();
    assert_eq!(there_and_back(&non_zero), non_zero);
    let last: BTreeMap<Last, u8> = (-200..200).map(|number| (Last { number }, 7)).collect();
    assert_eq!(there_and_back(&last), last);
    let numbers: BTreeMap<i32, u8> = read_as(&last).unwrap();
    assert!(dumped(&numbers) == dumped(&last));
    let names: BTreeMap<Name<Box<str>>, Id> = [(Name("n".into()), Id(7))].into();
    assert_eq!(there_and_back(&names), names);
    let values: HashMap<u8, Id> = HashMap::from([(1, Id(1 << 40)), (0, Id(2))]);
    assert_eq!(there_and_back(&values), values);
}

#[test]
fn a_zero_in_a_nonzero_key_is_reported() {
    let map = BTreeMap::from([(0_i16, 1_u8)]);
    let message = read_as::<BTreeMap<NonZeroI16, u8>>(&map).unwrap_err();
    assert_contains(&message, "the file has 0, a `NonZeroI16` was expected");
}

/// Keys that are sorted by their encodings, as all keys are in older files.
fn before<V: Clone>(map: &BTreeMap<u64, V>) -> HashMap<Wrapping<u64>, V> {
    let entries = map
        .iter()
        .map(|(key, value)| (Wrapping(*key), value.clone()));
    entries.collect()
}

#[test]
fn maps_of_older_files_are_read() {
    let map: BTreeMap<u64, u32> = scattered(3000).map(|key| (key, key as u32)).collect();
    assert_eq!(read_as::<BTreeMap<u64, u32>>(&before(&map)).unwrap(), map);
    let hashed: HashMap<u64, u32> = read_as(&before(&map)).unwrap();
    assert!(dumped(&hashed) == dumped(&map));
    let wider: BTreeMap<u128, i64> = read_as(&before(&map)).unwrap();
    assert!(
        wider
            .iter()
            .map(|(key, it)| (*key as u64, *it as u32))
            .eq(map.clone())
    );
    // The other direction works as well.
    assert!(read_as::<HashMap<Wrapping<u64>, u32>>(&map).unwrap() == before(&map));
    let texts: BTreeMap<u64, String> = scattered(300).map(|key| (key, key.to_string())).collect();
    assert_eq!(
        read_as::<BTreeMap<u64, String>>(&before(&texts)).unwrap(),
        texts
    );
    let set: BTreeSet<Wrapping<i32>> = (-500..500).map(Wrapping).collect();
    let ordered: BTreeSet<i64> = read_as(&set).unwrap();
    assert!(ordered.into_iter().eq(-500..500));
}

#[test]
fn keys_and_values_become_wider() {
    let map: BTreeMap<u8, i16> = (0..=255).map(|key| (key, i16::from(key) - 128)).collect();
    let wider: HashMap<u64, i128> = read_as(&map).unwrap();
    assert!(
        map.iter()
            .all(|(key, value)| wider[&u64::from(*key)] == i128::from(*value))
    );
    let signed: BTreeMap<i32, Option<i64>> = read_as(&map).unwrap();
    assert_eq!(signed[&200], Some(72));
    let named: BTreeMap<Id, Id> = read_as(&BTreeMap::from([(1_u8, 2_u32)])).unwrap();
    assert_eq!(named, [(Id(1), Id(2))].into());
    let message = read_as::<BTreeMap<i8, i16>>(&map).unwrap_err();
    assert_contains(&message, "field `[key]`: the file has u8, i8 was expected");
    let message = read_as::<BTreeMap<u8, u16>>(&map).unwrap_err();
    assert_contains(&message, "field `[]`: the file has i16, u16 was expected");
    let floats: HashMap<u32, f32> = HashMap::from([(1, 0.5), (300, -0.0)]);
    let wider: BTreeMap<u32, f64> = read_as(&floats).unwrap();
    assert_eq!(wider, [(1, 0.5), (300, -0.0)].into());
}

#[test]
fn a_type_with_maps_may_change_its_other_fields() {
    #[derive(Persist)]
    struct First {
        names: HashMap<u32, String>,
        seen: BTreeSet<i64>,
        counts: BTreeMap<String, u16>,
        dropped: BTreeMap<u64, Vec<f64>>,
    }
    #[derive(Persist)]
    struct Later {
        counts: HashMap<String, Option<u64>>,
        #[persist(default)]
        added: HashMap<u8, u8>,
        seen: HashSet<i64>,
        names: BTreeMap<u64, Box<str>>,
    }
    let first = First {
        names: scattered(100)
            .map(|it| (it as u32, it.to_string()))
            .collect(),
        seen: scattered(100).map(|it| it as i64).collect(),
        counts: scattered(100)
            .map(|it| (it.to_string(), it as u16))
            .collect(),
        dropped: scattered(10)
            .map(|it| (it, vec![0.5; 1 + it as usize % 300]))
            .collect(),
    };
    let later: Later = read_as(&first).unwrap();
    assert!(later.seen.iter().copied().collect::<BTreeSet<_>>() == first.seen);
    assert!(
        first
            .names
            .iter()
            .all(|(key, it)| *later.names[&u64::from(*key)] == **it)
    );
    assert!(
        first
            .counts
            .iter()
            .all(|(key, it)| later.counts[key] == Some((*it).into()))
    );
    assert!(later.added.is_empty());
}

#[test]
fn mapped_maps_show_their_values() {
    let map: BTreeMap<i32, Vec<f64>> = (-3..3).map(|key| (key, vec![key.into(); 500])).collect();
    let place = Place::new();
    joblib::dump(
        &(map.clone(), HashMap::from([(7_u64, 1_u64 << 50)])),
        &place.path,
    )
    .unwrap();
    let file = joblib::open::<(BTreeMap<i32, Vec<f64>>, HashMap<u64, u64>)>(&place.path).unwrap();
    let (mapped, numbers) = file.view();
    assert!(mapped.iter().all(|(key, values)| *values == map[key]));
    assert_eq!(numbers[&7], 1 << 50);
    file.check(&mapped[&2][..10]).unwrap();
}
