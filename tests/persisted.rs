//! Results that implement `Persist` are stored through it: without serde, in an `Ok`, and
//! mapped.

mod maps;

use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};

use joblib::{Memory, Persist, memoize};

static CALLS: AtomicUsize = AtomicUsize::new(0);

#[derive(Clone, Debug, PartialEq, Persist)]
struct Model {
    weights: Vec<f64>,
    name: String,
    layers: Vec<Layer>,
}

#[derive(Clone, Debug, PartialEq, Persist)]
enum Layer {
    Dense(Vec<f32>),
    Dropout { rate: f64 },
}

fn model(size: usize) -> Model {
    CALLS.fetch_add(1, SeqCst);
    Model {
        weights: (0..size).map(|it| it as f64).collect(),
        name: size.to_string(),
        layers: vec![Layer::Dense(vec![0.5; size]), Layer::Dropout { rate: 0.1 }],
    }
}

static MEMORY: Memory = Memory::new(concat!(env!("CARGO_TARGET_TMPDIR"), "/persisted"));

#[memoize(memory = MEMORY, memory_tier = false)]
fn plain(size: usize) -> Model {
    model(size)
}

#[memoize(memory = MEMORY, memory_tier = false, mmap)]
fn mapped(size: usize) -> Result<Model, String> {
    match size {
        0 => Err("none".to_owned()),
        size => Ok(model(size)),
    }
}

#[memoize(memory = MEMORY, memory_tier = false, cache_if = is_long, compress = "zstd:1")]
fn conditional(size: usize) -> Vec<f64> {
    model(size).weights
}

#[allow(
    clippy::ptr_arg,
    reason = "a condition takes a reference of the result"
)]
fn is_long(weights: &Vec<f64>) -> bool {
    weights.len() > 10
}

#[test]
fn a_model_is_computed_once_and_read_back() {
    MEMORY.clear().unwrap();
    let before = CALLS.load(SeqCst);
    for size in [0, 3, 1000, 100_000] {
        let first = plain(size);
        assert_eq!(plain(size), first);
        assert_eq!(plain::shelve(size).get().unwrap(), first);
        assert!(plain::check(size));
    }
    assert_eq!(CALLS.load(SeqCst) - before, 4);
    for size in [1, 100_000] {
        assert_eq!(mapped(size), mapped(size));
        assert!(mapped::check(size));
    }
    assert!(mapped(0).is_err());
    assert!(!mapped::check(0));
    assert_eq!(conditional(100_000), conditional(100_000));
    assert!(conditional::check(100_000));
    conditional(3);
    assert!(!conditional::check(3));
    assert!(MEMORY.verify().unwrap().damaged.is_empty());
}

#[derive(Clone, Persist)]
struct Table {
    name: String,
    columns: Vec<joblib::Shared<f64>>,
    few: joblib::Shared<u8>,
}

#[memoize(memory = MEMORY, mmap)]
fn table(size: usize) -> Table {
    let column = |n: usize| joblib::Shared::filled(size, |column| column.fill(n as f64));
    Table {
        name: "t".to_owned(),
        columns: (0..3).map(|n| column(n).unwrap()).collect(),
        few: joblib::Shared::from_slice(&[1, 2, 3]).unwrap(),
    }
}

/// Returns the path of the file that is mapped at `address`.
fn path_at(address: usize) -> String {
    maps::words_of(address).pop().unwrap()
}

#[test]
fn shared_arrays_of_a_mapped_hit_point_into_the_cache() {
    for size in [5, 100_000] {
        table::forget(size);
        let first = table(size);
        let hit = table(size);
        assert_eq!(hit.name, first.name);
        assert_eq!(*hit.few, [1, 2, 3]);
        for (n, column) in hit.columns.iter().enumerate() {
            assert_eq!(**column, vec![n as f64; size]);
        }
    }
    let hit = table(100_000);
    for column in &hit.columns {
        let path = path_at(column.as_ptr() as usize);
        assert!(path.contains("/persisted/"), "{path}");
    }
    // The arrays stay valid after the entry is removed.
    table::forget(100_000);
    assert_eq!(hit.columns[2][99_999], 2.0);
}

#[derive(Clone, Debug, PartialEq, Persist)]
struct Described {
    weights: Vec<f64>,
    #[persist(serde)]
    meta: serde_json::Value,
    #[persist(serde)]
    left_out: Vec<LeftOut>,
}

#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
struct LeftOut {
    #[serde(skip_serializing_if = "Option::is_none", default)]
    some: Option<u8>,
    last: u8,
}

static DESCRIBED: AtomicUsize = AtomicUsize::new(0);

#[memoize(memory = MEMORY, memory_tier = false)]
fn described(size: usize) -> Described {
    DESCRIBED.fetch_add(1, SeqCst);
    Described {
        weights: vec![0.5; size],
        meta: serde_json::json!({"size": size, "more": [null, 1.5]}),
        left_out: vec![LeftOut {
            some: None,
            last: 1,
        }],
    }
}

#[test]
fn fields_that_need_a_self_describing_encoding_are_stored() {
    described::forget(500);
    let first = described(500);
    assert!(described::check(500));
    assert_eq!(described(500), first);
    assert_eq!(DESCRIBED.load(SeqCst), 1);
}

#[derive(Persist)]
struct Noted {
    numbers: joblib::Shared<u8>,
    #[persist(with = note)]
    note: usize,
}

/// Stores nothing of a note. To read it, decodes another result.
mod note {
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    pub(super) fn serialize<S: Serializer>(_: &usize, serializer: S) -> Result<S::Ok, S::Error> {
        ().serialize(serializer)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<usize, D::Error> {
        <()>::deserialize(from)?;
        let copies = [super::ones(1 << 20), super::ones(1 << 20)];
        Ok(usize::from(copies[0].as_ptr() == copies[1].as_ptr()))
    }
}

#[memoize(memory = MEMORY)]
fn ones(size: usize) -> joblib::Shared<u8> {
    joblib::Shared::from_slice(&vec![1; size]).unwrap()
}

#[memoize(memory = MEMORY, mmap)]
fn noted(size: usize) -> Noted {
    Noted {
        numbers: ones(size),
        note: 0,
    }
}

#[test]
fn a_result_that_is_decoded_while_another_is_mapped_is_a_copy() {
    noted::forget(1 << 20);
    drop(noted(1 << 20));
    let hit = noted(1 << 20);
    let path = path_at(hit.numbers.as_ptr() as usize);
    assert!(path.contains("/persisted/"), "{path}");
    assert_eq!(hit.note, 0, "arrays of the other result are not copied");
}
