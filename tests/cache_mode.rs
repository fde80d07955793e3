//! `JOBLIB_RS_CACHE` changes what memoized functions read, compute and store.
//!
//! The calls run in child processes: this test, run again with a directory and the
//! variable in the environment.

use std::panic::catch_unwind;
use std::path::Path;
use std::process::Command;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use joblib::{Memory, memoize};

static COMPUTED: AtomicU64 = AtomicU64::new(0);

#[memoize(memory_tier = false)]
fn simulate(n: u64) -> u64 {
    COMPUTED.fetch_add(1, Relaxed);
    n * n
}

#[memoize]
async fn fetch(n: u64) -> u64 {
    COMPUTED.fetch_add(1, Relaxed);
    n + 1
}

#[memoize]
#[joblib::parallel]
fn in_workers(n: u64) -> u64 {
    n + 2
}

/// Runs the child process `part` of the test. Returns what it prints after `counts:`, and
/// its standard error.
fn run(part: &str, dir: &Path, mode: &str) -> (Vec<u64>, String) {
    let output = Command::new(std::env::current_exe().unwrap())
        .args([part, "--exact", "--nocapture", "--ignored"])
        .env("JOBLIB_RS_CACHE_DIR", dir)
        .env("JOBLIB_RS_CACHE", mode)
        .output()
        .unwrap();
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success(), "{mode}: {stderr}");
    let stdout = String::from_utf8(output.stdout).unwrap();
    let (_, counts) = stdout.split_once("counts:").expect("the child counts");
    let counts = counts.lines().next().unwrap().split_whitespace();
    (counts.map(|it| it.parse().unwrap()).collect(), stderr)
}

fn calls(dir: &Path, mode: &str) -> Vec<u64> {
    run("child_that_calls", dir, mode).0
}

#[test]
#[ignore = "runs in a child process"]
fn child_that_calls() {
    let count = |call: &dyn Fn()| {
        let before = COMPUTED.load(Relaxed);
        call();
        COMPUTED.load(Relaxed) - before
    };
    let first = count(&|| assert_eq!(simulate(3), 9));
    let second = count(&|| assert_eq!(simulate(3), 9));
    let other = count(&|| assert_eq!(pollster::block_on(fetch(3)), 4));
    let stored = u64::from(simulate::check(3));
    println!("counts: {first} {second} {other} {stored}");
}

#[test]
fn off_computes_every_call_and_creates_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let cache = dir.path().join("cache");
    assert_eq!(calls(&cache, "off"), [1, 1, 1, 0]);
    assert!(!cache.exists());
    assert_eq!(calls(&cache, ""), [1, 0, 1, 1]);
    assert_eq!(calls(&cache, "off"), [1, 1, 1, 0]);
    assert_eq!(calls(&cache, ""), [0, 0, 0, 1]);
}

#[test]
fn read_only_uses_results_and_stores_none() {
    let dir = tempfile::tempdir().unwrap();
    assert_eq!(calls(dir.path(), "read-only"), [1, 1, 1, 0]);
    calls(dir.path(), "");
    let before = Memory::at(dir.path()).entries().unwrap().len();
    assert_eq!(calls(dir.path(), "read-only"), [0, 0, 0, 1]);
    let after = Memory::at(dir.path()).entries().unwrap().len();
    assert_eq!(before, after);
}

#[test]
fn refresh_recomputes_once_what_older_programs_stored() {
    let dir = tempfile::tempdir().unwrap();
    calls(dir.path(), "");
    assert_eq!(calls(dir.path(), ""), [0, 0, 0, 1]);
    assert_eq!(calls(dir.path(), "refresh"), [1, 0, 1, 1]);
    assert_eq!(calls(dir.path(), ""), [0, 0, 0, 1]);
}

#[test]
fn a_mode_may_be_set_for_one_function() {
    let dir = tempfile::tempdir().unwrap();
    calls(dir.path(), "");
    assert_eq!(calls(dir.path(), "simulate=refresh"), [1, 0, 0, 1]);
    assert_eq!(calls(dir.path(), "off,cache_mode::fetch=on"), [1, 1, 0, 0]);
    assert_eq!(calls(dir.path(), "strict,simulate=off"), [1, 1, 0, 0]);
}

#[test]
#[ignore = "runs in a child process"]
fn child_that_is_refused() {
    let message = |call: &(dyn Fn() + std::panic::RefUnwindSafe)| {
        let refused = catch_unwind(call).unwrap_err();
        let message = refused.downcast_ref::<String>().cloned();
        message.expect("the refusal is a text")
    };
    let plain = message(&|| {
        let _ = simulate(4);
    });
    for part in [
        "no stored result answers this call of cache_mode::simulate (tests/cache_mode.rs:",
        "JOBLIB_RS_CACHE=strict forbids computing it",
        "these arguments are new",
    ] {
        assert!(plain.contains(part), "{plain}");
    }
    let later = message(&|| {
        let _ = pollster::block_on(fetch(4));
    });
    assert!(later.contains("cache_mode::fetch"), "{later}");
    message(&|| {
        let _ = simulate::recompute(3);
    });
    message(&|| {
        let _ = Memory::none().cached("closure", &1, || 1);
    });
    println!("counts: {}", COMPUTED.load(Relaxed));
}

#[test]
fn strict_panics_instead_of_computing() {
    let dir = tempfile::tempdir().unwrap();
    calls(dir.path(), "");
    assert_eq!(calls(dir.path(), "strict"), [0, 0, 0, 1]);
    assert_eq!(run("child_that_is_refused", dir.path(), "strict").0, [0]);
}

#[test]
#[ignore = "runs in a child process"]
fn child_with_workers() {
    assert_eq!(in_workers(1), 3);
    let calls = in_workers::par([1, 1, 2, 2]).backend(joblib::backend::Processes);
    assert_eq!(calls.n_jobs(2).collect::<Vec<_>>(), [3, 3, 4, 4]);
    let stats = in_workers::stats();
    println!("counts: {} {}", stats.misses, stats.hits());
}

#[test]
fn worker_processes_refresh_what_the_program_found_and_not_what_it_stored() {
    let dir = tempfile::tempdir().unwrap();
    let with = |mode| run("child_with_workers", dir.path(), mode).0;
    assert_eq!(with(""), [2, 3]);
    assert_eq!(with(""), [0, 5]);
    assert_eq!(with("refresh"), [2, 3]);
    assert_eq!(with("strict"), [0, 5]);
}

#[test]
fn an_invalid_mode_is_named_and_ignored() {
    let dir = tempfile::tempdir().unwrap();
    let (counts, stderr) = run("child_that_calls", dir.path(), "stict");
    assert_eq!(counts, [1, 0, 1, 1]);
    for part in ["JOBLIB_RS_CACHE", "stict", "`strict`"] {
        assert!(stderr.contains(part), "{stderr}");
    }
}
