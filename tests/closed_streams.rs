//! A program that closed its standard streams and goes on printing: what is opened next
//! gets their numbers, and is not to be printed to.

use std::os::fd::AsRawFd;
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

use joblib::Dump;

/// Set where this program is the one without streams.
const CLOSED: &str = "CLOSED_BY_A_TEST";

/// Writes to where standard output and standard error were.
fn print() {
    for fd in [1, 2] {
        // SAFETY: writes bytes that are there.
        unsafe { libc::write(fd, b"printed\n".as_ptr().cast(), 8) };
    }
}

/// Whether the file that `write` writes is what was written, whatever is printed meanwhile.
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

#[test]
fn nothing_is_printed_into_a_file() {
    if std::env::var_os(CLOSED).is_some() {
        let file = std::fs::File::create_new("nameless").unwrap();
        std::fs::remove_file("nameless").unwrap();
        let nameless = format!("/proc/self/fd/{}", file.as_raw_fd());
        // SAFETY: nobody else in this process opens or uses them now.
        unsafe { libc::close_range(0, 2, 0) };
        let are_whole = [
            are_whole("value", |value, path| joblib::dump(value, path).unwrap()),
            are_whole("value", |value, path| {
                std::fs::remove_file(path).unwrap();
                Dump::new().create_new(true).to(path, value).unwrap();
            }),
            // A descriptor alone leads to it.
            are_whole(&nameless, |value, path| joblib::dump(value, path).unwrap()),
        ];
        std::process::exit(i32::from(are_whole != [true; 3]));
    }
    let directory = tempfile::tempdir().unwrap();
    let mut program = Command::new(std::env::current_exe().unwrap());
    program.args(["--exact", "nothing_is_printed_into_a_file", "--nocapture"]);
    program.env(CLOSED, "").current_dir(directory.path());
    assert!(program.status().unwrap().success());
}
