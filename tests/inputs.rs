//! Inputs without an end, and inputs that panic at unexpected points.

mod in_time;

use std::time::Duration;

use joblib::parallel;
use joblib::parallel::{Error, ErrorKind};

use self::in_time::in_time;

const BACKENDS: [&str; 4] = ["sequential", "threads", "processes", "rayon"];

#[parallel]
fn next(x: u64) -> u64 {
    x + 1
}

fn failure(outcome: Option<Result<u64, Error>>) -> ErrorKind {
    outcome.unwrap().unwrap_err().failure().clone()
}

/// An input that returns an item now and then, without end.
fn ticks() -> impl Iterator<Item = u64> + Send {
    std::iter::from_fn(|| {
        std::thread::sleep(Duration::from_millis(20));
        Some(0)
    })
}

#[test]
fn a_deadline_ends_a_call_whose_input_has_no_end() {
    let limit = Duration::from_millis(300);
    let late = move |outcome: Option<Result<u64, Error>>, backend| {
        let ended = failure(outcome);
        assert_eq!(ended, ErrorKind::DeadlinePassed(limit), "{backend}");
    };
    let all = BACKENDS.map(|backend| {
        let ends = move || {
            let call = || next::par(ticks()).n_jobs(2).backend_named(backend);
            let mut outcomes = call().deadline(limit).outcomes();
            late(outcomes.pop(), backend);
            assert!(outcomes.len() > 1, "{backend}");
            late(call().deadline(limit).stream().outcomes().last(), backend);
            let counted = next::par(0..).n_jobs(2).backend_named(backend);
            late(counted.deadline(limit).stream().outcomes().last(), backend);
            let repeated = next::par(std::iter::repeat(1)).backend_named(backend);
            let unordered = repeated.n_jobs(2).deadline(limit).stream_unordered();
            late(unordered.outcomes().last().map(|it| it.1), backend);
        };
        std::thread::spawn(move || in_time(ends))
    });
    all.into_iter().for_each(|thread| thread.join().unwrap());
}

#[test]
fn every_item_of_a_finite_input_has_an_outcome_after_the_deadline() {
    for backend in BACKENDS {
        let call = next::par(0..1000).n_jobs(2).backend_named(backend);
        let outcomes = call.deadline(Duration::ZERO).outcomes();
        assert_eq!(outcomes.len(), 1000, "{backend}");
    }
}

/// Ten items. Panics in `size_hint` after some number of items, or when it is dropped.
struct Sore {
    given: u64,
    has_no_hint_after: u64,
    is_dropped_well: bool,
}

impl Iterator for Sore {
    type Item = u64;

    fn next(&mut self) -> Option<u64> {
        self.given += u64::from(self.given < 11);
        (self.given < 11).then_some(self.given)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        assert_ne!(self.given, self.has_no_hint_after, "no hint");
        (0, None)
    }
}

impl Drop for Sore {
    fn drop(&mut self) {
        assert!(self.is_dropped_well || std::thread::panicking(), "not well");
    }
}

#[test]
fn an_input_whose_size_hint_panics_loses_no_results() {
    for backend in BACKENDS {
        for has_no_hint_after in [1, 3, 10] {
            let sore = || Sore {
                given: 0,
                has_no_hint_after,
                is_dropped_well: true,
            };
            let call = || next::par(sore()).n_jobs(2).backend_named(backend);
            let expected: Vec<u64> = (2..12).collect();
            let results = |outcomes: Vec<Result<u64, Error>>| -> Vec<u64> {
                outcomes.into_iter().map(Result::unwrap).collect()
            };
            assert_eq!(results(call().outcomes()), expected, "{backend}");
            assert_eq!(call().stream().collect::<Vec<_>>(), expected, "{backend}");
            let unordered = call().stream_unordered().count();
            assert_eq!(unordered, 10, "{backend}");
        }
    }
}

#[test]
fn an_input_whose_drop_panics_is_reported_last() {
    for backend in BACKENDS {
        in_time(move || {
            let sore = || Sore {
                given: 0,
                has_no_hint_after: u64::MAX,
                is_dropped_well: false,
            };
            let call = || next::par(sore()).n_jobs(2).backend_named(backend);
            let panics_last = |mut outcomes: Vec<Result<u64, Error>>| {
                let last = failure(outcomes.pop());
                assert!(matches!(last, ErrorKind::InputPanicked(_)), "{backend}");
                assert_eq!(outcomes.iter().flatten().count(), 10, "{backend}");
            };
            panics_last(call().outcomes());
            panics_last(call().stream().outcomes().collect());
            let error = call().try_collect::<Vec<u64>>().unwrap_err();
            assert!(error.to_string().contains("not well"), "{error}");
            assert_eq!(call().stream().next(), Some(2), "{backend}");
        });
    }
}

/// An argument that cannot be sent to another process if it is odd.
struct Even(u64);

impl serde::Serialize for Even {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 % 2 {
            0 => serializer.serialize_u64(self.0),
            _ => Err(serde::ser::Error::custom("odd")),
        }
    }
}

impl<'de> serde::Deserialize<'de> for Even {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Even, D::Error> {
        u64::deserialize(deserializer).map(Even)
    }
}

#[parallel]
fn half(x: Even) -> u64 {
    x.0 / 2
}

/// Returns whether the outcomes of the arguments from 1 on are as expected.
fn is_right(outcomes: impl IntoIterator<Item = Result<u64, Error>>, count: usize) -> bool {
    let outcomes: Vec<_> = outcomes.into_iter().collect();
    let is_one = |(x, outcome): (u64, &Result<u64, Error>)| match outcome {
        Ok(half) => x % 2 == 0 && *half == x / 2,
        Err(error) => x % 2 == 1 && matches!(error.failure(), ErrorKind::Transport(_)),
    };
    outcomes.len() == count && (1..).zip(&outcomes).all(is_one)
}

#[test]
fn only_arguments_that_cannot_be_sent_fail() {
    for ahead in [1, 2, 100] {
        in_time(move || {
            let call = |inputs: Box<dyn Iterator<Item = Even> + Send>| {
                let call = half::par(inputs).n_jobs(2).backend_named("processes");
                call.pre_dispatch(ahead)
            };
            let counted = || half::par((1..=20).map(Even)).backend_named("processes");
            let apart = || Box::new((1..=20).map(Even));
            assert!(is_right(counted().outcomes(), 20));
            assert!(is_right(
                counted().pre_dispatch(ahead).stream().outcomes(),
                20
            ));
            assert!(is_right(call(apart()).stream().outcomes(), 20));
            assert!(is_right(call(apart()).outcomes(), 20));
        });
    }
}

#[test]
fn a_send_failure_is_delivered_while_the_input_waits_for_it() {
    in_time(|| {
        let (answer, answered) = std::sync::mpsc::channel();
        let inputs = (1..=6).map(move |x| {
            if x > 1 {
                answered.recv().unwrap();
            }
            Even(x)
        });
        let call = half::par(Box::new(inputs) as Box<dyn Iterator<Item = Even> + Send>);
        let outcomes = call
            .n_jobs(2)
            .backend_named("processes")
            .stream()
            .outcomes();
        // The last answer has no receiver.
        let outcomes = outcomes.inspect(|_| {
            let _ = answer.send(());
        });
        assert!(is_right(outcomes, 6));
    });
}
