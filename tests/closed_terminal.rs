//! A terminal that is closed while bars are on it changes no result.
//!
//! The call runs in a child process: this test, run again with an environment variable set.

use std::fs::File;
use std::io::Read;
use std::os::fd::{FromRawFd, OwnedFd};
use std::process::{Command, Stdio};
use std::ptr::null_mut;
use std::time::Duration;

use joblib::par;

const CHILD: &str = "JOBLIB_TEST_CLOSED_TERMINAL";

/// Opens a terminal: the side that displays and the side of the program.
fn terminal() -> (File, OwnedFd) {
    let (mut shown, mut program) = (0, 0);
    // SAFETY: both pointers are valid for writing, and the other arguments may be null.
    let opened =
        unsafe { libc::openpty(&mut shown, &mut program, null_mut(), null_mut(), null_mut()) };
    assert_eq!(opened, 0);
    // SAFETY: `openpty` returned these descriptors, which nothing else owns. The flag keeps
    // the first from the child, which would hold the terminal open.
    unsafe {
        libc::fcntl(shown, libc::F_SETFD, libc::FD_CLOEXEC);
        (File::from_raw_fd(shown), OwnedFd::from_raw_fd(program))
    }
}

#[test]
fn messages_to_a_terminal_that_was_closed_are_lost_and_nothing_else() {
    if std::env::var_os(CHILD).is_some() {
        let call = par(0..20).map(|x| {
            std::thread::sleep(Duration::from_millis(50));
            joblib::print_above_bars(format_args!("computing {x}"));
            x
        });
        let found: Vec<_> = call.progress("numbers").n_jobs(1).collect();
        assert_eq!(found.len(), 20);
        return;
    }
    let (mut shown, program) = terminal();
    let name = "messages_to_a_terminal_that_was_closed_are_lost_and_nothing_else";
    let child = Command::new(std::env::current_exe().unwrap())
        .args([name, "--exact", "--nocapture"])
        .env(CHILD, "yes")
        .env("TERM", "xterm")
        .stdout(Stdio::piped())
        .stderr(program)
        .spawn()
        .unwrap();
    let mut text = Vec::new();
    while !String::from_utf8_lossy(&text).contains("computing 2") {
        let mut part = [0; 1024];
        let count = shown.read(&mut part).unwrap();
        text.extend_from_slice(&part[..count]);
    }
    drop(shown);
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{output:?}");
}
