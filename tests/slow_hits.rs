//! Functions whose hits take longer than computing them: they are named once, with what to
//! do, and statistics subtract what hits cost.
//!
//! The calls run in a child process whose standard error is read: this test, run again
//! with the directory in the environment.

use std::path::Path;
use std::process::Command;
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use joblib::memoize;

const DIR: &str = "JOBLIB_TEST_SLOW_HITS";

static RAMP: LazyLock<Arc<Vec<u64>>> = LazyLock::new(|| Arc::new((0..1 << 19).collect()));

/// Computes in a moment, but returns much.
#[memoize]
fn ramp(_: u64) -> Arc<Vec<u64>> {
    Arc::clone(&RAMP)
}

/// Computes in a moment, but its argument is long.
#[memoize]
fn first(data: &[u64]) -> u64 {
    data[0]
}

/// Computes a large value, of which [`parts`] uses a little.
#[memoize(memory_tier = false)]
fn part(n: u64) -> Vec<u64> {
    vec![n; 1 << 15]
}

/// Takes a little of many large values: to compute it again means to read them all.
#[memoize(memory_tier = false)]
fn parts(_: u64) -> Vec<u64> {
    (0..40).flat_map(|n| part(n)[..1 << 12].to_vec()).collect()
}

/// Computes for longer than its hits take.
#[memoize]
fn slow(n: u64) -> u64 {
    std::thread::sleep(Duration::from_millis(30));
    n
}

#[test]
fn a_function_whose_hits_do_not_pay_is_named_once_with_what_to_do() {
    if std::env::var_os(DIR).is_some() {
        let data = vec![7; 1 << 20];
        LazyLock::force(&RAMP);
        for _ in 0..40 {
            assert_eq!(ramp(1).len(), 1 << 19);
            assert_eq!(first(&data), 7);
            assert_eq!(slow(2), 2);
            assert_eq!(parts(3).len(), 40 << 12);
        }
        let (ramp, slow) = (ramp::stats(), slow::stats());
        assert_eq!((ramp.hits(), slow.hits()), (39, 39));
        assert!(ramp.hit_time > ramp.compute_time && ramp.time_saved.is_zero());
        assert!(slow.hit_time < slow.compute_time);
        assert_eq!(slow.time_saved, slow.compute_time - slow.hit_time);
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let errors = run(dir.path());
    let about = |name: &str| {
        let lines = errors.lines();
        lines
            .filter(|line| line.contains(&format!("hits of {name}")))
            .collect::<Vec<_>>()
    };
    let of = |name| format!("slow_hits::{name} (tests/slow_hits.rs:");
    let (ramp, first) = (about(&of("ramp")), about(&of("first")));
    assert!(
        ramp.len() == 1 && ramp[0].contains("add the option `mmap`"),
        "{errors}"
    );
    assert!(
        first.len() == 1 && first[0].contains("#[parallel(shared(arg))]"),
        "{errors}"
    );
    assert_eq!(about(&of("slow")).len(), 0, "{errors}");
    assert_eq!(about(&of("parts")).len(), 0, "{errors}");
}

/// Runs the calls in a process of their own, and returns what it wrote to standard error.
fn run(dir: &Path) -> String {
    let name = "a_function_whose_hits_do_not_pay_is_named_once_with_what_to_do";
    let output = Command::new(std::env::current_exe().unwrap())
        .args([name, "--exact", "--nocapture"])
        .env(DIR, dir)
        .env("JOBLIB_RS_CACHE_DIR", dir)
        .output()
        .unwrap();
    let errors = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{errors}");
    errors
}
