//! Panics of tasks, of initializers and conversions, and of calls: every backend reports
//! the same failure at the same position.

use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};

use joblib::parallel;
use joblib::parallel::{Error, ErrorKind, Panic};

const BACKENDS: [&str; 4] = ["sequential", "threads", "processes", "rayon"];

const LINE_OF_FAIL: u32 = line!() + 4;

#[parallel]
fn fail(x: u64) -> u64 {
    assert!(x != 3, "three of {x}");
    x
}

#[parallel]
fn fail_within(x: u64) -> u64 {
    let inner = fail::par([x, x]).n_jobs(2);
    inner
        .backend(joblib::backend::Threads)
        .reduce(|a, b| a + b)
        .unwrap()
}

#[parallel]
fn refuse() {
    panic!("no such device");
}

#[parallel]
fn stop(_: u64) {
    std::process::abort();
}

/// Panics when it is serialized, or when it is deserialized.
#[derive(Clone)]
struct Trap(u64);

impl serde::Serialize for Trap {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        assert_ne!(self.0, 3, "not to be sent");
        serializer.serialize_u64(self.0)
    }
}

impl<'de> serde::Deserialize<'de> for Trap {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let number = u64::deserialize(deserializer)?;
        assert_ne!(number, 5, "not to be read");
        Ok(Trap(number))
    }
}

#[parallel]
fn unwrapped(trap: Trap) -> u64 {
    trap.0
}

#[parallel]
fn wrapped(x: u64) -> Trap {
    Trap(x)
}

