//! The end of workers, of tasks and of processes that tasks started: signals to the
//! group are for the parent, processes of a stopped task stop with it, and a worker
//! that is not needed any more ends by itself.

use std::os::unix::process::CommandExt;
use std::process::Command;
use std::time::Duration;

use joblib_runtime::parallel::ErrorKind;
use joblib_runtime::process::Session;
use joblib_runtime::wire::MessageWriter;

use crate::call::{call, with};
use crate::function;
use crate::inherited::is_root;
use crate::parent::{again, eventually, in_own_process, of_role, role, succeeds, this_test};

const OF_TERMINALS: [libc::c_int; 3] = [libc::SIGHUP, libc::SIGINT, libc::SIGQUIT];

/// Sets the disposition of the signals that terminals send, which this test may ignore
/// because a shell started it in the background.
fn set_dispositions(command: &mut Command, disposition: libc::sighandler_t) {
    // SAFETY: between fork and exec, this only sets the disposition of signals.
    unsafe {
        command.pre_exec(move || {
            for signal in OF_TERMINALS {
                libc::signal(signal, disposition);
            }
            Ok(())
        });
    }
}

/// Returns a role that no other process has.
fn fresh(what: &str) -> String {
    format!("{what}-{}", std::process::id())
}

#[test]
fn signals_of_the_group_are_for_the_parent() {
    if role().is_none() {
        let mut command = again(this_test!(), "signalled");
        command.process_group(0);
        succeeds(command);
        return;
    }
    extern "C" fn pass_over(_: libc::c_int) {}
    let signals = [
        libc::SIGINT,
        libc::SIGTERM,
        libc::SIGHUP,
        libc::SIGUSR1,
        libc::SIGUSR2,
        libc::SIGQUIT,
        libc::SIGALRM,
        libc::SIGXCPU,
        libc::SIGIO,
        libc::SIGRTMIN(),
        libc::SIGRTMAX(),
    ];
    for signal in signals {
        // SAFETY: the handler does nothing.
        unsafe { libc::signal(signal, pass_over as *const () as libc::sighandler_t) };
    }
    let inputs = signals.map(|signal| signal as u64);
    let seen = call::<u64, u64>(&function::raise_in_group, 2, &inputs).values();
    assert_eq!(seen, inputs);
}

#[test]
fn a_program_that_a_task_started_gets_the_signals_of_the_group() {
    if role().is_some() {
        let _ = call::<u64, u64>(&function::program, 2, &[0, 0]);
        return;
    }
    for signal in [libc::SIGINT, libc::SIGTERM, libc::SIGHUP] {
        let role = fresh("group");
        let mut command = again(this_test!(), &role);
        set_dispositions(&mut command, libc::SIG_DFL);
        let mut parent = command.process_group(0).spawn().expect("the parent starts");
        // The parent, two workers, and the processes that their tasks started.
        eventually("starting", || of_role(&role).len() == 5);
        // SAFETY: sends a signal to a process group of this test.
        unsafe { libc::kill(-(parent.id() as i32), signal) };
        parent.wait().expect("the parent ends");
        eventually("ending", || of_role(&role).is_empty());
    }
}

/// As `nohup` sets it, and a shell for background processes.
#[test]
fn a_program_that_a_task_started_ignores_the_signals_that_the_program_ignores() {
    if role().is_none() {
        let mut command = again(this_test!(), "ignoring");
        set_dispositions(&mut command, libc::SIG_IGN);
        succeeds(command);
        return;
    }
    let survived = call::<u64, u64>(&function::signalled, 1, &OF_TERMINALS.map(|it| it as u64));
    assert_eq!(survived.values(), [1; 3]);
    // Also a signal that is not ignored.
    let ended = call::<u64, u64>(&function::signalled, 1, &[libc::SIGTERM as u64]);
    assert_eq!(ended.values(), [0]);
}

#[test]
fn a_timer_of_a_task_ends_its_worker() {
    let shared = MessageWriter::new();
    let with = with(&function::ring_alarm_at_7, &shared, 1);
    let outcome = with.try_run::<u64, u64>(&[1, 7, 2]).expect("it starts");
    let died = ErrorKind::WorkerDied(joblib_runtime::parallel::WorkerExit::Killed(libc::SIGALRM));
    assert_eq!(outcome.results, [Ok(1), Err(died), Ok(2)]);
}

