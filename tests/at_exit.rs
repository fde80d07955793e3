//! Calls made while a thread or the process ends: from the destructor of a thread local
//! and from a function registered with `atexit`.

use std::cell::RefCell;
use std::process::{Command, ExitStatus};
use std::sync::Mutex;

use joblib::{Memory, memoize, parallel};

#[memoize(dir = "target/test-cache/at-exit")]
fn square(x: u64, run: u64) -> u64 {
    let _ = run;
    x * x
}

#[memoize(dir = "target/test-cache/at-exit")]
fn outer(x: u64, run: u64) -> u64 {
    square(x, run) + square(x + 1, run)
}

#[memoize(dir = "target/test-cache/at-exit", compress = "zstd:3")]
fn packed(x: u64, run: u64) -> Vec<u64> {
    vec![x + run; 20_000]
}

#[memoize(dir = "target/test-cache/at-exit", mmap)]
fn large(x: u64, run: u64) -> Vec<u64> {
    vec![x + run; 20_000]
}

#[memoize(dir = "target/test-cache/at-exit")]
async fn later(x: u64, run: u64) -> u64 {
    square(x, run) + 1
}

#[parallel]
fn half(x: u64) -> u64 {
    x / 2
}

/// An argument that no earlier run of the test has passed.
fn fresh() -> u64 {
    let time = std::time::SystemTime::UNIX_EPOCH.elapsed().unwrap();
    time.as_nanos() as u64
}

/// Makes every kind of call, each once as a miss and once as a hit.
fn everything() -> Vec<u64> {
    let run = fresh();
    let mut results = Vec::new();
    for _ in 0..2 {
        results.push(outer(3, run));
        results.push(large(3, run).iter().map(|x| x - run).sum());
        results.push(packed(3, run).iter().map(|x| x - run).sum());
        results.push(pollster::block_on(later(4, run)));
        results.push(square::shelve(5, run).get().unwrap());
        results.push(square::recompute(5, run));
        results.push(u64::from(square::check(5, run)));
    }
    results.push(u64::from(square::forget(5, run)));
    let _scope = joblib::config().n_jobs(2);
    results.extend(half::par(0..10).collect::<Vec<_>>());
    results.extend(
        half::par(0..10)
            .backend(joblib::backend::Processes)
            .collect::<Vec<_>>(),
    );
    results.extend(
        joblib::par(0..10)
            .map(|x| x + square(x, run))
            .seed(1)
            .collect::<Vec<_>>(),
    );
    let dir = tempfile::tempdir().unwrap();
    let memory = Memory::at(dir.path());
    results.push(memory.cached("third", &9u64, || 9 / 3));
    let path = dir.path().join("values.joblib");
    let values = vec![7.5f64; 1000];
    joblib::Dump::new()
        .compress(joblib::Compress::Zstd(3))
        .to(&path, &values)
        .unwrap();
    results.push(u64::from(
        joblib::load::<Vec<f64>>(&path).unwrap() == values,
    ));
    joblib::dump(&values, &path).unwrap();
    results.push(u64::from(
        *joblib::open::<Vec<f64>>(&path).unwrap().view() == values,
    ));
    results
}

static GIVEN: Mutex<Vec<Vec<u64>>> = Mutex::new(Vec::new());

struct AtEnd;

impl Drop for AtEnd {
    fn drop(&mut self) {
        GIVEN.lock().unwrap().push(everything());
    }
}

thread_local! {
    static FIRST: AtEnd = const { AtEnd };
    static LAST: RefCell<Option<AtEnd>> = const { RefCell::new(None) };
}

#[test]
fn calls_in_thread_local_destructors_work_in_any_order() {
    let expected = everything();
    let given = |work: fn()| {
        std::thread::spawn(work).join().unwrap();
        std::mem::take(&mut *GIVEN.lock().unwrap())
    };
    // `FIRST` is destroyed after everything that the calls stored in the thread.
    let first: fn() = || {
        FIRST.with(|_| ());
        everything();
    };
    let alone: fn() = || FIRST.with(|_| ());
    // `LAST` is destroyed before everything that the calls stored in the thread.
    let last: fn() = || {
        everything();
        LAST.with_borrow_mut(|last| *last = Some(AtEnd));
    };
    for work in [first, alone, last] {
        assert_eq!(given(work), std::slice::from_ref(&expected));
    }
}

/// Set in the child process whose end is under test.
const ENDS: &str = "JOBLIB_TEST_ENDS";

extern "C" fn at_exit() {
    // A panic here aborts the process, which shows in its exit status.
    let results = everything();
    println!("at exit: {results:?}");
}

#[test]
fn calls_in_an_exit_handler_work() {
    if std::env::var_os(ENDS).is_some() {
        FIRST.with(|_| ());
        println!("before: {:?}", everything());
        // SAFETY: the function may be called at any time.
        unsafe { libc::atexit(at_exit) };
        std::process::exit(7);
    }
    let (status, text) = run_again("calls_in_an_exit_handler_work");
    assert_eq!(status.code(), Some(7), "{text}");
    let given = |when: &str| {
        let lines = text.lines();
        let mut found = lines.filter_map(|line| Some(line.split_once(when)?.1.to_owned()));
        found
            .next()
            .unwrap_or_else(|| panic!("{when} is missing: {text}"))
    };
    assert_eq!(given("before: "), given("at exit: "));
}

fn run_again(test: &str) -> (ExitStatus, String) {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args([test, "--exact", "--nocapture", "--test-threads=1"]);
    let output = command.env(ENDS, "1").output().unwrap();
    let text = [output.stdout, output.stderr].concat();
    (output.status, String::from_utf8_lossy(&text).into_owned())
}
