//! The state that workers inherit: they match the program at the time of its call, they
//! obey no process with fewer rights, and they keep the inherited descriptors.

use std::io::Read;
use std::os::fd::AsRawFd;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::mpsc::channel;

use joblib_runtime::parallel::ErrorKind;
use joblib_runtime::wire::MessageWriter;

use crate::call::{Bytes, call, with};
use crate::function;
use crate::parent::{
    again, as_program, copy_of_program, in_own_process, role, succeeds, this_test,
};

/// The user and group id of `nobody`.
const NOBODY: u32 = 65_534;

pub(crate) fn is_root() -> bool {
    // SAFETY: this has no preconditions.
    unsafe { libc::geteuid() == 0 }
}

/// Returns the error with which a call fails to start.
fn refusal() -> String {
    let shared = MessageWriter::new();
    let with = with(&function::square, &shared, 1);
    match with.try_run::<u64, u64>(&[3]) {
        Err(ErrorKind::Start(why)) => why,
        Err(other) => panic!("{other:?}"),
        Ok(_) => panic!("the call must not start"),
    }
}

/// Returns the state that a task observes, and that of the program.
fn both() -> (String, String) {
    let task = call::<u64, String>(&function::standing, 1, &[0]).values();
    (task[0].clone(), function::standing_here())
}

/// Creates a directory that every user may enter.
pub(crate) fn directory_for_all() -> tempfile::TempDir {
    let directory = tempfile::tempdir().expect("a temporary directory can be created");
    std::fs::set_permissions(directory.path(), PermissionsExt::from_mode(0o755))
        .expect("the mode can be set");
    directory
}

/// Returns whether this process has more rights than the process that started it.
fn is_raised() -> bool {
    // SAFETY: this has no preconditions.
    unsafe { libc::getauxval(libc::AT_SECURE) != 0 }
}

/// Returns a set-user-ID program owned by `nobody`. `None` if this process cannot
/// create one, or the file system ignores that mode.
fn raised(test: &str, directory: &Path) -> Option<Command> {
    if !is_root() {
        return None;
    }
    let copy = copy_of_program(directory, "raised");
    std::os::unix::fs::chown(&copy, Some(NOBODY), Some(NOBODY)).expect("the owner can be changed");
    std::fs::set_permissions(&copy, PermissionsExt::from_mode(0o4755))
        .expect("the mode can be set");
    let mut command = as_program(&copy, test, "raised");
    command.stdout(Stdio::piped());
    Some(command)
}

#[test]
fn a_program_with_raised_rights_is_no_worker_and_has_none() {
    if role().is_some() {
        println!("main ran, raised: {}", is_raised());
        if is_raised() {
            let why = refusal();
            assert!(why.contains("set-user-ID"), "{why}");
            joblib_runtime::init();
        }
        return;
    }
    let directory = directory_for_all();
    let Some(mut command) = raised(this_test!(), directory.path()) else {
        println!("skipped: only root can make such a program");
        return;
    };
    let marker = format!("1 {} 1 {:032x} {:032x}", std::process::id(), 0, 0);
    let output = command
        .env("JOBLIB_RS_WORKER", marker)
        .output()
        .expect("it starts");
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(
        output.status.success() && text.contains("main ran"),
        "{text}"
    );
    if text.contains("raised: false") {
        println!(
            "skipped: {} ignores the set-user-ID mode",
            directory.path().display()
        );
    }
}

#[test]
fn a_program_with_raised_rights_obeys_no_variable_of_ours() {
    if role().is_some() {
        if !is_raised() {
            return println!("skipped: the file system ignores the set-user-ID mode");
        }
        // An invalid number of jobs would be an error.
        let call = joblib_runtime::parallel::par(0..3_u64).map(|x| x);
        println!("{:?}", call.try_collect::<Vec<_>>());
        println!("{:?}", joblib_runtime::memo::Memory::user());
        return;
    }
    let directory = directory_for_all();
    let Some(mut command) = raised(this_test!(), directory.path()) else {
        println!("skipped: only root can make such a program");
        return;
    };
    command
        .env("JOBLIB_RS_N_JOBS", "none")
        .env("JOBLIB_RS_BACKEND", "nowhere")
        .env("JOBLIB_RS_CACHE_DIR", "/tmp/chosen")
        .env("XDG_CACHE_HOME", "/tmp/chosen")
        .env("HOME", "/tmp/chosen");
    let output = command.output().expect("the program starts");
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{text}");
    if text.contains("skipped: ") {
        return println!("{text}");
    }
    assert!(text.contains("Ok([0, 1, 2])"), "{text}");
    assert!(!text.contains("chosen"), "{text}");
}

