//! How other processes look up a function.

use std::collections::BTreeSet;

use joblib::__private::inventory;
use joblib::__private::task::{Registration, find, named as all_named};
use joblib::__private::wire::{MessageReader, MessageWriter};
use joblib::backend::{Processes, Sequential};
use joblib::parallel;

#[parallel(name = "my own")]
fn named(x: u64) -> u64 {
    x + 1
}

#[parallel(name = "several", instantiate(u8, u16))]
fn several<T: Into<u64>>(x: T) -> u64 {
    x.into()
}

macro_rules! of_one_name {
    ($($function:ident $plus:literal)*) => {$(
        #[parallel(name = "one for several")]
        fn $function(x: u64) -> u64 {
            x + $plus
        }
    )*};
}

of_one_name!(plus_one 1 plus_two 2 plus_three 3);

#[parallel(shared(data))]
fn weigh(x: f64, data: &[f64]) -> Vec<f64> {
    data.iter().map(|y| x * y).collect()
}

fn one() -> Vec<u8> {
    #[parallel]
    fn inner(x: u8) -> u8 {
        x + 1
    }
    inner::par([1]).collect()
}

fn two() -> Vec<u8> {
    #[parallel]
    fn inner(x: u8) -> u8 {
        x + 2
    }
    inner::par([1]).collect()
}

struct Local(std::rc::Rc<u8>);

#[parallel]
fn local(x: u8) -> Local {
    Local(x.into())
}

fn names() -> Vec<&'static str> {
    let mut names: Vec<_> = inventory::iter::<Registration>
        .into_iter()
        .map(|it| it.name)
        .collect();
    names.sort_unstable();
    names
}

#[test]
fn every_function_has_a_name_of_its_own() {
    assert_eq!((one(), two()), (vec![2], vec![3]));
    let all: Vec<_> = inventory::iter::<Registration>.into_iter().collect();
    let keys: BTreeSet<_> = all.iter().map(|known| known.key()).collect();
    assert_eq!(keys.len(), all.len());
    let is_found = |known: &&Registration| find(&known.key()).unwrap().name == known.name;
    assert!(all.iter().all(is_found));
    let names = names();
    let inner = names
        .iter()
        .filter(|name| name.contains("registry::inner at "));
    assert_eq!(inner.count(), 2);
}

#[test]
fn functions_that_have_one_name_run_each_as_itself() {
    let sums = [
        plus_one::par([10]).backend(Processes).collect::<Vec<_>>(),
        plus_two::par([10]).backend(Processes).collect(),
        plus_three::par([10]).backend(Processes).collect(),
    ];
    assert_eq!(sums, [[11], [12], [13]]);
    // They do not affect other functions either.
    assert_eq!(named::par([1]).backend(Processes).collect::<Vec<_>>(), [2]);
}

#[test]
fn a_name_set_by_the_user_is_preserved() {
    for (name, count) in [
        ("my own", 1),
        ("several::<u8>", 1),
        ("several::<u16>", 1),
        ("several::<u32>", 0),
        ("one for several", 3),
    ] {
        assert_eq!(all_named(name).count(), count, "{name}");
    }
}

#[test]
fn a_function_found_by_name_runs() {
    let name = names()
        .into_iter()
        .find(|name| name.contains("registry::weigh at "));
    let registration = all_named(name.unwrap()).next().unwrap();
    assert!(
        registration.schema.contains("shared"),
        "{}",
        registration.schema
    );
    let mut shared = Vec::new();
    let mut writer = MessageWriter::new();
    writer.numbers(&[1.0, 2.0]);
    writer.append_to(&mut shared);
    let opened = (registration.open)(&mut MessageReader::new(shared.leak()));
    let instance = opened.unwrap().unwrap();
    let mut writer = MessageWriter::new();
    writer.value(&3.0).unwrap();
    let mut arguments = Vec::new();
    writer.append_to(&mut arguments);
    let mut answers = Vec::new();
    let mut done = |writer: &MessageWriter<'_>| writer.append_to(&mut answers);
    instance(&mut MessageReader::new(&arguments), &mut done).unwrap();
    let numbers = MessageReader::new(&answers)
        .numbers::<f64>()
        .unwrap()
        .into_vec();
    assert_eq!(numbers, [3.0, 6.0]);
}

#[test]
fn a_function_whose_types_cannot_be_sent_does_not_open() {
    let results: Vec<Local> = local::par([1]).backend(Sequential).collect();
    assert_eq!(results[0].0, std::rc::Rc::new(1));
    let name = names()
        .into_iter()
        .find(|name| name.contains("registry::local at "));
    let registration = all_named(name.unwrap()).next().unwrap();
    assert!((registration.open)(&mut MessageReader::new(&[])).is_none());
}

#[parallel]
fn process(_: u8) -> u32 {
    std::process::id()
}

struct Grid;

impl Grid {
    #[parallel]
    fn process(_: u8) -> u32 {
        std::process::id()
    }
}

#[test]
fn tasks_of_every_kind_run_in_another_process() {
    let here = std::process::id();
    let task = joblib::task!([base: u32 = 1] |x: u8| base * u32::from(x) + std::process::id());
    let processes = [
        process::par([0]).backend(Processes).collect::<Vec<_>>(),
        Grid::process_par([0]).backend(Processes).collect(),
        joblib::par([0_u8]).map(task).backend(Processes).collect(),
    ];
    assert!(
        processes.iter().flatten().all(|process| *process != here),
        "{processes:?}"
    );
    assert_eq!(
        process::par([0]).backend(Sequential).collect::<Vec<_>>(),
        [here]
    );
}