#[test]
fn what_a_task_started_ends_with_a_task_that_is_stopped() {
    let role = in_own_process!(&fresh("stopping"));
    let shared = MessageWriter::new();
    let mut late = with(&function::program, &shared, 2);
    late.spec.timeout = Some(Duration::from_millis(300));
    let outcome = late.try_run::<u64, u64>(&[0, 0, 0]).expect("it starts");
    let is_late = |result: &Result<u64, ErrorKind>| matches!(result, Err(ErrorKind::TimedOut(_)));
    assert!(outcome.results.iter().all(is_late));
    joblib_runtime::process::end_idle();
    // A killed process takes a moment to disappear.
    eventually("ending", || of_role(&role) == [std::process::id()]);
}

#[test]
fn processes_that_a_task_started_end_with_a_dropped_call() {
    let role = in_own_process!(&fresh("dropping"));
    struct Two(u64);
    impl joblib_runtime::process::TaskProvider for Two {
        fn next(
            &mut self,
            _: usize,
            put: &mut dyn FnMut(usize, &MessageWriter<'_>),
        ) -> joblib_runtime::process::NextTask {
            if self.0 == 2 {
                return joblib_runtime::process::NextTask::Over;
            }
            let mut writer = MessageWriter::new();
            writer.value(&self.0).expect("the value can be encoded");
            put(self.0 as usize, &writer);
            self.0 += 1;
            joblib_runtime::process::NextTask::Given
        }

        fn done(
            &mut self,
            _: usize,
            _: Result<&mut joblib_runtime::wire::MessageReader<'_>, ErrorKind>,
        ) {
        }
    }
    let shared = MessageWriter::new();
    let spec = with(&function::program, &shared, 2).spec;
    let mut session = Session::open(&spec).expect("the session opens");
    let mut tasks = Two(0);
    eventually("starting", || {
        let soon = std::time::Instant::now() + Duration::from_millis(10);
        session.step(&mut tasks, Some(soon));
        of_role(&role).len() == 5
    });
    drop(session);
    joblib_runtime::process::end_idle();
    // A killed process takes a moment to disappear.
    eventually("ending", || of_role(&role) == [std::process::id()]);
}

/// As in a plain loop, the library must not end what remains of a task that returned.
#[test]
fn a_worker_that_ends_lets_destructors_and_exit_functions_run() {
    if let Some(file) = role() {
        call::<String, u64>(&function::leave, 1, &[file]).values();
        return;
    }
    let directory = tempfile::tempdir().expect("a temporary directory can be created");
    let file = directory.path().join("left").display().to_string();
    succeeds(again(this_test!(), &file));
    let read = |file: &str| std::fs::read_to_string(file).unwrap_or_default();
    assert_eq!(read(&file), "the thread ended");
    assert_eq!(read(&format!("{file}.exit")), "the process ended");
}

#[test]
fn a_worker_that_is_replaced_ends_by_itself_too() {
    if let Some(file) = role() {
        let shared = MessageWriter::new();
        let mut with = with(&function::leave, &shared, 1);
        with.spec.max_tasks_per_worker = Some(1);
        let files: Vec<String> = (0..3).map(|number| format!("{file}{number}")).collect();
        with.try_run::<String, u64>(&files)
            .expect("it starts")
            .values();
        return;
    }
    let directory = tempfile::tempdir().expect("a temporary directory can be created");
    let file = directory.path().join("left").display().to_string();
    succeeds(again(this_test!(), &file));
    assert_eq!(directory.path().read_dir().expect("files").count(), 6);
}

#[test]
fn a_worker_that_may_not_be_ended_is_not_waited_for() {
    if !is_root() {
        println!("skipped: only root can change its user");
        return;
    }
    let role = in_own_process!(&fresh("unreachable"));
    let changing = std::thread::spawn(move || {
        eventually("starting", || of_role(&role).len() == 2);
        std::thread::sleep(Duration::from_millis(100));
        // SAFETY: changes the user of this process, which runs only this test.
        unsafe {
            assert_eq!(libc::setgid(65_534), 0);
            assert_eq!(libc::setuid(65_534), 0);
        }
    });
    let shared = MessageWriter::new();
    let mut late = with(&function::sleep, &shared, 1);
    late.spec.timeout = Some(Duration::from_secs(1));
    let outcome = late.try_run::<u64, u64>(&[30_000]).expect("it starts");
    assert!(matches!(outcome.results[0], Err(ErrorKind::TimedOut(_))));
    changing.join().expect("the thread succeeds");
}
