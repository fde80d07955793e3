//! `JOBLIB_RS_VERBOSE=1` reports why each result is computed.
//!
//! The calls run in a child process whose standard error is read: this test, run again
//! with the directory in the environment.

use std::process::Command;
use std::time::Duration;

use joblib::{Entry, Memory, memoize};

const DIR: &str = "JOBLIB_TEST_EXPLAIN_DIR";

mod before {
    fn helper() -> u32 {
        1
    }

    #[joblib::memoize(name = "explained")]
    pub(super) fn explained(x: u32) -> u32 {
        x + helper()
    }
}

mod after {
    fn helper() -> u32 {
        2
    }

    #[joblib::memoize(name = "explained")]
    pub(super) fn explained(x: u32) -> u32 {
        x + helper()
    }
}

mod first {
    #[joblib::memoize(name = "numbered", version = 1)]
    pub(super) fn numbered(x: u32) -> u32 {
        x
    }
}

mod second {
    #[joblib::memoize(name = "numbered", version = 2)]
    pub(super) fn numbered(x: u32) -> u32 {
        x
    }
}

#[memoize(expires = "1ms", memory_tier = false)]
fn expiring(x: u32) -> u32 {
    x
}

fn is_even(result: &u32) -> bool {
    result.is_multiple_of(2)
}

#[memoize(cache_if = is_even)]
fn refused(x: u32) -> u32 {
    x
}

fn never(_: &Entry) -> bool {
    false
}

#[memoize(validate = never)]
fn rejected(x: u32) -> u32 {
    x
}

#[test]
fn each_computation_is_explained() {
    if std::env::var_os(DIR).is_some() {
        return calls();
    }
    let dir = tempfile::tempdir().unwrap();
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["each_computation_is_explained", "--exact", "--nocapture"])
        .env(DIR, dir.path())
        .env("JOBLIB_RS_CACHE_DIR", dir.path())
        .env("JOBLIB_RS_VERBOSE", "1")
        .output()
        .unwrap();
    let stderr = String::from_utf8(output.stderr).unwrap();
    let mut lines = stderr
        .lines()
        .filter(|line| line.starts_with("joblib: computing"));
    let mut expect = |function: &str, reason: &str| {
        let line = lines.next().unwrap_or_default();
        assert!(
            line.contains(function) && line.contains(reason),
            "{line:?} in:\n{stderr}"
        );
    };
    expect("explained", "never computed");
    expect("explained", "these arguments are new");
    expect("explained", "source changed: ");
    expect("explained", "source changed: ");
    expect("explained", "these arguments are new");
    expect("refused", "never computed");
    expect("refused", "rejected by `cache_if`");
    expect("expiring", "never computed");
    expect("expiring", "expired");
    expect("rejected", "never computed");
    expect("rejected", "`validate` rejected");
    expect("numbered", "never computed");
    expect("numbered", "`version` changed");
    expect("numbered", "these arguments are new");
    expect("explained", "`recompute` was called");
    expect("explained", "the stored result is damaged");
    expect("unread", "never computed, or the entry was lost: ");
    assert_eq!(lines.next(), None);
    assert!(
        stderr.contains("tests/explain.rs:"),
        "the position of the changed item is reported:\n{stderr}"
    );
    assert!(
        stderr.contains("joblib: warning: "),
        "the damage is reported:\n{stderr}"
    );
}

fn calls() {
    before::explained(1);
    before::explained(2);
    after::explained(1);
    after::explained(2);
    after::explained(3);
    refused(1);
    refused(1);
    expiring(1);
    std::thread::sleep(Duration::from_millis(5));
    expiring(1);
    rejected(1);
    rejected(1);
    first::numbered(1);
    second::numbered(1);
    second::numbered(2);
    after::explained::recompute(1);
    damage();
    Memory::user().clear_memory();
    after::explained(1);
    // A memory that opens the directory later cannot know whose results were lost.
    let late = Memory::at(std::env::var_os(DIR).unwrap()).read_only();
    late.cached("unread", &1, || 1);
}

/// Flips a bit in every stored result.
fn damage() {
    let dir = std::path::PathBuf::from(std::env::var_os(DIR).unwrap()).join("v2");
    for path in std::fs::read_dir(dir)
        .unwrap()
        .map(|entry| entry.unwrap().path())
    {
        if path.extension().is_some_and(|extension| extension == "log") {
            let mut bytes = std::fs::read(&path).unwrap();
            bytes
                .iter_mut()
                .skip(80)
                .step_by(8)
                .for_each(|byte| *byte ^= 1);
            std::fs::write(&path, bytes).unwrap();
        }
    }
}