#[test]
fn workers_have_the_user_and_group_that_the_program_has_now() {
    if !is_root() {
        println!("skipped: only root can change its user");
        return;
    }
    if role().is_none() {
        let directory = directory_for_all();
        let copy = copy_of_program(directory.path(), "copy");
        return succeeds(as_program(&copy, this_test!(), "changing"));
    }
    let (task, here) = both();
    assert_eq!(task, here);
    // SAFETY: changes the user of this process, which runs only this test.
    unsafe {
        assert_eq!(libc::setgid(NOBODY), 0);
        assert_eq!(libc::setuid(NOBODY), 0);
    }
    let (task, here) = both();
    assert_eq!(task, here);
    assert!(here.starts_with(&format!("{NOBODY} {NOBODY} ")), "{here}");
}

#[test]
fn workers_have_the_umask_environment_limits_and_priority_that_the_program_has_now() {
    in_own_process!("changing");
    let mut seen = Vec::new();
    let limit = libc::rlimit {
        rlim_cur: 99,
        rlim_max: 999,
    };
    let changes: [&dyn Fn(); 5] = [
        &|| (),
        // SAFETY: these change only this process, which runs only this test, and no
        // other thread of it reads the environment.
        &|| unsafe {
            libc::umask(0o077);
        },
        // SAFETY: as above.
        &|| unsafe { std::env::set_var("JOBLIB_TEST_SAID", "another") },
        // SAFETY: as above.
        &|| unsafe { assert_eq!(libc::setrlimit(libc::RLIMIT_NOFILE, &raw const limit), 0) },
        // SAFETY: as above.
        &|| unsafe {
            let process = std::process::id();
            let lower = libc::getpriority(libc::PRIO_PROCESS, process) + 1;
            assert_eq!(libc::setpriority(libc::PRIO_PROCESS, process, lower), 0);
        },
    ];
    for change in changes {
        change();
        let (task, here) = both();
        assert_eq!(task, here);
        assert!(!seen.contains(&here), "{here}");
        seen.push(here);
    }
}

#[test]
fn a_worker_is_used_again_while_nothing_changes() {
    in_own_process!("staying");
    let pid = || call::<u64, u32>(&function::pid, 1, &[0]).values()[0];
    let first = pid();
    assert!((0..50).all(|_| pid() == first));
}

#[test]
fn a_worker_is_used_again_whatever_has_the_number_of_a_descriptor_that_was_closed() {
    const NUMBER: i32 = 900;
    if role().is_none() {
        let mut command = again(this_test!(), "closing");
        // SAFETY: between fork and exec, this only duplicates a descriptor.
        unsafe {
            command.pre_exec(|| match libc::dup2(0, NUMBER) {
                -1 => Err(std::io::Error::last_os_error()),
                _ => Ok(()),
            });
        }
        return succeeds(command);
    }
    let pid_with = |file: &std::fs::File| {
        // SAFETY: this process was started with the descriptor, and nothing uses it.
        let taken = unsafe { libc::dup3(file.as_raw_fd(), NUMBER, libc::O_CLOEXEC) };
        assert_eq!(taken, NUMBER);
        call::<u64, u32>(&function::pid, 1, &[0]).values()[0]
    };
    let files = [(); 3].map(|()| tempfile::tempfile().expect("the file can be opened"));
    let pids = files.each_ref().map(pid_with);
    assert_eq!(pids, [pids[0]; 3]);
}

#[test]
fn workers_are_in_the_process_group_that_the_program_is_in_now() {
    in_own_process!("leading");
    let group = || call::<u64, u64>(&function::group_of_processes, 1, &[0]).values()[0];
    // SAFETY: this has no preconditions.
    let here = || unsafe { libc::getpgrp() } as u64;
    let before = group();
    assert_eq!(before, here());
    // SAFETY: changes the group of this process, which runs only this test.
    assert_eq!(unsafe { libc::setpgid(0, 0) }, 0);
    assert_ne!(here(), before);
    assert_eq!(group(), here());
}

/// A worker that is started in the middle of a call inherits the state of the program
/// at that time, and is identified by it.
#[test]
fn a_worker_that_is_started_in_the_middle_of_a_call_is_known_by_what_it_inherited() {
    in_own_process!("changing");
    let say = |text: &str| {
        // SAFETY: no other thread of this process reads the environment.
        unsafe { std::env::set_var("JOBLIB_TEST_SAID", text) };
    };
    say("one");
    let shared = MessageWriter::new();
    let mut with = with(&function::variable, &shared, 1);
    with.spec.max_tasks_per_worker = Some(2);
    let say_another = || say("another");
    with.after_step = Some(&say_another);
    let seen = with.run::<u64, String>(&[0; 3]).values();
    assert_eq!(seen, ["one", "one", "another"]);
    say("one");
    assert_eq!(
        call::<u64, String>(&function::variable, 1, &[0]).values(),
        ["one"]
    );
}

