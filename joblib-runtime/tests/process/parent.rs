//! Workers and their parent: how workers start, and how they end with the parent.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use joblib_runtime::parallel::{ErrorKind, WorkerExit};
use joblib_runtime::wire::MessageWriter;

use crate::call::{call, with};
use crate::function;

/// Set in a process that only acts as a parent.
pub(crate) const ROLE: &str = "JOBLIB_TEST_ROLE";

/// Returns the path of the function that contains it, by which the test harness selects
/// it.
macro_rules! this_test {
    () => {{
        fn here() {}
        let path = std::any::type_name_of_val(&here);
        let (_, path) = path.split_once("::").expect("a path starts with the crate");
        path.trim_end_matches("::here")
    }};
}
pub(crate) use this_test;

/// Runs the rest of this test in its own process, which must succeed, and returns the
/// role of that process. The test itself returns.
macro_rules! in_own_process {
    ($role:expr) => {{
        let Some(role) = crate::parent::role() else {
            let command = crate::parent::again(crate::parent::this_test!(), $role);
            return crate::parent::succeeds(command);
        };
        role
    }};
}
pub(crate) use in_own_process;

/// Runs a command, which must succeed.
pub(crate) fn succeeds(mut command: Command) {
    assert!(command.status().expect("the program starts").success());
}

/// Returns the path of this program.
fn program() -> PathBuf {
    std::env::current_exe().expect("the path of this program is known")
}

/// Copies this program to a file with this name.
pub(crate) fn copy_of_program(directory: &Path, name: &str) -> PathBuf {
    let copy = directory.join(name);
    std::fs::copy(program(), &copy).expect("the file can be copied");
    copy
}

/// Returns a command that runs this test in its own process.
pub(crate) fn again(test: &str, role: &str) -> Command {
    as_program(&program(), test, role)
}

/// Returns a command that runs this test in a process of `program`, a copy of this one.
pub(crate) fn as_program(program: &Path, test: &str, role: &str) -> Command {
    let mut command = Command::new(program);
    command
        .args([test, "--exact", "--nocapture", "--test-threads=1"])
        .env(ROLE, role)
        .stdout(Stdio::null());
    command
}

pub(crate) fn role() -> Option<String> {
    std::env::var(ROLE).ok()
}

/// Returns the children of a process, as listed by the system.
pub(crate) fn children(pid: u32) -> Vec<u32> {
    let tasks = std::fs::read_dir(format!("/proc/{pid}/task"));
    let lists = tasks
        .into_iter()
        .flatten()
        .filter_map(|task| std::fs::read_to_string(task.ok()?.path().join("children")).ok());
    let pids: Vec<u32> = lists
        .flat_map(|list| {
            list.split_whitespace()
                .filter_map(|pid| pid.parse().ok())
                .collect::<Vec<_>>()
        })
        .collect();
    pids
}

pub(crate) fn is_running(pid: u32) -> bool {
    let Ok(stat) = std::fs::read_to_string(format!("/proc/{pid}/stat")) else {
        return false;
    };
    !stat.contains(") Z ") && !stat.contains(") X ")
}

/// Kills a parent once it has two workers. They must end too.
fn kill_with_two_workers(mut parent: Command) {
    let mut parent = parent.spawn().expect("the parent starts");
    let mut workers = Vec::new();
    eventually("starting", || {
        workers = children(parent.id());
        workers.len() == 2
    });
    parent.kill().expect("the parent can be killed");
    parent.wait().expect("the parent ends");
    eventually("ending", || !workers.iter().any(|&pid| is_running(pid)));
}

/// Waits until `is_done`, with a time limit that only a hang exceeds.
pub(crate) fn eventually(what: &str, mut is_done: impl FnMut() -> bool) {
    let end = Instant::now() + Duration::from_secs(60);
    while !is_done() {
        assert!(Instant::now() < end, "{what} takes too long");
        std::thread::sleep(Duration::from_millis(2));
    }
}

#[test]
fn workers_end_with_their_parent_while_they_are_busy() {
    if role().is_some() {
        let _ = call::<u64, u64>(&function::sleep, 2, &[3_600_000; 4]);
    }
    kill_with_two_workers(again(this_test!(), "busy"));
}

#[test]
fn workers_end_with_their_parent_while_they_are_idle() {
    if role().is_some() {
        let _ = call::<u64, u64>(&function::square, 2, &(0..5_000).collect::<Vec<_>>());
        std::thread::sleep(Duration::from_secs(3600));
    }
    kill_with_two_workers(again(this_test!(), "idle"));
}

#[test]
fn a_stopped_worker_ends_with_its_parent() {
    if role().is_some() {
        let _ = call::<u64, u64>(&function::terminate_parent, 1, &[0]);
    }
    let mut parent = again(this_test!(), "killed")
        .spawn()
        .expect("the parent starts");
    let mut workers = Vec::new();
    eventually("dying", || {
        workers.extend(children(parent.id()));
        parent
            .try_wait()
            .expect("the state of the parent is known")
            .is_some()
    });
    eventually("ending", || !workers.iter().any(|&pid| is_running(pid)));
}

