//! Programs that change their own state between calls: the rights of one thread, the
//! standard streams, the working directory.

use std::io::Write;
use std::sync::mpsc::channel;

use joblib_runtime::wire::MessageWriter;

use crate::call::{call, with};
use crate::function;
use crate::inherited::{directory_for_all, is_root};
use crate::parent::in_own_process;

/// The C library does not apply these changes to all threads.
#[test]
fn workers_may_do_what_the_thread_may_that_makes_the_call() {
    in_own_process!("changing");
    let both = || {
        let task = call::<u64, String>(&function::rights, 1, &[0]).values();
        (task[0].clone(), function::rights_here())
    };
    let (begin, begun) = channel::<()>();
    let other = std::thread::spawn(move || {
        begun
            .recv()
            .expect("the thread receives the signal to begin");
        both()
    });
    let mut seen = Vec::new();
    let changes: [fn(); 3] = [
        || (),
        // SAFETY: these affect only this thread.
        || unsafe { assert_eq!(libc::prctl(libc::PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), 0) },
        // SAFETY: as above.
        || unsafe {
            let (header, none) = ([0x2008_0522_u32, 0], [0_u32; 6]);
            let given_up = libc::syscall(libc::SYS_capset, header.as_ptr(), none.as_ptr());
            assert_eq!(given_up, 0);
        },
    ];
    for change in &changes[..if is_root() { 3 } else { 2 }] {
        change();
        let (task, here) = both();
        assert_eq!(task, here);
        assert!(!seen.contains(&here), "{here}");
        seen.push(here);
    }
    // Another thread still has its previous rights.
    begin.send(()).expect("the thread waits");
    let (task, there) = other.join().expect("the thread succeeds");
    assert_eq!((&task, &there), (&seen[0], &seen[0]));
}

/// A program that closed its standard streams, as a daemon does.
#[test]
fn a_program_without_standard_streams_has_workers_and_prints_to_none_of_them() {
    in_own_process!("closing");
    // SAFETY: nothing else in this process, which runs only this test, opens or uses
    // them.
    unsafe { libc::close_range(0, 2, 0) };
    for captures in [false, true] {
        let shared = MessageWriter::new();
        let mut with = with(&function::print, &shared, 1);
        with.spec.captures = captures;
        let inputs: Vec<u64> = (0..20).collect();
        for _ in 0..2 {
            print_here();
            let seen = with.run::<u64, u64>(&inputs).values();
            assert!(seen == inputs);
            print_here();
        }
    }
    // The test harness cannot continue without its streams.
    std::process::exit(0);
}

/// Writes to the former descriptors of standard output and standard error, and to one
/// that is closed.
fn print_here() {
    for fd in [1, 2] {
        // SAFETY: writes bytes of a static string.
        let written = unsafe { libc::write(fd, b"printed\n".as_ptr().cast(), 8) };
        assert_eq!(written, -1);
    }
}

#[test]
fn tasks_run_in_a_working_directory_with_a_long_path() {
    in_own_process!("there");
    let root = directory_for_all();
    let is_followed = || {
        let here = std::env::current_dir()
            .expect("the directory is known")
            .display()
            .to_string();
        call::<u64, String>(&function::directory, 1, &[0]).values() == [here]
    };
    assert!(is_followed());
    std::env::set_current_dir(root.path()).expect("the directory can be entered");
    for _ in 0..30 {
        let name = "d".repeat(200);
        std::fs::create_dir(&name).expect("the directory can be created");
        std::env::set_current_dir(&name).expect("the directory can be entered");
    }
    assert!(is_followed());
    std::env::set_current_dir("/").expect("the directory can be entered");
    assert!(is_followed());
}

/// Some programs do this when they become a daemon. Their files then get the descriptor
/// numbers that sockets of workers had.
#[test]
fn a_program_that_closes_all_descriptors_keeps_those_that_it_opens_then() {
    in_own_process!("closing");
    let directory = directory_for_all();
    let squares = |workers| {
        let squares = call::<u64, u64>(&function::square, workers, &[2; 20]).values();
        assert_eq!(squares, [4; 20]);
    };
    for workers in [1, 2] {
        squares(workers);
        // SAFETY: the owners of these descriptors do not use them any more, or detect
        // that they are closed.
        unsafe { libc::close_range(3, libc::c_uint::MAX, 0) };
        let path = |number: u32| directory.path().join(format!("{workers} {number}"));
        let open = |number| std::fs::File::create(path(number)).expect("the file can be opened");
        let mut files: Vec<_> = (0..20).map(open).collect();
        // Make a call with the state that idle workers inherited, and one with another
        // state.
        squares(workers);
        // SAFETY: no other thread of this process reads the environment.
        unsafe { std::env::set_var("JOBLIB_TEST_SAID", workers.to_string()) };
        squares(workers);
        for (number, mut file) in (0..).zip(files.drain(..)) {
            file.write_all(b"mine").expect("the file is still open");
            assert_eq!(
                std::fs::read(path(number)).expect("the file can be opened"),
                b"mine"
            );
        }
    }
}
