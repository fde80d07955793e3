//! Names of the user's types and modules that the runtime has as well.

use joblib::backend::Processes;
use joblib::{Persist, parallel};
use serde::{Deserialize, Serialize};

/// Only `Persist` restores the complete value.
#[derive(Persist, Serialize, Deserialize)]
struct InMessage {
    #[serde(skip)]
    numbers: Vec<f64>,
}

#[parallel]
fn len(message: InMessage) -> usize {
    message.numbers.len()
}

#[derive(Serialize, Deserialize)]
struct Probe(u32);

#[parallel]
fn probed(probe: Probe) -> Vec<Probe> {
    vec![probe]
}

mod transport {
    #[derive(serde::Serialize, serde::Deserialize)]
    pub(super) struct Car(pub(super) u32);
}

#[parallel]
fn drive(car: transport::Car) -> u32 {
    car.0
}

/// Methods that every value has.
#[allow(dead_code, reason = "only the names of the methods matter")]
trait Everything {
    fn part(&self) {}
    fn encoding(&self) {}
    fn equality(&self) {}
    fn probe(self)
    where
        Self: Sized,
    {
    }
    fn vtable(&self) {}
    fn open(&self) {}
    fn iter(&self) {}
    fn sum(&mut self) {}
    fn end(&mut self) {}
    fn stored(&self) {}
    fn codec(&self) {}
    fn feed_argument(&self) {}
    fn feed_type_of(&self) {}
}

impl<T> Everything for T {}

#[parallel]
fn joined(text: String, number: u32) -> String {
    format!("{text}{number}")
}

#[joblib::memoize(dir = "target/test-parallel-macro")]
fn size_of_any<T: joblib::Key>(values: Vec<T>) -> Vec<usize> {
    vec![size_of::<T>() * values.len()]
}

#[joblib::memoize(dir = "target/test-parallel-macro")]
fn stored(text: String) -> Vec<String> {
    vec![text]
}

#[test]
fn a_method_that_every_value_has_is_not_called() {
    let text = joined::par([("a".to_owned(), 1)])
        .backend(Processes)
        .n_jobs(1);
    assert_eq!(text.collect::<Vec<_>>(), ["a1"]);
    let offset = 2;
    let sums = joblib::par([1]).map(joblib::task!([offset: u32] |x: u32| x + offset));
    let sums: Vec<u32> = sums.backend(Processes).n_jobs(1).collect();
    assert_eq!(sums, [3]);
    assert_eq!(size_of_any(vec![1_u32, 2]), [8]);
}

#[test]
fn a_type_called_like_a_purpose_of_the_runtime_keeps_its_encoding() {
    let message = InMessage {
        numbers: vec![1.0, 2.0],
    };
    let lengths: Vec<usize> = len::par([message]).backend(Processes).n_jobs(1).collect();
    assert_eq!(lengths, [2]);
}

#[test]
fn names_of_the_runtime_may_be_names_of_the_user() {
    let probes: Vec<Vec<Probe>> = probed::par([Probe(7)])
        .backend(Processes)
        .n_jobs(1)
        .collect();
    assert_eq!(probes[0][0].0, 7);
    let driven: Vec<u32> = drive::par([transport::Car(3)])
        .backend(Processes)
        .n_jobs(1)
        .collect();
    assert_eq!(driven, [3]);
    assert_eq!(stored("a".to_owned()), ["a"]);
}

/// What an expression of a key names.
struct KeyProbe;

impl KeyProbe {
    const KEY: u64 = 5;
}

#[joblib::memoize(dir = "target/test-parallel-macro", key(x = KeyProbe::KEY + x % 2))]
fn parity(x: u64) -> bool {
    x % 2 == 0
}

#[test]
fn expressions_of_keys_see_the_types_of_the_user() {
    assert!(parity(2));
    assert!(parity::check(4) && parity(4));
    assert!(!parity(3));
}

#[parallel]
fn inputs(seed: u64) -> u64 {
    seed * 2
}

mod constants {
    use joblib::{Key, Memory, memoize, parallel};

    #[allow(
        non_upper_case_globals,
        reason = "the name is that of a parameter of `par`"
    )]
    static inputs: u64 = 3;
    #[allow(non_upper_case_globals, reason = "the name is that of an option")]
    static memory: Memory = Memory::new("target/test-parallel-macro");
    static SITE: Memory = Memory::new("target/test-parallel-macro");

    #[parallel]
    pub(super) fn shifted(x: u64) -> u64 {
        x + inputs
    }

    #[memoize(memory = memory)]
    pub(super) fn doubled(x: u64) -> u64 {
        x * 2
    }

    #[memoize(memory = SITE)]
    pub(super) fn halved(x: u64) -> Vec<u64> {
        vec![x / 2]
    }

    #[derive(Key)]
    pub(super) struct Row<const DECLARED: usize>(pub(super) [u8; DECLARED]);

    #[memoize(memory = SITE)]
    pub(super) fn first<const SITE: usize>(row: &Row<SITE>) -> u64 {
        u64::from(row.0[0])
    }
}

#[test]
fn a_function_or_a_constant_may_have_the_name_of_a_generated_variable() {
    assert_eq!(inputs::par([1, 2]).collect::<Vec<_>>(), [2, 4]);
    assert_eq!(constants::shifted::par([1]).collect::<Vec<_>>(), [4]);
    assert_eq!(constants::doubled(2), 4);
    assert_eq!(constants::halved(2), [1]);
    assert_eq!(constants::first(&constants::Row([7, 8])), 7);
}

mod types {
    use std::rc::Rc;

    use joblib::{Key, memoize};

    #[allow(non_camel_case_types, reason = "as in bindings of C")]
    type bool = u8;
    #[allow(non_camel_case_types, reason = "as in bindings of C")]
    type u64 = i64;

    #[derive(Clone, Key)]
    pub(super) struct String(pub(super) Rc<str>);

    /// Has no interior mutability.
    #[derive(Key)]
    pub(super) struct Cell(pub(super) usize);

    #[memoize(dir = "target/test-parallel-macro")]
    pub(super) fn column(cell: &Cell) -> usize {
        cell.0 % 8
    }

    #[memoize(dir = "target/test-parallel-macro")]
    pub(super) fn len(text: String) -> usize {
        text.0.len()
    }

    #[memoize(dir = "target/test-parallel-macro", version = 2)]
    pub(super) fn is_set(x: u64) -> bool {
        bool::from(x > 0)
    }

    #[memoize(dir = "target/test-parallel-macro", version = 2)]
    pub(super) fn is_set_generic<T: Key>(_value: T) -> Vec<bool> {
        vec![1]
    }
}

#[test]
fn a_type_may_have_the_name_of_a_standard_type() {
    assert_eq!(types::column(&types::Cell(9)), 1);
    assert_eq!(types::len(types::String("abc".into())), 3);
    assert_eq!(types::is_set(1), 1);
    assert_eq!(types::is_set_generic('a'), [1]);
    assert!(types::is_set_generic::check('a'));
}
