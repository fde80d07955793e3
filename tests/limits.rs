//! A limit on the size of files is an error of the call that writes and does not end the
//! process. A limit on memory does not affect values that fit.

use std::process::Command;

use joblib::persist::ErrorKind;
use joblib::{Memory, memoize};

/// Set in the child process that is limited.
const LIMITED: &str = "LIMITED_BY_A_TEST";

/// The size limit of files, in bytes.
const LIMIT: u64 = 64 << 10;

static RESULTS: Memory = Memory::new("cache");

#[memoize(memory = RESULTS)]
fn bytes(len: usize) -> Vec<u8> {
    vec![7; len]
}

fn limit_files() {
    let limit = libc::rlimit {
        rlim_cur: LIMIT,
        rlim_max: LIMIT,
    };
    // SAFETY: `limit` is valid during the call.
    assert_eq!(unsafe { libc::setrlimit(libc::RLIMIT_FSIZE, &limit) }, 0);
}

/// Runs a test of this program in a limited child process, in a directory of its own.
#[track_caller]
fn passes_where_files_are_limited(test: &str) {
    let directory = tempfile::tempdir().unwrap();
    let mut program = Command::new(std::env::current_exe().unwrap());
    program.args(["--exact", test, "--nocapture"]);
    program.env(LIMITED, "").current_dir(directory.path());
    let ended = program.output().unwrap();
    let stderr = String::from_utf8_lossy(&ended.stderr);
    assert!(ended.status.success(), "{}: {stderr}", ended.status);
    // A failed write leaves no temporary file in the directory.
    let names = std::fs::read_dir(directory.path()).unwrap().flatten();
    let names: Vec<_> = names
        .map(|it| it.file_name().into_string().unwrap())
        .collect();
    let is_known = |name: &String| ["a", "b", "cache"].contains(&name.as_str());
    assert!(names.iter().all(is_known), "{names:?}");
}

fn is_limited() -> bool {
    let is_limited = std::env::var_os(LIMITED).is_some();
    if is_limited {
        limit_files();
    }
    is_limited
}

#[test]
fn a_dump_beyond_the_limit_is_an_error() {
    if !is_limited() {
        return passes_where_files_are_limited("a_dump_beyond_the_limit_is_an_error");
    }
    joblib::dump(&1_u64, "a").unwrap();
    let error = joblib::dump(&vec![7_u8; 1 << 20], "a").unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::Io { .. }), "{error}");
    assert!(error.to_string().contains("maximum file size"), "{error}");
    assert_eq!(joblib::load::<u64>("a").unwrap(), 1);
    // A value that is not a single array, and a value that is written in place.
    joblib::dump(&vec!["text".repeat(100); 1000], "b").unwrap_err();
    std::os::unix::fs::symlink("a", "b").unwrap();
    joblib::Dump::new()
        .in_place(true)
        .to("b", &vec![7_u8; 1 << 20])
        .unwrap_err();
    assert_eq!(joblib::load::<u64>("a").unwrap(), 1);
}

#[test]
fn a_result_beyond_the_limit_is_returned() {
    if !is_limited() {
        return passes_where_files_are_limited("a_result_beyond_the_limit_is_returned");
    }
    for len in [10, 1 << 20, 20_000, 1 << 20, 30_000, 40_000, 10] {
        assert!(bytes(len) == vec![7; len], "{len}");
    }
}

#[test]
fn a_box_is_loaded_if_there_is_room_for_its_content() {
    const TEST: &str = "a_box_is_loaded_if_there_is_room_for_its_content";
    const BYTES: usize = 80 << 20;
    if std::env::var_os(LIMITED).is_none() {
        return passes_where_files_are_limited(TEST);
    }
    let limit = libc::rlimit {
        rlim_cur: 2 << 30,
        rlim_max: 2 << 30,
    };
    // SAFETY: `limit` is valid during the call.
    assert_eq!(unsafe { libc::setrlimit(libc::RLIMIT_AS, &limit) }, 0);
    let array: Box<[u8; BYTES]> = vec![7; BYTES].into_boxed_slice().try_into().unwrap();
    joblib::dump(&array, "a").unwrap();
    assert!(joblib::load::<Box<[u8; BYTES]>>("a").unwrap() == array);
    drop(array);
    let shared = joblib::load::<std::sync::Arc<[u8; BYTES]>>("a").unwrap();
    assert_eq!(shared[BYTES - 1], 7);
    drop(shared);
    let within = joblib::load::<Box<Box<[u8; BYTES]>>>("a").unwrap();
    assert_eq!(within[BYTES - 1], 7);
}
