//! Results with `Persist` are stored as such: with it alone, in an `Ok`, and
//! mapped.

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
