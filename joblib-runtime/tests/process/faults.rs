//! The cost of a faulty worker: the task that it held, and nothing else.

use std::time::Duration;

use joblib_runtime::parallel::{ErrorKind, WorkerExit};
use joblib_runtime::task::Registration;
use joblib_runtime::wire::MessageWriter;

use crate::call::{Bytes, call, with};
use crate::function;

/// Checks that task 7 of 40 fails as `is_expected` requires, that all others return,
/// and that the pool still works.
fn costs_one_task(
    registration: &'static Registration,
    timeout: Option<Duration>,
    is_expected: fn(&ErrorKind) -> bool,
) {
    let inputs: Vec<u64> = (0..40).collect();
    for workers in [1, 2, 3] {
        for batch in [None, Some(1), Some(16)] {
            let shared = MessageWriter::new();
            let mut with = with(registration, &shared, workers);
            with.spec.batch = batch;
            with.spec.timeout = timeout;
            let results = with.run::<u64, u64>(&inputs).results;
            for (index, result) in results.iter().enumerate() {
                match (index, result) {
                    (7, Err(failure)) => assert!(is_expected(failure), "{failure:?}"),
                    _ => assert_eq!(*result, Ok(index as u64), "task {index}"),
                }
            }
            assert!(results[7].is_err());
            let squares = call::<u64, u64>(&function::square, workers, &inputs).values();
            assert_eq!(squares[39], 39 * 39);
        }
    }
}

fn killed(failure: &ErrorKind, signal: i32) -> bool {
    *failure == ErrorKind::WorkerDied(WorkerExit::Killed(signal))
}

#[test]
fn a_killed_worker_costs_one_task() {
    costs_one_task(&function::kill_at_7, None, |failure| {
        killed(failure, libc::SIGKILL)
    });
}

#[test]
fn an_aborted_worker_costs_one_task() {
    costs_one_task(&function::abort_at_7, None, |failure| {
        killed(failure, libc::SIGABRT)
    });
}

#[test]
fn a_worker_that_exits_costs_one_task() {
    costs_one_task(&function::exit_at_7, None, |failure| {
        *failure == ErrorKind::WorkerDied(WorkerExit::Exited(3))
    });
}

#[test]
fn a_stack_that_overflows_costs_one_task() {
    costs_one_task(&function::overflow_at_7, None, |failure| {
        killed(failure, libc::SIGSEGV) || killed(failure, libc::SIGABRT)
    });
}

#[test]
fn a_segmentation_fault_costs_one_task() {
    costs_one_task(&function::fault_at_7, None, |failure| {
        killed(failure, libc::SIGSEGV)
    });
}

#[test]
fn garbage_costs_one_task() {
    costs_one_task(&function::garbage_at_7, None, |failure| {
        *failure == ErrorKind::WorkerDied(WorkerExit::ProtocolError)
    });
}

#[test]
fn a_worker_that_closes_its_socket_costs_one_task() {
    costs_one_task(&function::close_at_7, None, |failure| {
        killed(failure, libc::SIGKILL)
    });
}

const LIMIT: Duration = Duration::from_millis(300);

#[test]
fn a_stopped_worker_costs_one_task_where_there_is_a_timeout() {
    costs_one_task(&function::stop_at_7, Some(LIMIT), |failure| {
        *failure == ErrorKind::TimedOut(LIMIT)
    });
}

/// The consumer of the results pauses for longer than a task may run, while results
/// wait for space in the socket.
#[test]
fn a_slow_consumer_does_not_time_out_a_worker() {
    const LENGTHS: [usize; 2] = [900 << 10, 100];
    let inputs = [0_u8, 1, 2, 3, 4, 5].map(|it| Bytes(vec![it; LENGTHS[usize::from(it) % 2]]));
    // This starts the workers.
    assert_eq!(
        call::<Bytes, Bytes>(&function::echo, 2, &inputs).values(),
        inputs
    );
    let shared = MessageWriter::new();
    let mut with = with(&function::echo, &shared, 2);
    with.spec.timeout = Some(Duration::from_millis(500));
    // One task for each worker, so that one is done while the other waits for space.
    with.window = 2;
    let be_away = || std::thread::sleep(Duration::from_millis(700));
    with.after_step = Some(&be_away);
    assert_eq!(with.run::<Bytes, Bytes>(&inputs).values(), inputs);
}

