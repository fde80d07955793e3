//! `scope = "binary"`: the fingerprint covers the running executable and its libraries.
//! The tests run copies of themselves; one copy is a different executable.

use std::fs::{self, OpenOptions};
use std::io::Write;
use std::path::Path;
use std::process::Command;

use joblib::memoize;

/// Names the role that a copy plays in a test and the directory of its cache.
const CACHE: &str = "JOBLIB_TEST_BINARY_CACHE";

#[memoize(scope = "binary")]
fn whole(x: i64) -> i64 {
    x + 1
}

#[memoize]
fn source(x: i64) -> i64 {
    x + 1
}

#[memoize(ignore(f))]
fn handed<F: Fn(i64) -> i64>(x: i64, f: F) -> i64 {
    f(x)
}

struct Of;

impl Of {
    #[memoize(scope = "binary")]
    fn member(x: i64) -> i64 {
        x + 1
    }

    #[memoize]
    fn source(x: i64) -> i64 {
        x + 1
    }
}

/// Runs in a copy: prints which functions had a stored result, and calls them.
#[test]
fn played_by_a_copy() {
    if std::env::var_os(CACHE).is_none() {
        return;
    }
    let double = |x| 2 * x;
    let had = [
        whole::check(1),
        Of::member_memo().check(1),
        handed::check(1, double),
        source::check(1),
        Of::source_memo().check(1),
    ];
    let gave = [
        whole(1),
        Of::member(1),
        handed(1, double),
        source(1),
        Of::source(1),
    ];
    assert_eq!(gave, [2, 2, 2, 2, 2]);
    println!("had {had:?}");
}

/// Runs the executable at `path` with its cache in `cache` and returns its output.
fn run(path: &Path, cache: &Path) -> (String, String) {
    let output = Command::new(path)
        .args(["played_by_a_copy", "--exact", "--nocapture"])
        .env(CACHE, "")
        .env("JOBLIB_RS_CACHE_DIR", cache)
        .env("JOBLIB_RS_VERBOSE", "1")
        .output()
        .expect("the copy starts");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let (printed, stderr) = (text(&output.stdout), text(&output.stderr));
    assert!(output.status.success(), "{printed}{stderr}");
    (printed, stderr)
}

/// Creates a copy of this executable called `name`, with `more` appended.
fn copy(dir: &Path, name: &str, more: &[u8]) -> std::path::PathBuf {
    let path = dir.join(name);
    let this = std::env::current_exe().expect("the path of the executable is known");
    fs::copy(this, &path).expect("the executable is copied");
    let mut file = OpenOptions::new()
        .append(true)
        .open(&path)
        .expect("the copy is opened");
    file.write_all(more).expect("the copy is written");
    path
}

#[test]
fn another_executable_recomputes_the_results_it_is_part_of() {
    let dir = tempfile::tempdir().expect("a directory is created");
    let cache = dir.path().join("cache");
    let (one, same, other) = (
        copy(dir.path(), "one", b""),
        copy(dir.path(), "same", b""),
        copy(dir.path(), "other", b"more"),
    );
    let (printed, _) = run(&one, &cache);
    assert!(
        printed.contains("had [false, false, false, false, false]"),
        "{printed}"
    );
    for path in [&one, &same] {
        let (printed, _) = run(path, &cache);
        assert!(
            printed.contains("had [true, true, true, true, true]"),
            "{printed}"
        );
    }
    let (printed, stderr) = run(&other, &cache);
    assert!(
        printed.contains("had [false, false, false, true, true]"),
        "{printed}"
    );
    let reason = "whole: source changed: the executable or a library of it changed";
    assert!(stderr.contains(reason), "{stderr}");
    let (printed, _) = run(&one, &cache);
    assert!(
        printed.contains("had [true, true, true, true, true]"),
        "{printed}"
    );
}

#[test]
fn the_executable_is_listed_in_the_scope_that_covers_it() {
    let counts = |items: Vec<joblib::SourceItem>| {
        let mut paths = items.iter().map(joblib::SourceItem::path);
        paths.any(|path| path == "the executable or a library of it")
    };
    assert!(counts(whole::reaches()) && counts(Of::member_memo().reaches()));
    assert!(!counts(source::reaches()) && !counts(Of::source_memo().reaches()));
}
