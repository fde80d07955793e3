//! Worker processes from the user's point of view: initializers, output, replacement,
//! nested calls and failures.

mod maps;

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::SeqCst};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use joblib::backend::{Processes, Threads};
use joblib::parallel::{ErrorKind, WorkerExit};
use joblib::{memoize, parallel};

static STATE: AtomicU64 = AtomicU64::new(1);

#[parallel]
fn set_up() {
    STATE.store(100, SeqCst);
}

#[parallel]
fn refuse() {
    panic!("no such device");
}

#[parallel]
fn with_state(x: u64) -> u64 {
    STATE.load(SeqCst) + x
}

#[parallel]
fn speak(x: u64) -> u64 {
    print!("out {x}");
    eprint!("err {x}");
    x
}

#[parallel]
fn process(_: u64) -> u32 {
    std::process::id()
}

#[parallel]
fn jobs_inside(_: u64) -> (usize, u64) {
    let call = joblib::par(0..64).map(|_| std::thread::current().id());
    let threads: BTreeSet<String> = call
        .batch(1)
        .collect::<Vec<_>>()
        .iter()
        .map(|id| format!("{id:?}"))
        .collect();
    (threads.len(), 0)
}

#[parallel]
fn die(x: u64) -> u64 {
    if x == 3 {
        std::process::abort();
    }
    x
}

#[parallel]
fn stop(x: u64) -> u64 {
    if x == 3 {
        std::thread::sleep(Duration::from_secs(3_600));
    }
    x
}

#[parallel]
fn fail(x: u64) -> u64 {
    assert!(x != 3, "three");
    x
}

#[memoize(dir = "target/test-processes")]
#[parallel]
fn remembered(x: u64) -> u64 {
    x * x
}

#[test]
fn an_initializer_runs_in_each_worker_before_its_tasks() {
    let call = with_state::par(0..20).backend(Processes).n_jobs(2);
    let results: Vec<u64> = call.initializer(set_up::par([()])).collect();
    assert!(results.into_iter().eq(100..120));
    assert_eq!(STATE.load(SeqCst), 1, "not in this process");
}

#[test]
fn an_initializer_on_threads_runs_once_for_each_worker() {
    let runs = Arc::new(AtomicU64::new(0));
    let theirs = Arc::clone(&runs);
    let together = std::sync::Barrier::new(3);
    let call = joblib::par(0..3).map(|_| {
        together.wait();
    });
    let call = call.backend(Threads).n_jobs(3).batch(1);
    let first = move || {
        theirs.fetch_add(1, SeqCst);
    };
    call.initializer(first).for_each(drop);
    assert_eq!(runs.load(SeqCst), 3);
}

#[test]
fn an_initializer_that_panics_is_the_failure_of_the_call() {
    for n_jobs in [1, 3] {
        let call = joblib::par(0..100).map(|x| x).n_jobs(n_jobs);
        let failed = call.initializer(|| panic!("no such device"));
        let error = failed.try_collect::<Vec<i32>>().unwrap_err();
        let text = error.to_string();
        let start = "the initializer panicked at tests/processes.rs:";
        assert!(text.starts_with(start), "{text}");
        assert!(text.ends_with(": no such device"), "{text}");
    }
    let call = with_state::par(0..20).backend(Processes).n_jobs(2);
    let failed = call.initializer(refuse::par([()]));
    let error = failed.try_collect::<Vec<u64>>().unwrap_err();
    assert!(error.to_string().contains("no such device"), "{error}");
}

#[test]
fn a_closure_is_refused_as_an_initializer_of_processes() {
    let call = with_state::par(0..2).backend(Processes);
    let error = call
        .initializer(|| ())
        .try_collect::<Vec<u64>>()
        .unwrap_err();
    assert!(matches!(error.failure(), ErrorKind::InvalidSetting(_)));
    assert!(error.to_string().contains("set_up::par([()])"), "{error}");
}

#[test]
fn output_of_tasks_is_captured_on_request() {
    let caught = Arc::new(Mutex::new(Vec::new()));
    let theirs = Arc::clone(&caught);
    let call = speak::par(0..6).backend(Processes).n_jobs(2);
    let call = call.on_output(move |index, out, err| {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        theirs.lock().unwrap().push((index, text(out), text(err)));
    });
    assert!(call.collect::<Vec<u64>>().into_iter().eq(0..6));
    let mut caught = caught.lock().unwrap().clone();
    caught.sort();
    let expected = (0..6).map(|x| (x, format!("out {x}"), format!("err {x}")));
    assert!(caught.into_iter().eq(expected));
}

#[test]
fn workers_are_replaced_after_the_configured_number_of_tasks() {
    let call = process::par(0..12).backend(Processes).n_jobs(1);
    let processes: Vec<u32> = call.recycle_after(3).collect();
    let different: BTreeSet<u32> = processes.iter().copied().collect();
    assert!(different.len() >= 4, "{processes:?}");
}