#[test]
fn a_task_that_hangs_is_stopped_where_there_is_a_timeout() {
    costs_one_task(&function::hang_at_7, Some(LIMIT), |failure| {
        *failure == ErrorKind::TimedOut(LIMIT)
    });
}

#[test]
fn a_worker_that_overwrites_shared_memory_changes_no_result() {
    // Results that the worker finished and the parent did not receive are lost with it.
    let inputs: Vec<u64> = (0..40).collect();
    for workers in [1, 2, 3, 1, 2, 3] {
        let shared = MessageWriter::new();
        let mut with = with(&function::scribble_at_7, &shared, workers);
        with.spec.timeout = Some(LIMIT);
        let results = with.run::<u64, u64>(&inputs).results;
        for (index, result) in results.iter().enumerate() {
            assert!(result.is_err() || *result == Ok(index as u64));
        }
        assert!(results[7].is_err());
        let squares = call::<u64, u64>(&function::square, workers, &inputs).values();
        assert_eq!(squares[39], 39 * 39);
    }
}

#[test]
fn no_task_runs_twice_if_a_worker_overwrites_shared_memory() {
    for (number, registration, timeout) in [
        (1, &function::noted_scribble, Some(LIMIT)),
        (2, &function::noted_wipe, None),
        (3, &function::noted_wipe_and_end, None),
    ] {
        // Each round uses another owner, because a lost worker leaves a file.
        let owner = u64::from(std::process::id()) << 8 | number;
        let inputs: Vec<(u64, u64)> = (0..40).map(|number| (number, owner)).collect();
        let shared = MessageWriter::new();
        let mut with = with(registration, &shared, 1);
        with.spec.batch = Some(40);
        with.spec.timeout = timeout;
        let results = with.run::<(u64, u64), u64>(&inputs).results;
        let begun = std::fs::read_to_string(function::begun(owner))
            .expect("the record of tasks can be read");
        std::fs::remove_file(function::begun(owner)).expect("the file can be removed");
        let mut begun: Vec<u64> = begun.lines().map(|line| line.parse().unwrap()).collect();
        begun.sort_unstable();
        let all = begun.len();
        begun.dedup();
        assert_eq!(begun.len(), all, "{}: {begun:?}", registration.name);
        for (index, result) in results.into_iter().enumerate() {
            match result {
                Ok(value) => assert_eq!(value, index as u64),
                Err(failure) => assert!(matches!(
                    failure,
                    ErrorKind::WorkerDied(_) | ErrorKind::TimedOut(_)
                )),
            }
        }
    }
}

#[test]
fn an_extra_frame_without_meaning_costs_nothing() {
    let inputs: Vec<u64> = (0..40).collect();
    assert_eq!(
        call::<u64, u64>(&function::bells_at_7, 2, &inputs).values(),
        inputs
    );
}

#[test]
fn a_task_that_lost_its_worker_is_tried_again_on_request() {
    let owner = u64::from(std::process::id());
    let inputs: Vec<(u64, u64)> = (0..20).map(|number| (number, owner)).collect();
    let shared = MessageWriter::new();
    let mut with = with(&function::once, &shared, 2);
    with.spec.retries = 1;
    let numbers = with.run::<(u64, u64), u64>(&inputs).values();
    assert_eq!(numbers, (0..20).collect::<Vec<u64>>());
}

#[test]
fn every_task_has_an_outcome_when_all_workers_die() {
    let results = call::<u64, u64>(&function::die_at_once, 2, &[0; 12]).results;
    assert!(
        results
            .iter()
            .flat_map(|result| result.as_ref().err())
            .count()
            == 12
    );
}

#[test]
fn nothing_is_left_open_when_workers_die() {
    let count = || std::fs::read_dir("/proc/self/fd").unwrap().count();
    let _ = call::<u64, u64>(&function::die_at_once, 2, &[0; 4]);
    let before = count();
    for _ in 0..10 {
        let _ = call::<u64, u64>(&function::die_at_once, 2, &[0; 4]);
    }
    // Tests that run concurrently have workers too.
    assert!(count() < before + 60, "{} after {before}", count());
}
