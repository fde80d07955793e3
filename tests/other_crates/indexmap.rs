//! Maps and sets of `indexmap`.

use std::hash::{BuildHasherDefault, DefaultHasher};

use indexmap::{IndexMap, IndexSet};
use joblib::Persist;

use super::{Place, as_another, golden, inspected, key, memoized, refused, there_and_back};

type Fast<K, V> = IndexMap<K, V, BuildHasherDefault<DefaultHasher>>;

fn map(keys: &[u32]) -> IndexMap<u32, String> {
    keys.iter().map(|key| (*key, key.to_string())).collect()
}

fn set(values: &[u32]) -> IndexSet<u32> {
    values.iter().copied().collect()
}

#[derive(Debug, PartialEq, Persist)]
struct Table {
    columns: IndexMap<String, Vec<f64>>,
    ids: IndexSet<u64>,
    units: IndexMap<(), ()>,
}

fn table(count: u64) -> Table {
    Table {
        columns: (0..count)
            .rev()
            .map(|it| (it.to_string(), vec![it as f64; 300]))
            .collect(),
        ids: (0..count).rev().collect(),
        units: IndexMap::from([((), ())]),
    }
}

#[test]
fn every_value_comes_back_in_its_order() {
    for count in [0, 1, 3, 1000] {
        let (table, back) = (table(count), there_and_back(&table(count)));
        assert_eq!(back, table);
        assert!(back.columns.keys().eq(table.columns.keys()));
        assert!(back.ids.iter().eq(&table.ids));
    }
    let fast: Fast<u32, u8> = [(3, 1), (1, 2)].into_iter().collect();
    assert!(there_and_back(&fast).keys().eq(&[3, 1]));
}

#[test]
fn a_map_of_a_file_has_views_of_the_values() {
    let place = Place::of(&table(3));
    let file = joblib::open::<Table>(&place.path).unwrap();
    let column: &[f64] = file.view().columns["2"];
    assert_eq!(column, [2.0; 300]);
    assert_eq!(file.view().columns.get_index_of("2"), Some(0));
}

#[test]
fn they_are_arguments_and_results() {
    memoized! {
        IndexMap<u32, String>: map(&[]), map(&[1, 2]), map(&[2, 1]);
        IndexSet<u32>: set(&[]), set(&[1, 2]), set(&[2, 1]);
        Fast<u8, u8>: Fast::default();
    }
}

#[test]
fn the_order_is_part_of_the_key_and_the_hasher_is_not() {
    assert_eq!(map(&[1, 2]), map(&[2, 1]));
    assert_ne!(key(&map(&[1, 2])), key(&map(&[2, 1])));
    assert_ne!(key(&set(&[1, 2])), key(&set(&[2, 1])));
    let fast: Fast<u32, String> = map(&[1, 2]).into_iter().collect();
    assert_eq!(key(&map(&[1, 2])), key(&fast));
    let removed = {
        let mut map = map(&[1, 2, 3]);
        map.shift_remove(&2);
        map
    };
    assert_eq!(key(&removed), key(&map(&[1, 3])));
    assert_ne!(key(&set(&[])), key(&IndexSet::<u8>::new()));
    assert_ne!(key(&set(&[1])), key(&vec![1_u32]));
}

#[test]
fn they_are_read_as_vectors_and_vectors_as_them() {
    let entries = vec![(2_u32, "2".to_owned()), (1, "1".to_owned())];
    assert_eq!(
        as_another::<Vec<(u32, String)>>(&map(&[2, 1])),
        Ok(entries.clone())
    );
    assert!(
        as_another::<IndexMap<u32, String>>(&entries)
            .unwrap()
            .keys()
            .eq(&[2, 1])
    );
    assert_eq!(as_another::<Vec<u32>>(&set(&[2, 1])), Ok(vec![2, 1]));
    assert_eq!(
        as_another::<IndexSet<u64>>(&vec![2_u64, 1]),
        Ok(IndexSet::from([2, 1]))
    );
    assert_eq!(inspected(&set(&[1])), "an array of u32");
    assert_eq!(inspected(&map(&[1])), "a sequence of (u32, text)");
}

#[test]
fn duplicates_are_refused() {
    let twice = vec![(1_u32, "a".to_owned()), (1, "b".to_owned())];
    refused::<IndexMap<u32, String>>(&twice, "duplicate key in a map");
    refused::<IndexSet<u32>>(&vec![1_u32, 2, 1], "duplicate value in a set");
}

#[test]
fn keys_and_files_never_change() {
    golden! {
        map(&[2, 1]) => 0xc24e34788eec2a11c39edf2931c2c3a0, "c67b48135aeb8c685667729e0470228c";
        set(&[2, 1]) => 0x0d94fd07faa2787f5b2a1d360990aafd, "cea10f0874c7372ffbd89f6cb98c146e";
    }
}