#[test]
fn workers_have_the_cores_of_the_main_thread_if_another_thread_calls_first() {
    in_own_process!("pinned");
    let main = || {
        let status = std::fs::read_to_string("/proc/self/status").expect("the status can be read");
        let line = status
            .lines()
            .find(|line| line.starts_with("Cpus_allowed_list"));
        line.expect("the status has the field").to_owned()
    };
    let of_tasks = || call::<u64, String>(&function::processors, 1, &[0]).values();
    let pinned = std::thread::spawn(move || {
        // SAFETY: zeros are an empty set, and the pointer is valid.
        unsafe {
            let mut set: libc::cpu_set_t = std::mem::zeroed();
            let processor = libc::sched_getcpu();
            libc::CPU_SET(processor as usize, &mut set);
            assert_eq!(
                libc::sched_setaffinity(0, size_of_val(&set), &raw const set),
                0
            );
        }
        of_tasks()
    });
    assert_eq!(pinned.join().expect("the thread succeeds"), [main()]);
    assert_eq!(of_tasks(), [main()]);
}

#[test]
fn descriptors_that_the_program_was_started_with_are_the_workers_too() {
    // A number that this process does not use. Its own descriptors are marked
    // close-on-exec.
    const NUMBER: i32 = 900;
    if role().is_some() {
        let written = call::<u64, u64>(&function::write_to, 1, &[NUMBER as u64, 3, 4]).values();
        assert_eq!(written[0], 1);
        return;
    }
    let (mut reader, writer) = std::io::pipe().expect("a pipe can be created");
    let mut command = again(this_test!(), "inheriting");
    let fd = writer.as_raw_fd();
    // SAFETY: between fork and exec, this only duplicates a descriptor.
    unsafe {
        command.pre_exec(move || match libc::dup2(fd, NUMBER) {
            -1 => Err(std::io::Error::last_os_error()),
            _ => Ok(()),
        });
    }
    succeeds(command);
    drop(writer);
    let mut written = String::new();
    reader
        .read_to_string(&mut written)
        .expect("the pipe can be read");
    assert_eq!(written, "x");
}

#[test]
fn a_descriptor_that_is_closed_in_workers_has_an_unused_number() {
    in_own_process!("leaking");
    // SAFETY: opens a file, which affects nothing else in this process.
    let left = unsafe { libc::open(c"/dev/null".as_ptr(), libc::O_RDWR) };
    assert!(left > 2);
    let inputs: Vec<u64> = vec![left as u64; 3];
    let written = call::<u64, u64>(&function::write_to, 1, &inputs).values();
    assert_eq!(written, [u64::MAX; 3]);
}

#[test]
fn tasks_run_in_a_directory_whose_name_is_not_utf_8() {
    use std::os::unix::ffi::OsStrExt;
    if role().is_some() {
        let here = std::env::current_dir().expect("the directory is known");
        assert!(here.to_str().is_none());
        let seen = call::<u64, String>(&function::directory, 1, &[0]).values();
        assert_eq!(seen, [here.display().to_string()]);
        return;
    }
    let directory = tempfile::tempdir().expect("a temporary directory can be created");
    let named = directory
        .path()
        .join(std::ffi::OsStr::from_bytes(b"caf\xe9"));
    std::fs::create_dir(&named).expect("the directory can be created");
    let mut command = again(this_test!(), "there");
    command.current_dir(&named);
    succeeds(command);
}

#[test]
fn tasks_run_in_a_directory_that_was_removed_if_the_program_does() {
    in_own_process!("removing");
    let has_directory = || call::<u64, u64>(&function::has_directory, 1, &[0]).values();
    let pid = || call::<u64, u32>(&function::pid, 1, &[0]).values();
    let (first, directory) = (
        pid(),
        tempfile::tempdir().expect("a temporary directory can be created"),
    );
    assert_eq!(has_directory(), [1]);
    std::env::set_current_dir(directory.path()).expect("the directory exists");
    drop(directory);
    assert_eq!((has_directory(), pid()), (vec![0], first));
    std::env::set_current_dir("/").expect("the directory exists");
    assert_eq!(has_directory(), [1]);
}

#[test]
fn a_program_without_devices_has_workers() {
    if role().is_some() {
        assert!(std::fs::File::open("/dev/null").is_err());
        let lengths = call::<u64, u64>(&function::standard_input, 1, &[0, 0]).values();
        assert_eq!(lengths, [0, 0]);
        return;
    }
    let mut command = again(this_test!(), "without devices");
    // SAFETY: between fork and exec, this only makes system calls.
    unsafe {
        command.pre_exec(|| {
            let (none, mount) = (std::ptr::null(), c"tmpfs".as_ptr());
            let private = libc::MS_REC | libc::MS_PRIVATE;
            let is_without = libc::unshare(libc::CLONE_NEWNS) == 0
                && libc::mount(none, c"/".as_ptr(), none, private, none.cast()) == 0
                && libc::mount(mount, c"/dev".as_ptr(), mount, 0, none.cast()) == 0;
            match is_without {
                true => Ok(()),
                false => Err(std::io::Error::last_os_error()),
            }
        });
    }
    match command.status() {
        Ok(status) => assert!(status.success()),
        Err(why) => println!("skipped: only root can hide devices: {why}"),
    }
}