fn panic_of(error: &Error) -> Panic {
    match error.failure() {
        ErrorKind::Panicked(panic) => panic.clone(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_panic_of_a_task_has_its_position_on_every_backend() {
    for backend in BACKENDS {
        for n_jobs in [1, 2] {
            let call = || fail::par(0..6).n_jobs(n_jobs).backend_named(backend);
            let error = call().try_collect::<Vec<_>>().unwrap_err();
            let start = format!("task 3 panicked at tests/panics.rs:{LINE_OF_FAIL}:");
            let text = error.to_string();
            assert!(text.starts_with(&start), "{text} on {backend}");
            assert!(text.ends_with(": three of 3"), "{text} on {backend}");
            let mut streamed = call().stream().outcomes();
            let failed = streamed.find_map(Result::err).unwrap();
            assert_eq!(panic_of(&failed).location, panic_of(&error).location);
        }
    }
}

#[test]
fn a_panic_in_a_nested_call_keeps_its_position() {
    for backend in BACKENDS {
        let call = fail_within::par([1, 3]).n_jobs(2).backend_named(backend);
        let error = call.outcomes().pop().unwrap().unwrap_err();
        let panic = panic_of(&error);
        assert_eq!(panic.message, "three of 3");
        let place = panic.location.unwrap();
        assert!(
            place.starts_with(&format!("tests/panics.rs:{LINE_OF_FAIL}:")),
            "{place}"
        );
    }
}

#[test]
fn a_panic_does_not_get_the_position_of_an_earlier_one() {
    let error = joblib::par([1_u64])
        .map(|_| {
            let _ = std::panic::catch_unwind(|| panic!("caught"));
            std::panic::resume_unwind(Box::new("another".to_owned()));
        })
        .try_collect::<Vec<()>>()
        .unwrap_err();
    let panic = panic_of(&error);
    assert_eq!((panic.message.as_str(), panic.location), ("another", None));
}

/// Set in a child process that replaces its panic hook.
const REPLACES_HOOK: &str = "JOBLIB_TEST_REPLACES_HOOK";

#[test]
fn panics_have_their_position_after_the_program_replaced_its_hook() {
    if std::env::var_os(REPLACES_HOOK).is_none() {
        let name = "panics_have_their_position_after_the_program_replaced_its_hook";
        let mut command = Command::new(std::env::current_exe().unwrap());
        command.args([name, "--exact", "--nocapture"]);
        let output = command.env(REPLACES_HOOK, "1").output().unwrap();
        let text = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
        assert!(output.status.success(), "{text}");
        return;
    }
    static SEEN: AtomicUsize = AtomicUsize::new(0);
    for backend in BACKENDS {
        for round in 0..3 {
            std::panic::set_hook(Box::new(|_| _ = SEEN.fetch_add(1, SeqCst)));
            let call = || fail::par([3]).n_jobs(2).backend_named(backend);
            let of =
                |outcomes: Vec<Result<u64, Error>>| panic_of(outcomes[0].as_ref().unwrap_err());
            // Only this panic may lack its position.
            assert_eq!(of(call().outcomes()).message, "three of 3");
            let place = of(call().outcomes()).location.unwrap();
            let start = format!("tests/panics.rs:{LINE_OF_FAIL}:");
            assert!(
                place.starts_with(&start),
                "{place} on {backend} in round {round}"
            );
        }
    }
    // The hook of the program is called for each panic in this process, and once.
    assert_eq!(SEEN.load(SeqCst), 3 * 3 * 2);
    let _ = std::panic::take_hook();
}

#[test]
fn a_panicking_initializer_ends_the_call_on_every_backend() {
    for backend in BACKENDS {
        let call = || fail::par(10..30).n_jobs(2).backend_named(backend);
        let mut outcomes = call().initializer(refuse::par([()])).outcomes();
        assert_eq!(outcomes.len(), 1, "{backend}");
        let error = outcomes.remove(0).unwrap_err();
        assert_eq!(error.index(), None, "{backend}");
        assert!(
            matches!(error.failure(), ErrorKind::InitializerPanicked(_)),
            "{error} on {backend}"
        );
        let text = error.to_string();
        assert!(
            text.starts_with("the initializer panicked at tests/panics.rs:"),
            "{text}"
        );
        let mut stream = call().initializer(refuse::par([()])).stream().outcomes();
        assert!(stream.next().unwrap().is_err());
        assert!(stream.next().is_none(), "{backend}");
    }
}

#[test]
fn a_panic_in_a_conversion_fails_only_its_task() {
    let call = || {
        unwrapped::par((0..8).map(Trap))
            .n_jobs(2)
            .backend_named("processes")
    };
    let outcomes = call().outcomes();
    assert_eq!(outcomes.len(), 8);
    for (index, outcome) in outcomes.into_iter().enumerate() {
        match (index, outcome) {
            (3, Err(error)) => assert!(error.to_string().contains("not to be sent"), "{error}"),
            (5, Err(error)) => assert!(error.to_string().contains("not to be read"), "{error}"),
            (_, outcome) => assert_eq!(outcome.unwrap(), index as u64),
        }
    }
    let outcomes = wrapped::par(0..8)
        .n_jobs(2)
        .backend_named("processes")
        .outcomes();
    let failed: Vec<_> = (0..8).filter(|index| outcomes[*index].is_err()).collect();
    assert_eq!(failed, [3, 5]);
}

/// Returns a value that cannot be stored.
fn ended_range() -> std::ops::RangeInclusive<u8> {
    let mut range = 0..=0;
    range.next();
    range
}

/// Panics when it is cloned.
struct Once(u64);

impl Clone for Once {
    fn clone(&self) -> Self {
        assert_ne!(self.0, 3, "only once");
        Once(self.0)
    }
}

#[test]
fn a_panic_in_clone_fails_only_its_task() {
    for backend in ["sequential", "threads"] {
        let call = joblib::par((0..6).map(Once)).map(|once| once.0);
        let outcomes = call.backend_named(backend).n_jobs(2).retries(1).outcomes();
        let failed: Vec<_> = (0..6).filter(|index| outcomes[*index].is_err()).collect();
        assert_eq!(failed, [3], "{backend}");
    }
}

/// Set in a child process that panics.
const PANICS: &str = "JOBLIB_TEST_PANICS";

#[test]
fn a_call_panics_at_the_position_of_the_caller() {
    if let Ok(way) = std::env::var(PANICS) {
        let call = || stop::par([1]).backend(joblib::backend::Processes);
        println!("from line {}", line!());
        match way.as_str() {
            "collect" => drop(call().collect::<Vec<_>>()),
            "for_each" => call().for_each(drop),
            "reduce" => drop(call().reduce(|(), ()| ())),
            "next" => drop(call().stream().next()),
            "unordered" => drop(call().stream_unordered().next()),
            "loop" => for () in call().stream() {},
            "stream().collect" => drop(call().stream().collect::<Vec<_>>()),
            "stream().for_each" => call().stream().for_each(drop),
            "stream().fold" => call().stream().fold((), |(), ()| ()),
            "stream().reduce" => drop(call().stream().reduce(|(), ()| ())),
            "stream().count" => drop(call().stream().count()),
            "stream().last" => drop(call().stream().last()),
            "stream().sum" => drop(fail::par([1]).n_jobs(0).stream().sum::<u64>()),
            "stream().product" => drop(fail::par([1]).n_jobs(0).stream().product::<u64>()),
            "unordered().collect" => drop(call().stream_unordered().collect::<Vec<_>>()),
            "cpus" => drop(
                joblib::config()
                    .n_jobs(0)
                    .scope(|| joblib::effective_n_jobs()),
            ),
            "hash" => _ = joblib::hash(&ended_range()),
            "audit" => drop(joblib::Memory::none().audit(2.0)),
            "rng" => drop(joblib::rng()),
            _ => drop(fail::par([1]).n_jobs(0).collect::<Vec<_>>()),
        }
        println!("to line {}", line!());
        return;
    }
    for way in [
        "collect",
        "for_each",
        "reduce",
        "next",
        "unordered",
        "loop",
        "stream().collect",
        "stream().for_each",
        "stream().fold",
        "stream().reduce",
        "stream().count",
        "stream().last",
        "stream().sum",
        "stream().product",
        "unordered().collect",
        "cpus",
        "hash",
        "audit",
        "rng",
        "setting",
    ] {
        let mut command = Command::new(std::env::current_exe().unwrap());
        command.args([
            "a_call_panics_at_the_position_of_the_caller",
            "--exact",
            "--nocapture",
        ]);
        let output = command.env(PANICS, way).output().unwrap();
        let text = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
        let number_after = |start: &str| -> u32 {
            let (_, rest) = text.split_once(start).unwrap_or_else(|| panic!("{text}"));
            let digits = rest.split(|c: char| !c.is_ascii_digit()).next().unwrap();
            digits.parse().unwrap()
        };
        let (from, at) = (
            number_after("from line "),
            number_after("panicked at tests/panics.rs:"),
        );
        assert!((from..from + 27).contains(&at), "{way}: {text}");
    }
}
