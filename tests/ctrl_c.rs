//! Ctrl-C cancels calls that ask for it, and the second one ends the program.
//!
//! The calls run in a child process, which gets the signals: this test, run again with an
//! environment variable set.

use std::io::{BufRead, BufReader};
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use joblib::backend::Processes;
use joblib::parallel::ErrorKind;
use joblib::{CancelToken, parallel};

const CHILD: &str = "JOBLIB_TEST_CTRL_C";

/// No test waits this long unless something hangs.
const LONG: Duration = Duration::from_secs(100);

#[parallel]
fn slowly(x: u64) -> u64 {
    std::thread::sleep(Duration::from_millis(2));
    x
}

/// Runs the test `name` in a child process in the role `role`. The child begins with
/// `action` for SIGINT, whatever this process was started with.
fn child(
    name: &str,
    role: &str,
    action: libc::sighandler_t,
) -> (Child, BufReader<std::process::ChildStdout>) {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command
        .args([name, "--exact", "--nocapture"])
        .env(CHILD, role)
        .stdout(Stdio::piped());
    // SAFETY: `signal` may be called between fork and exec.
    unsafe {
        command.pre_exec(move || {
            libc::signal(libc::SIGINT, action);
            Ok(())
        });
    }
    let mut child = command.spawn().unwrap();
    let output = BufReader::new(child.stdout.take().unwrap());
    (child, output)
}

fn wait_for(line: &str, output: &mut impl BufRead) {
    let found = output.lines().map_while(Result::ok).find(|it| it == line);
    assert!(
        found.is_some(),
        "the child ended before it printed {line:?}"
    );
}

fn interrupt(child: &Child) {
    // SAFETY: `kill` has no preconditions, and the child has not been waited for.
    let sent = unsafe { libc::kill(child.id() as libc::pid_t, libc::SIGINT) };
    assert_eq!(sent, 0);
}

#[test]
fn ctrl_c_cancels_the_calls_that_ask_for_it_on_threads_and_processes() {
    if let Ok(role) = std::env::var(CHILD) {
        let token = CancelToken::on_ctrl_c().unwrap();
        let call = slowly::par(0..1_000_000).n_jobs(2).cancel_with(&token);
        println!("begun");
        let error = match role.as_str() {
            "threads" => call.try_collect::<Vec<_>>(),
            _ => call.backend(Processes).try_collect(),
        };
        assert_eq!(error.unwrap_err().failure(), &ErrorKind::Cancelled);
        assert!(CancelToken::on_ctrl_c().unwrap().is_cancelled());
        return;
    }
    let name = "ctrl_c_cancels_the_calls_that_ask_for_it_on_threads_and_processes";
    for role in ["threads", "processes"] {
        let (mut child, mut output) = child(name, role, libc::SIG_DFL);
        wait_for("begun", &mut output);
        interrupt(&child);
        let rest: Vec<_> = output.lines().map_while(Result::ok).collect();
        assert!(child.wait().unwrap().success(), "{role}: {rest:?}");
    }
}

#[test]
fn the_second_ctrl_c_ends_the_program() {
    if std::env::var_os(CHILD).is_some() {
        let token = CancelToken::on_ctrl_c().unwrap();
        println!("begun");
        let end = Instant::now() + LONG;
        while !token.is_cancelled() && Instant::now() < end {
            std::thread::sleep(Duration::from_millis(1));
        }
        println!("cancelled");
        std::thread::sleep(LONG);
        return;
    }
    let name = "the_second_ctrl_c_ends_the_program";
    let (mut child, mut output) = child(name, "yes", libc::SIG_DFL);
    wait_for("begun", &mut output);
    interrupt(&child);
    wait_for("cancelled", &mut output);
    interrupt(&child);
    assert_eq!(child.wait().unwrap().signal(), Some(libc::SIGINT));
}

#[test]
fn ctrl_c_stays_ignored_in_a_program_that_is_started_with_it_ignored() {
    if std::env::var_os(CHILD).is_some() {
        let token = CancelToken::on_ctrl_c().unwrap();
        println!("begun");
        let call = slowly::par(0..100).n_jobs(2).cancel_with(&token);
        assert_eq!(call.try_collect::<Vec<_>>().unwrap().len(), 100);
        return;
    }
    let name = "ctrl_c_stays_ignored_in_a_program_that_is_started_with_it_ignored";
    let (mut child, mut output) = child(name, "yes", libc::SIG_IGN);
    wait_for("begun", &mut output);
    interrupt(&child);
    let rest: Vec<_> = output.lines().map_while(Result::ok).collect();
    assert!(child.wait().unwrap().success(), "{rest:?}");
}