#[test]
fn calls_inside_tasks_share_the_cores_of_the_call() {
    let call = jobs_inside::par(0..4).backend(Processes);
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    for (threads, _) in call.n_jobs(cores).collect::<Vec<_>>() {
        assert_eq!(threads, 1);
    }
}

#[test]
fn a_worker_that_dies_fails_only_its_task() {
    let outcomes = die::par(0..40).backend(Processes).n_jobs(2).outcomes();
    for (index, outcome) in outcomes.into_iter().enumerate() {
        match outcome {
            Ok(x) => assert_eq!(x, index as u64),
            Err(error) => {
                assert_eq!((index, error.index()), (3, Some(3)));
                let death = ErrorKind::WorkerDied(WorkerExit::Killed(6));
                assert_eq!(error.failure(), &death);
            }
        }
    }
}

#[test]
fn a_task_that_takes_too_long_is_stopped() {
    let call = stop::par(0..10).backend(Processes).n_jobs(2);
    let outcomes = call.timeout(Duration::from_millis(200)).outcomes();
    assert_eq!(outcomes.iter().filter(|outcome| outcome.is_ok()).count(), 9);
    let error = outcomes[3].as_ref().unwrap_err();
    assert!(matches!(error.failure(), ErrorKind::TimedOut(_)), "{error}");
}

/// Times out at the first `times` attempts; each attempt leaves a file.
#[parallel]
fn hang_at_first((directory, times): (std::path::PathBuf, u32)) -> u32 {
    let begun = |n: &u32| std::fs::File::create_new(directory.join(n.to_string())).is_ok();
    let attempt = (0..).find(begun).unwrap();
    if attempt < times {
        std::thread::sleep(Duration::from_millis(350));
    }
    attempt
}

#[test]
fn retries_count_timed_out_attempts_on_every_backend() {
    for backend in ["sequential", "threads", "processes"] {
        let run = |times, retries| {
            let directory = tempfile::tempdir().unwrap();
            let input = (directory.path().to_owned(), times);
            let call = hang_at_first::par([input]).backend_named(backend).n_jobs(2);
            let call = call.timeout(Duration::from_millis(150)).retries(retries);
            let outcome = call.outcomes().pop().unwrap();
            let attempts = std::fs::read_dir(directory.path()).unwrap().count();
            (outcome.map_err(|error| error.failure().clone()), attempts)
        };
        assert_eq!(run(1, 1), (Ok(1), 2), "{backend}");
        assert_eq!(run(2, 2), (Ok(2), 3), "{backend}");
        let (outcome, attempts) = run(2, 1);
        assert!(matches!(outcome, Err(ErrorKind::TimedOut(_))), "{backend}");
        assert_eq!(attempts, 2, "{backend}");
    }
}

#[test]
fn a_panic_is_returned_with_its_position() {
    let call = fail::par(0..10).backend(Processes).n_jobs(2);
    let error = call.try_collect::<Vec<u64>>().unwrap_err();
    let text = error.to_string();
    assert!(
        text.starts_with("task 3 panicked at tests/processes.rs:"),
        "{text}"
    );
    assert!(text.ends_with(": three"), "{text}");
}

#[test]
fn a_stream_returns_results_in_order_or_in_order_of_completion() {
    let call = || with_state::par(0..500).backend(Processes).n_jobs(2);
    assert!(call().stream().eq(1..501));
    let mut unordered: Vec<(usize, u64)> = call().stream_unordered().collect();
    unordered.sort_unstable();
    assert!(unordered.into_iter().eq((0..500).zip(1..)));
    let mut stream = call().stream();
    assert_eq!(stream.next(), Some(1));
}

#[test]
fn statistics_count_the_work_of_workers() {
    remembered::clear();
    let before = remembered::stats();
    let call = || remembered::par(0..50).backend(Processes).n_jobs(2);
    assert!(
        call()
            .collect::<Vec<u64>>()
            .into_iter()
            .eq((0..50).map(|x| x * x))
    );
    assert_eq!(remembered::stats().misses - before.misses, 50);
    drop(call().collect::<Vec<u64>>());
    assert_eq!(remembered::stats().hits() - before.hits(), 50);
}

#[test]
fn a_deadline_ends_the_call() {
    let call = stop::par(0..10).backend(Processes).n_jobs(2);
    let outcomes = call.deadline(Duration::from_millis(300)).outcomes();
    assert_eq!(outcomes.len(), 10);
    let error = outcomes[3].as_ref().unwrap_err();
    assert!(
        matches!(error.failure(), ErrorKind::DeadlinePassed(_)),
        "{error}"
    );
}

/// True in this process and false in its workers.
static IS_CALLER: AtomicBool = AtomicBool::new(false);

