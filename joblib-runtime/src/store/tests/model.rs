//! Random operations on two stores in one directory, compared with a map.

use std::collections::HashMap;

use proptest::prelude::*;

use super::*;

#[derive(Clone, Debug)]
enum Step {
    Put { id: u64, len: usize },
    Forget(u64),
    ForgetFunction(u64),
    Clear,
    Reopen,
    Compact,
    Sync,
}

fn step() -> impl Strategy<Value = Step> {
    let len = prop_oneof![8 => 0..300usize, 1 => BIG..BIG + 2];
    prop_oneof![
        10 => (0..20u64, len).prop_map(|(id, len)| Step::Put { id, len }),
        3 => (0..20u64).prop_map(Step::Forget),
        1 => (1..4u64).prop_map(Step::ForgetFunction),
        1 => Just(Step::Clear),
        2 => Just(Step::Reopen),
        1 => Just(Step::Compact),
        1 => Just(Step::Sync),
    ]
}

type Model = HashMap<u64, Vec<u8>>;

/// Returns the function of an entry; a key includes its function, so it is unique.
fn function_of(id: u64) -> u64 {
    1 + id % 3
}

fn apply(step: &Step, store: &mut Store, dir: &std::path::Path, model: &mut Model, byte: u8) {
    match *step {
        Step::Put { id: n, len } => {
            let payload = vec![byte; len];
            store.put(id(n), &meta(function_of(n)), &payload).unwrap();
            model.insert(n, payload);
        }
        Step::Forget(n) => {
            assert_eq!(store.forget(id(n)).unwrap(), model.remove(&n).is_some());
        }
        Step::ForgetFunction(function) => {
            store.forget_function(function).unwrap();
            model.retain(|n, _| function_of(*n) != function);
        }
        Step::Clear => {
            store.clear().unwrap();
            model.clear();
        }
        Step::Reopen => *store = open(dir),
        Step::Compact => assert_eq!(store.reduce(&Limits::default()).unwrap().items, 0),
        Step::Sync => store.sync().unwrap(),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn two_stores_agree_with_a_map(steps in prop::collection::vec((any::<bool>(), step()), 1..60)) {
        let dir = tempfile::tempdir().unwrap();
        let mut stores = [open(dir.path()), open(dir.path())];
        let mut model = Model::new();
        for ((second, step), byte) in steps.iter().zip(0..) {
            apply(step, &mut stores[usize::from(*second)], dir.path(), &mut model, byte);
        }
        for store in stores.iter().chain([&open(dir.path())]) {
            for n in 0..20 {
                let expected = model.get(&n).cloned();
                prop_assert_eq!(payload(store, n), expected, "entry {}", n);
            }
            prop_assert_eq!(store.entries().unwrap().len(), model.len());
            prop_assert!(store.verify().unwrap().damaged.is_empty());
            prop_assert!(store.take_faults().is_empty());
        }
    }
}
