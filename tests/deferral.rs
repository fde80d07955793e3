//! Tasks whose results another process computes.
//!
//! The other process is this test, run again with an environment variable set.

use std::fs;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use joblib::backend::Threads;
use joblib::{memoize, parallel};

const OTHER: &str = "JOBLIB_TEST_PUT_OFF";
const DIRECTORY: &str = "target/test-put-off";

/// The keys that the other process computes, each in a thread: as many as this process
/// has workers.
const THEIRS: [u64; 2] = [0, 1];
const ALL: u64 = 20;

fn is_other() -> bool {
    std::env::var_os(OTHER).is_some()
}

fn note(name: &str) {
    fs::write(Path::new(DIRECTORY).join(name), b"").unwrap();
}

fn is_noted(name: &str) -> bool {
    Path::new(DIRECTORY).join(name).exists()
}

fn wait_for(name: &str) -> bool {
    let since = Instant::now();
    while !is_noted(name) && since.elapsed() < Duration::from_secs(20) {
        std::thread::sleep(Duration::from_millis(1));
    }
    is_noted(name)
}

/// In the other process, ends when this process has all other results.
#[memoize(dir = "target/test-put-off/cache")]
#[parallel]
#[allow(deprecated, reason = "no result depends on what the helpers read")]
fn slow(x: u64) -> u64 {
    match is_other() {
        true => {
            note(&format!("begun {x}"));
            if !(THEIRS.len() as u64..ALL).all(|x| wait_for(&format!("done {x}"))) {
                note("waited in vain");
            }
        }
        false => note(&format!("done {x}")),
    }
    x * x
}

struct Other(Child);

impl Drop for Other {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn a_task_that_another_process_computes_is_deferred() {
    if is_other() {
        std::thread::scope(|scope| {
            for x in THEIRS {
                scope.spawn(move || slow(x));
            }
        });
        return;
    }
    let _ = fs::remove_dir_all(DIRECTORY);
    fs::create_dir_all(DIRECTORY).unwrap();
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args([
        "a_task_that_another_process_computes_is_deferred",
        "--exact",
    ]);
    let command = command.env(OTHER, "1").stdout(Stdio::null());
    let other = Other(command.spawn().unwrap());
    for x in THEIRS {
        assert!(wait_for(&format!("begun {x}")));
    }
    // If the workers waited, none would be left for the other tasks.
    let call = slow::par(0..ALL).backend(Threads).n_jobs(THEIRS.len());
    let squares: Vec<u64> = call.batch(1).collect();
    assert!(squares.into_iter().eq((0..ALL).map(|x| x * x)));
    assert!(!is_noted("waited in vain"));
    for x in THEIRS {
        assert!(!is_noted(&format!("done {x}")), "{x} was computed twice");
    }
    drop(other);
}
