//! A program that closes its standard streams and keeps printing: files that the library
//! opens next get those numbers and must not receive the output. One test closes all
//! other descriptors as well.

use std::io::Write;
use std::os::fd::AsRawFd;
use std::path::Path;
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

use joblib::{Dump, Memory, memoize};

/// Set in the child process that closes its streams.
const CLOSED: &str = "CLOSED_BY_A_TEST";

/// Writes to the numbers of standard output and standard error.
fn print() {
    for fd in [1, 2] {
        // SAFETY: the buffer holds eight initialized bytes.
        unsafe { libc::write(fd, b"printed\n".as_ptr().cast(), 8) };
    }
}

/// Returns whether the file that `write` creates holds what was written, while another
/// thread prints.
fn are_whole(path: &str, write: impl Fn(&Vec<f64>, &str)) -> bool {
    let is_over = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            while !is_over.load(Relaxed) {
                print();
            }
        });
        let are_whole = (0..20).all(|round| {
            let value = vec![f64::from(round); 20_000];
            write(&value, path);
            joblib::load::<Vec<f64>>(path).is_ok_and(|loaded| loaded == value)
        });
        is_over.store(true, Relaxed);
        are_whole
    })
}

/// Runs a test of this program in a child process that closes its streams.
#[track_caller]
fn passes_without_streams(test: &str, directory: &Path) {
    let mut program = Command::new(std::env::current_exe().unwrap());
    program.args(["--exact", test, "--nocapture"]);
    program.env(CLOSED, "").current_dir(directory);
    assert!(program.status().unwrap().success());
}

fn close_streams() {
    // SAFETY: nothing else in this process opens or uses these descriptors.
    unsafe { libc::close_range(0, 2, 0) };
}

static RESULTS: Memory = Memory::new("cache");

#[memoize(memory = RESULTS)]
fn text(number: u64) -> String {
    print();
    number.to_string().repeat(100)
}

#[memoize(memory = RESULTS)]
fn large(number: u64) -> Vec<u64> {
    print();
    vec![number; 200_000]
}

#[test]
fn nothing_is_printed_into_a_cache() {
    const NAME: &str = "nothing_is_printed_into_a_cache";
    if std::env::var_os(CLOSED).is_some() {
        // The second process finds the results of the first.
        let is_first = !Path::new("cache").exists();
        close_streams();
        let mut is_right = true;
        for number in 0..200 {
            print();
            is_right &= text::check(number) != is_first;
            is_right &= text(number) == number.to_string().repeat(100);
        }
        for number in 0..3 {
            is_right &= large::check(number) != is_first;
            is_right &= large(number) == vec![number; 200_000];
            print();
        }
        std::process::exit(i32::from(!is_right));
    }
    let directory = tempfile::tempdir().unwrap();
    passes_without_streams(NAME, directory.path());
    passes_without_streams(NAME, directory.path());
}

#[test]
fn nothing_is_printed_into_a_file() {
    if std::env::var_os(CLOSED).is_some() {
        let file = std::fs::File::create_new("nameless").unwrap();
        std::fs::remove_file("nameless").unwrap();
        let nameless = format!("/proc/self/fd/{}", file.as_raw_fd());
        close_streams();
        let are_whole = [
            are_whole("value", |value, path| joblib::dump(value, path).unwrap()),
            are_whole("value", |value, path| {
                std::fs::remove_file(path).unwrap();
                Dump::new().create_new(true).to(path, value).unwrap();
            }),
            // The file has no name and is reached by its descriptor alone.
            are_whole(&nameless, |value, path| joblib::dump(value, path).unwrap()),
        ];
        std::process::exit(i32::from(are_whole != [true; 3]));
    }
    let directory = tempfile::tempdir().unwrap();
    passes_without_streams("nothing_is_printed_into_a_file", directory.path());
}

/// Some programs close all descriptors to become a daemon. The descriptors of a cache are
/// closed with them, and files of the program take their numbers.
#[test]
fn a_cache_writes_to_no_file_that_took_the_number_of_its_own() {
    const NAME: &str = "a_cache_writes_to_no_file_that_took_the_number_of_its_own";
    if std::env::var_os(CLOSED).is_some() {
        let texts = |numbers: std::ops::Range<u64>| {
            for number in numbers {
                assert_eq!(text(number), number.to_string().repeat(100));
            }
        };
        texts(0..10);
        for round in 0..2_u64 {
            // SAFETY: the descriptors are unused, or the library notices that they were
            // closed.
            unsafe { libc::close_range(3, libc::c_uint::MAX, 0) };
            let name = |number: u64| format!("{round} {number}");
            let open = |number| std::fs::File::create(name(number)).unwrap();
            let mut files: Vec<_> = (0..20).map(open).collect();
            texts(10 * (round + 1)..10 * (round + 2));
            for (number, file) in (0..).zip(&mut files) {
                file.write_all(b"mine").unwrap();
                assert_eq!(std::fs::read(name(number)).unwrap(), b"mine");
            }
            std::mem::forget(files);
        }
        assert!((0..30).all(text::check));
        // At exit, the library would not notice that its descriptors were closed.
        // SAFETY: ends the process.
        unsafe { libc::_exit(0) };
    }
    let directory = tempfile::tempdir().unwrap();
    passes_without_streams(NAME, directory.path());
}