#[test]
fn workers_outlive_the_thread_that_made_the_call() {
    let pid = std::thread::spawn(|| call::<u64, u32>(&function::pid, 1, &[0]).values()[0]);
    let pid = pid.join().expect("the thread succeeds");
    // If the parent-death signal were tied to the thread that started the worker, the
    // kernel would have ended it by now.
    std::thread::sleep(Duration::from_millis(20));
    assert!(is_running(pid));
}

#[test]
fn workers_have_the_working_directory_of_their_parent() {
    in_own_process!("moving");
    for directory in ["/", "/proc", "/"] {
        std::env::set_current_dir(directory).expect("the directory exists");
        let seen = call::<u64, String>(&function::directory, 1, &[0]).values();
        assert_eq!(seen, [directory]);
    }
}

#[test]
fn a_process_that_never_becomes_a_worker_is_an_error() {
    if role().is_some() {
        // As in a worker that reached `main`.
        // SAFETY: no other thread of this test reads the environment.
        unsafe { std::env::set_var("JOBLIB_RS_WORKER", "1 1 1 0 0") };
        let shared = MessageWriter::new();
        let failed = with(&function::square, &shared, 1).try_run::<u64, u64>(&[1]);
        let failure = failed.err().expect("the call fails").to_string();
        assert!(failure.contains("#[joblib::main]"), "{failure}");
        assert!(failure.contains("joblib::init()"), "{failure}");
        return;
    }
    succeeds(again(this_test!(), "lost"));
}

#[test]
fn an_invalid_worker_marker_is_reported() {
    for marker in ["", "1", "99 1 1 0 0"] {
        let output = again("none", "none")
            .env("JOBLIB_RS_WORKER", marker)
            .output()
            .expect("it starts");
        assert_eq!(output.status.code(), Some(125), "{marker:?}");
        let text = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(text.contains("JOBLIB_RS_WORKER"), "{text}");
    }
}

#[test]
fn descriptors_that_others_leave_open_are_closed_in_workers() {
    in_own_process!("open");
    let before = call::<u64, u64>(&function::descriptors, 1, &[0]).values();
    joblib_runtime::process::end_idle();
    // SAFETY: opens files, which affects nothing else in this process.
    let open = || unsafe { libc::open(c"/dev/null".as_ptr(), libc::O_RDONLY) };
    let left: Vec<i32> = (0..10).map(|_| open()).collect();
    assert!(left.iter().all(|&fd| fd > 2));
    assert_eq!(
        call::<u64, u64>(&function::descriptors, 1, &[0]).values(),
        before
    );
}

/// Returns the processes that inherited this role.
pub(crate) fn of_role(role: &str) -> Vec<u32> {
    let entries = std::fs::read_dir("/proc").expect("the processes can be listed");
    let pids = entries.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok());
    let mark = format!("{ROLE}={role}");
    let has_role = |pid: &u32| {
        let environment = std::fs::read(format!("/proc/{pid}/environ")).unwrap_or_default();
        environment
            .split(|&byte| byte == 0)
            .any(|variable| variable == mark.as_bytes())
    };
    pids.filter(|pid| has_role(pid) && is_running(*pid))
        .collect()
}

#[test]
fn nothing_is_left_whenever_the_parent_is_killed() {
    if role().is_some() {
        loop {
            let inputs: Vec<u64> = (0..2_000).collect();
            let _ = call::<u64, u64>(&function::square, 2, &inputs);
            let _ = call::<u64, u64>(&function::sleep, 3, &[1; 6]);
            joblib_runtime::process::end_idle();
        }
    }
    for round in 0..60_u64 {
        let role = format!("killed-{}-{round}", std::process::id());
        let mut parent = again(this_test!(), &role)
            .spawn()
            .expect("the parent starts");
        std::thread::sleep(Duration::from_micros(round * 700));
        parent.kill().expect("the parent can be killed");
        parent.wait().expect("the parent ends");
        eventually("ending", || of_role(&role).is_empty());
    }
}

#[test]
fn workers_killed_at_any_moment_cost_no_more_than_the_tasks_they_held() {
    in_own_process!("hunted");
    let is_over = std::sync::atomic::AtomicBool::new(false);
    let kills = std::thread::scope(|scope| {
        let hunter = scope.spawn(|| {
            let mut kills = 0;
            while !is_over.load(std::sync::atomic::Ordering::Relaxed) {
                std::thread::sleep(Duration::from_micros(500 + 977 * (kills % 17)));
                let Some(&prey) = children(std::process::id()).last() else {
                    continue;
                };
                // SAFETY: sends a signal, which accesses no memory.
                unsafe { libc::kill(prey as i32, libc::SIGKILL) };
                kills += 1;
            }
            kills
        });
        for round in 0..150 {
            let inputs: Vec<u64> = (0..400).collect();
            let shared = MessageWriter::new();
            let mut with = with(&function::square, &shared, 1 + round % 3);
            with.spec.retries = 1_000;
            with.spec.batch = [None, Some(1), Some(64)][round % 3];
            if let Ok(outcome) = with.try_run::<u64, u64>(&inputs) {
                let squares = outcome.values();
                assert!(
                    squares
                        .iter()
                        .zip(&inputs)
                        .all(|(square, x)| *square == x * x)
                );
            }
        }
        is_over.store(true, std::sync::atomic::Ordering::Relaxed);
        hunter.join().expect("the thread succeeds")
    });
    assert!(kills > 0);
}