#[memoize(dir = "target/test-processes")]
fn asks_itself(x: u64) -> u64 {
    if IS_CALLER.load(SeqCst) {
        let call = ask::par([x]).backend(Processes).n_jobs(1);
        return call.collect::<Vec<u64>>()[0];
    }
    x + 1
}

#[parallel]
fn ask(x: u64) -> u64 {
    asks_itself(x)
}

#[test]
fn a_task_in_a_worker_does_not_wait_for_its_caller() {
    asks_itself::clear();
    IS_CALLER.store(true, SeqCst);
    assert_eq!(asks_itself(5), 6);
}

#[parallel]
fn echo(bytes: Vec<u8>) -> Vec<u8> {
    bytes
}

#[test]
fn the_limit_of_bytes_in_flight_holds() {
    const EACH: usize = 10_000;
    let (pulled, consumed) = (AtomicU64::new(0), AtomicU64::new(0));
    let inputs = (0..300).map(|_| {
        let ahead = pulled.fetch_add(1, SeqCst) + 1 - consumed.load(SeqCst);
        // One item is about to be handed over by the thread that pulls.
        assert!(ahead <= 7, "{ahead} were ahead");
        vec![0; EACH]
    });
    let call = echo::par(inputs).backend(Processes).n_jobs(2);
    // An argument counts until its result arrives, and the result counts until it is
    // consumed. The fifth item exceeds the limit.
    call.in_flight_bytes(4 * EACH as u64 + 1).for_each(|bytes| {
        assert_eq!(bytes.len(), EACH);
        consumed.fetch_add(1, SeqCst);
    });
    assert_eq!(consumed.into_inner(), 300);
}

#[parallel(shared(numbers))]
fn place_of(_task: u32, numbers: &[f64]) -> (u64, f64) {
    let inode = map_of(numbers.as_ptr() as usize);
    (inode, numbers.iter().sum())
}

/// Returns the inode of the file that is mapped at `address`.
fn map_of(address: usize) -> u64 {
    maps::words_of(address)[4].parse().unwrap()
}

#[test]
fn shared_numbers_are_the_same_memory_in_every_worker_and_every_call() {
    let numbers: Vec<f64> = (0..1 << 18).map(f64::from).collect();
    let shared = joblib::Shared::from_slice(&numbers).unwrap();
    let own = map_of(shared.as_ptr() as usize);
    for _ in 0..2 {
        let places: Vec<_> = place_of::par(0..8, &shared)
            .backend(Processes)
            .n_jobs(2)
            .collect();
        assert_eq!(places, [(own, numbers.iter().sum()); 8]);
    }
    // Each call copies any other slice into memory of its own.
    let places: Vec<_> = place_of::par(0..1, &numbers).backend(Processes).collect();
    assert_ne!(places[0].0, own);
}

#[parallel]
fn sum_of(numbers: &[f64]) -> (u64, f64) {
    (map_of(numbers.as_ptr() as usize), numbers.iter().sum())
}

#[test]
fn slices_of_shared_numbers_are_sent_by_their_location_as_arguments_too() {
    let shared = joblib::Shared::filled(1 << 19, |numbers| numbers.fill(0.5)).unwrap();
    let own = map_of(shared.as_ptr() as usize);
    let (first, second) = shared.split_at(1 << 18);
    let sums: Vec<_> = sum_of::par([first, second])
        .backend(Processes)
        .n_jobs(2)
        .collect();
    assert_eq!(sums, [(own, f64::from(1 << 17)); 2]);
}

/// Is sent through `Persist`, because serde does not support its arrays.
#[derive(Clone, Debug, PartialEq, joblib::Persist, serde::Serialize, serde::Deserialize)]
struct Model {
    weights: Vec<f64>,
    #[serde(skip)]
    unseen_by_serde: Vec<u32>,
    name: String,
}

fn a_model(size: usize) -> Model {
    Model {
        weights: vec![0.5; size],
        unseen_by_serde: vec![7; size],
        name: size.to_string(),
    }
}

#[parallel(shared(base))]
fn grown(model: Model, base: &Model) -> Result<Model, String> {
    let weights = model.weights.iter().chain(&base.weights);
    Ok(Model {
        weights: weights.copied().collect(),
        ..model
    })
}

#[test]
fn persist_values_are_sent_through_persist() {
    let base = a_model(300_000);
    for size in [0, 3, 1000, 300_000] {
        let grown: Vec<_> = grown::par([a_model(size)], &base)
            .backend(Processes)
            .collect();
        let grown = grown[0].as_ref().unwrap();
        assert_eq!(grown.weights.len(), size + 300_000);
        assert_eq!(grown.name, size.to_string());
        assert_eq!(grown.unseen_by_serde.len(), size);
    }
}
