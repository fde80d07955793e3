//! Backends chosen at run time: types that can be sent run in processes, and all others
//! fail with a message.

use std::fmt::Debug;
use std::rc::Rc;

use joblib::backend::{BackendKind, Processes};
use joblib::{config, parallel};
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Point(f32);

#[parallel(instantiate(u8, Point, String))]
fn place<T: Clone + Debug>(_: T) -> u32 {
    std::process::id()
}

#[parallel(instantiate(u16))]
fn place_too<T: Clone + Debug>(_: T) -> u32 {
    std::process::id()
}

#[parallel(instantiate((u8, 2), (u8, 3)), shared(all))]
fn sized<'a, 'b: 'a, T, const N: usize>(_: [T; N], _one: &'a T, all: &'b [T]) -> (u32, usize) {
    (std::process::id(), all.len())
}

#[parallel]
fn without_list<T: Debug>(_: T) -> u32 {
    std::process::id()
}

#[parallel]
fn of_implementation(_: impl Debug) -> u32 {
    std::process::id()
}

struct Local(#[allow(dead_code, reason = "never read")] u8);

#[parallel]
fn takes_local(x: u8, _local: Local) -> u8 {
    x
}

#[parallel]
fn gives_local(x: u8) -> Local {
    Local(x)
}

#[parallel(shared(names))]
fn borrows(x: usize, names: &[&str]) -> usize {
    names[x].len()
}

struct Of<T>(T);

impl<T: Clone + Into<u64>> Of<T> {
    #[parallel]
    fn value(&self, x: u64) -> u64 {
        self.0.clone().into() + x
    }
}

/// Returns the outcome of `call` for each way to choose processes at run time.
fn by_every_choice<T>(call: impl Fn() -> Result<T, String>) -> [Result<T, String>; 2] {
    [
        config().backend(Processes).scope(&call),
        config().backend_named("processes").scope(&call),
    ]
}

macro_rules! outcomes {
    ($call:expr) => {{
        let all = |outcome: Result<Vec<_>, joblib::parallel::Error>| {
            outcome.map_err(|error| error.to_string())
        };
        let mut outcomes = Vec::from(by_every_choice(|| all($call.try_collect())));
        outcomes.push(all($call.backend_named("processes").try_collect()));
        outcomes.push(all($call.backend(BackendKind::Processes).try_collect()));
        outcomes
    }};
}

macro_rules! refusals {
    ($call:expr) => {
        outcomes!($call).into_iter().map(|outcome| match outcome {
            Err(text) => {
                assert!(text.ends_with("run on `threads`"), "{text}");
                assert!(text.starts_with("backend = processes (set "), "{text}");
                text
            }
            Ok(_) => panic!("it ran"),
        })
    };
}

#[test]
fn a_listed_instance_runs_in_processes() {
    let here = std::process::id();
    let outcomes = [
        outcomes!(place::par([1_u8])),
        outcomes!(place::par([Point(1.0)])),
        outcomes!(place::par(["text".to_owned()])),
        outcomes!(place_too::par([1_u16])),
    ];
    for outcome in outcomes.into_iter().flatten() {
        assert!(outcome.unwrap().iter().all(|process| *process != here));
    }
}

#[test]
fn arguments_of_a_listed_instance_may_be_borrowed() {
    let here = std::process::id();
    let (one, all) = (1_u8, [1, 2, 3, 4]);
    for outcome in outcomes!(sized::par([([1, 2], &one)], &all)) {
        let (process, count) = outcome.unwrap()[0];
        assert_ne!(process, here);
        assert_eq!(count, 4);
    }
}

#[test]
fn an_instance_that_is_not_listed_is_refused_with_the_attribute_to_write() {
    for text in refusals!(place::par([1_u16])) {
        assert!(text.contains("`place::<u16>`"), "{text}");
        assert!(text.contains("`#[parallel(instantiate(u16))]`"), "{text}");
    }
    for text in refusals!(place_too::par([1_u8])) {
        assert!(text.contains("`place_too::<u8>`"), "{text}");
    }
    let (one, all) = (1, [1]);
    for text in refusals!(sized::par([([1, 2, 3, 4], &one)], &all)) {
        assert!(text.contains("`sized::<i32, 4>`"), "{text}");
        assert!(text.contains("instantiate((i32, 4))"), "{text}");
    }
    for text in refusals!(without_list::par([vec!["x".to_owned()]])) {
        assert!(text.contains("instantiate(Vec<String>)"), "{text}");
    }
    for text in refusals!(of_implementation::par([1])) {
        assert!(
            text.contains("`of_implementation`, whose argument is `impl Trait`"),
            "{text}"
        );
    }
}

#[test]
fn other_instances_run_where_processes_were_not_chosen() {
    let here = std::process::id();
    assert_eq!(place::par([1_u16]).collect::<Vec<_>>(), [here]);
    assert_eq!(without_list::par(["x"]).collect::<Vec<_>>(), [here]);
    let alone = place::par([Rc::new(1)]).backend(joblib::backend::Sequential);
    assert_eq!(alone.collect::<Vec<_>>(), [here]);
}

#[test]
fn a_type_that_cannot_be_sent_is_named() {
    for text in refusals!(takes_local::par([(1, Local(1))])) {
        assert!(
            text.contains(
                "`takes_local`, whose argument `_local` is a `parallel_macro::dynamic_backend::Local`"
            ),
            "{text}"
        );
    }
    for text in refusals!(gives_local::par([1])) {
        assert!(
            text.contains("`gives_local`, whose result is a `"),
            "{text}"
        );
    }
    for text in refusals!(borrows::par([0], &["x"])) {
        assert!(
            text.contains("`borrows`, whose argument `names` borrows"),
            "{text}"
        );
    }
    for text in refusals!(Of(1_u8).value_par([0])) {
        assert!(
            text.contains("`value`, a method of a generic type"),
            "{text}"
        );
    }
}

#[test]
fn tasks_run_in_processes_with_and_without_captures() {
    let here = std::process::id();
    let text = "abc".to_owned();
    let bare = || joblib::task!(|_: u8| (std::process::id(), 3_usize));
    let capturing = || joblib::task!([text: &str = &text] |_: u8| (std::process::id(), text.len()));
    let owning = || {
        joblib::task!([text: String = text.clone(), n: usize = 0]
            |_: u8| (std::process::id(), text.len() + n))
    };
    let outcomes = [
        outcomes!(joblib::par([0]).map(bare())),
        outcomes!(joblib::par([0]).map(capturing())),
        outcomes!(joblib::par([0]).map(owning())),
    ];
    for outcome in outcomes.into_iter().flatten() {
        let (process, length) = outcome.unwrap()[0];
        assert_ne!(process, here);
        assert_eq!(length, 3);
    }
}

#[test]
fn streams_follow_the_choice() {
    let here = std::process::id();
    let _guard = config().backend(Processes).enter();
    let process = |process: Option<u32>| process.is_some_and(|it| it != here);
    assert!(process(place::par([1_u8]).stream().next()));
    let task = joblib::task!([n: u32 = 0] |x: u32| std::process::id() + n * x);
    assert!(process(joblib::par([1]).map(task).stream().next()));
    let mut refused = place::par([1_u16]).stream().outcomes();
    assert!(refused.next().unwrap().is_err());
    assert!(refused.next().is_none());
}

#[test]
fn a_capture_that_cannot_be_encoded_is_the_failure_of_the_call() {
    let task = || {
        joblib::task!([stubborn: Stubborn = Stubborn] |x: u8| -> u8 {
            let _ = &stubborn;
            x
        })
    };
    for outcome in outcomes!(joblib::par([1]).map(task())) {
        let text = outcome.unwrap_err();
        assert!(text.contains("could not be transferred"), "{text}");
        assert!(text.contains("not today"), "{text}");
    }
}

#[derive(Clone, Deserialize)]
struct Stubborn;

impl Serialize for Stubborn {
    fn serialize<S: serde::Serializer>(&self, _: S) -> Result<S::Ok, S::Error> {
        // Runs a parallel call while the value is being serialized for another one.
        let task = joblib::task!([n: u8 = 1] |x: u8| x + n);
        let inner: Vec<u8> = joblib::par([1])
            .map(task)
            .backend_named("processes")
            .collect();
        assert_eq!(inner, [2]);
        Err(serde::ser::Error::custom("not today"))
    }
}