/// Returns how the worker of task 7 of 20 ended. All other tasks must return.
fn death_of_task_7() -> WorkerExit {
    let mut inputs: Vec<u64> = (0..20).collect();
    let mut results = call::<u64, u64>(&function::kill_at_7, 2, &inputs).results;
    let lost = results.remove(7);
    inputs.remove(7);
    assert!(results.into_iter().eq(inputs.into_iter().map(Ok)));
    match lost {
        Err(ErrorKind::WorkerDied(death)) => death,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_worker_that_the_program_itself_reaped_is_reported_as_such() {
    in_own_process!("reaping");
    for _ in 0..4 {
        std::thread::spawn(|| {
            loop {
                // SAFETY: waits for any child, or returns if there is none. It writes
                // no memory.
                unsafe { libc::waitpid(-1, std::ptr::null_mut(), 0) };
                std::thread::yield_now();
            }
        });
    }
    // It is up to the system whether this thread or the library reaps the worker first.
    eventually("reaping", || match death_of_task_7() {
        WorkerExit::Unknown => true,
        WorkerExit::Killed(libc::SIGKILL) => false,
        other => panic!("{other:?}"),
    });
}

#[test]
fn a_worker_whose_end_the_program_ignores_is_reported_as_such() {
    in_own_process!("ignoring");
    // SAFETY: sets a disposition that needs no handler.
    unsafe { libc::signal(libc::SIGCHLD, libc::SIG_IGN) };
    assert_eq!(death_of_task_7(), WorkerExit::Unknown);
    let message = WorkerExit::Unknown.to_string();
    assert!(
        message.contains("waitpid(-1)") && message.contains("SIGCHLD"),
        "{message}"
    );
}

#[test]
fn workers_are_what_their_parent_is_whatever_happens_to_the_file() {
    let squares = || {
        joblib_runtime::process::end_idle();
        assert_eq!(call::<u64, u64>(&function::square, 1, &[3]).values(), [9]);
    };
    if let Some(path) = role() {
        squares();
        let file = std::fs::File::open(&path).expect("the path of this program is known");
        file.set_modified(std::time::UNIX_EPOCH)
            .expect("the time can be set");
        squares();
        let other = format!("{path}.other");
        std::fs::copy("/bin/true", &other).expect("another program can be copied");
        std::fs::rename(&other, &path).expect("the program can be replaced");
        squares();
        std::fs::remove_file(&path).expect("the program can be removed");
        squares();
        return;
    }
    let directory = tempfile::tempdir().expect("a temporary directory can be created");
    let copy = copy_of_program(directory.path(), "copy");
    let role = copy.to_str().expect("the path is valid UTF-8");
    let mut parent = as_program(&copy, this_test!(), role);
    // A child that another test is starting may have the copy open for writing.
    eventually("starting", || match parent.status() {
        Err(error) if error.kind() == std::io::ErrorKind::ExecutableFileBusy => false,
        status => {
            assert!(status.expect("the program starts").success());
            true
        }
    });
}

#[test]
fn few_descriptors_are_an_error_or_enough() {
    in_own_process!("poor");
    let open = std::fs::read_dir("/proc/self/fd")
        .expect("the descriptors can be listed")
        .count() as u64;
    let limit_to = |count| {
        let limit = libc::rlimit {
            rlim_cur: count,
            rlim_max: 4096,
        };
        // SAFETY: the limit is a value of the right type.
        assert_eq!(unsafe { libc::setrlimit(libc::RLIMIT_NOFILE, &limit) }, 0);
    };
    for more in 0..30 {
        limit_to(open + more);
        let shared = MessageWriter::new();
        let with = with(&function::echo, &shared, 3);
        let inputs = vec![crate::call::Bytes(vec![1; 2 << 20]); 6];
        if let Ok(outcome) = with.try_run::<_, crate::call::Bytes>(&inputs) {
            let wrong = outcome
                .results
                .iter()
                .flatten()
                .filter(|bytes| **bytes != inputs[0]);
            assert_eq!(wrong.count(), 0);
        }
        joblib_runtime::process::end_idle();
    }
    limit_to(4096);
    assert_eq!(
        children(std::process::id()),
        [],
        "no child remains a zombie"
    );
}