fn limit_files_to(bytes: u64) {
    let limit = libc::rlimit {
        rlim_cur: bytes,
        rlim_max: bytes,
    };
    assert_eq!(
        // SAFETY: the pointer is valid.
        unsafe { libc::setrlimit(libc::RLIMIT_FSIZE, &raw const limit) },
        0
    );
}

#[test]
fn a_file_size_limit_that_is_too_small_is_an_error() {
    in_own_process!("limited");
    limit_files_to(100 << 10);
    let why = refusal();
    assert!(why.contains("ulimit -f") && why.contains("102400"), "{why}");
}

#[test]
fn values_larger_than_the_file_size_limit_are_transferred() {
    in_own_process!("limited");
    limit_files_to(1 << 20);
    let inputs = vec![Bytes(vec![7; 3 << 20]); 3];
    assert_eq!(
        call::<_, Bytes>(&function::echo, 2, &inputs).values(),
        inputs
    );
}

#[test]
fn output_may_be_longer_than_the_file_size_limit() {
    in_own_process!("limited");
    limit_files_to(1 << 20);
    let shared = MessageWriter::new();
    let mut with = with(&function::print_much, &shared, 2);
    with.spec.captures = true;
    let lengths = [0, 10, 3 << 20, 5, 1 << 20, 100_000];
    for _ in 0..2 {
        let outcome = with.run::<u64, u64>(&lengths);
        let mut printed = outcome.printed.clone();
        printed.sort();
        let seen: Vec<_> = printed
            .iter()
            .map(|(_, out, err)| (out.len() as u64, err.len() as u64))
            .collect();
        assert_eq!(seen, lengths.map(|it| (it, it / 2)));
        assert_eq!(outcome.values(), lengths);
    }
}

#[test]
fn the_error_of_a_program_that_cannot_run_again_names_it() {
    if role().is_some() {
        let path = std::env::current_exe().expect("the path of this program is known");
        std::fs::set_permissions(&path, PermissionsExt::from_mode(0o644))
            .expect("the mode can be set");
        let why = refusal();
        assert!(
            why.contains("/proc/self/exe") && why.contains("copy"),
            "{why}"
        );
        return;
    }
    let directory = tempfile::tempdir().expect("a temporary directory can be created");
    let copy = copy_of_program(directory.path(), "copy");
    succeeds(as_program(&copy, this_test!(), "not executable"));
}

/// Children of a program that forks while its threads are in calls continue to work.
#[test]
fn a_child_of_a_fork_makes_calls_if_its_parent_was_in_calls() {
    in_own_process!("forking");
    let (stop, stopped) = channel::<()>();
    let stopped = std::sync::Mutex::new(stopped);
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                let goes_on = || {
                    let stopped = stopped.lock().expect("the lock is not poisoned");
                    stopped.try_recv() == Err(std::sync::mpsc::TryRecvError::Empty)
                };
                while goes_on() {
                    call::<u64, u64>(&function::square, 1, &[3, 4]).values();
                    let _: Vec<u64> = joblib_runtime::parallel::par(0..8_u64)
                        .map(|x| x)
                        .n_jobs(2)
                        .collect();
                }
            });
        }
        for round in 0..60 {
            fork_and_call(round);
        }
        drop(stop);
    });
}

fn fork_and_call(round: u64) {
    // SAFETY: the child makes calls and ends with `_exit`, so it does not return.
    let child = unsafe { libc::fork() };
    assert!(child >= 0);
    if child == 0 {
        // SAFETY: this is a plain system call.
        unsafe { libc::alarm(60) };
        let good = std::panic::catch_unwind(|| {
            let sum: Vec<u64> = joblib_runtime::parallel::par(0..8_u64)
                .map(|x| x + 1)
                .n_jobs(2)
                .collect();
            let is_good = sum.len() == 8;
            match round % 3 {
                0 => is_good && call::<u64, u64>(&function::square, 1, &[3]).values() == [9],
                _ => is_good,
            }
        });
        // SAFETY: this is a plain system call.
        unsafe { libc::_exit(i32::from(!good.unwrap_or(false))) };
    }
    let mut status = 0;
    // SAFETY: the pointer is valid, and the child is ours.
    assert_eq!(unsafe { libc::waitpid(child, &raw mut status, 0) }, child);
    assert_eq!(status, 0, "round {round}");
}
