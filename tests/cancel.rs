//! Calls that are cancelled from outside: before, during and after, on every backend.

use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use joblib::backend::{Processes, Threads};
use joblib::parallel::{Error, ErrorKind};
use joblib::{CancelToken, parallel};

const BACKENDS: [&str; 4] = ["sequential", "threads", "processes", "rayon"];

/// No test waits this long unless something hangs.
const LONG: Duration = Duration::from_secs(100);

#[parallel]
fn double(x: u64) -> u64 {
    2 * x
}

/// Notes in `directory` that task `x` runs. Task 0 then waits for the file `go`.
#[parallel(shared(directory))]
fn wait_first(x: u64, directory: &str) -> u64 {
    let directory = Path::new(directory);
    std::fs::write(directory.join(x.to_string()), "").unwrap();
    let end = Instant::now() + LONG;
    while x == 0 && !directory.join("go").exists() && Instant::now() < end {
        thread::sleep(Duration::from_millis(1));
    }
    x
}

fn wait_for(path: &Path) {
    let end = Instant::now() + LONG;
    while !path.exists() {
        assert!(Instant::now() < end, "{path:?} does not appear");
        thread::sleep(Duration::from_millis(1));
    }
}

fn is_cancelled(error: &Error) -> bool {
    error.failure() == &ErrorKind::Cancelled
}

fn cancelled() -> CancelToken {
    let token = CancelToken::new();
    token.cancel();
    token.cancel();
    assert!(token.is_cancelled());
    token
}

#[test]
fn a_call_that_is_cancelled_before_its_start_runs_no_task() {
    for backend in BACKENDS {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().to_str().unwrap();
        let token = cancelled();
        let call = || {
            let call = wait_first::par(1..9, path).n_jobs(2).cancel_with(&token);
            call.backend_named(backend)
        };
        let outcomes = call().outcomes();
        assert_eq!(outcomes.len(), 8, "{backend}");
        for (index, outcome) in outcomes.into_iter().enumerate() {
            let error = outcome.unwrap_err();
            assert_eq!(error.index(), Some(index), "{backend}");
            assert!(is_cancelled(&error), "{error} on {backend}");
        }
        let error = call().try_collect::<Vec<_>>().unwrap_err();
        let text = error.to_string();
        assert_eq!(text, "task 0 did not finish because the call was cancelled");
        assert_eq!(std::fs::read_dir(path).unwrap().count(), 0, "{backend}");
    }
}

#[test]
fn a_cancelled_stream_returns_an_error_for_each_task_that_was_not_done() {
    for backend in BACKENDS {
        let token = CancelToken::new();
        let call = double::par(0..500).n_jobs(2).pre_dispatch(4);
        let mut stream = call
            .backend_named(backend)
            .cancel_with(&token)
            .stream()
            .outcomes();
        for x in 0..10 {
            assert_eq!(stream.next().unwrap().unwrap(), 2 * x);
        }
        token.cancel();
        let rest: Vec<_> = stream.collect();
        assert_eq!(rest.len(), 490, "{backend}");
        let done = rest.iter().filter(|outcome| outcome.is_ok()).count();
        // At most what ran ahead.
        assert!(done <= 8, "{done} on {backend}");
        assert!(
            rest.iter()
                .flat_map(|outcome| outcome.as_ref().err())
                .all(is_cancelled)
        );

        let token = cancelled();
        let call = double::par(0..5).backend_named(backend).cancel_with(&token);
        let outcomes: Vec<_> = call.stream_unordered().outcomes().collect();
        assert_eq!(outcomes.len(), 5, "{backend}");
    }
}

#[test]
fn an_infinite_input_ends_with_the_error_of_the_call() {
    for backend in BACKENDS {
        for is_before in [true, false] {
            let token = if is_before {
                cancelled()
            } else {
                CancelToken::new()
            };
            let call = || double::par(0..).n_jobs(2).backend_named(backend);
            let mut outcomes = call().cancel_with(&token).stream().outcomes();
            if !is_before {
                assert_eq!(outcomes.next().unwrap().unwrap(), 0);
                token.cancel();
            }
            let last = outcomes.last().unwrap().unwrap_err();
            assert!(is_cancelled(&last), "{last} on {backend}");
            assert_eq!(last.index(), None, "{backend}");
            let text = last.to_string();
            assert_eq!(text, "did not finish because the call was cancelled");
            let error = call()
                .cancel_with(&token)
                .try_collect::<Vec<_>>()
                .unwrap_err();
            assert!(is_cancelled(&error), "{error} on {backend}");
        }
    }
}

#[test]
fn a_running_task_is_finished_on_threads() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path();
    let token = CancelToken::new();
    let outcomes = thread::scope(|scope| {
        scope.spawn(|| {
            wait_for(&path.join("0"));
            token.cancel();
            std::fs::write(path.join("go"), "").unwrap();
        });
        let call = wait_first::par(0..4000, path.to_str().unwrap()).n_jobs(1);
        call.backend(Threads).cancel_with(&token).outcomes()
    });
    assert_eq!(outcomes.len(), 4000);
    assert_eq!(*outcomes[0].as_ref().unwrap(), 0);
    assert!(
        outcomes[1..]
            .iter()
            .all(|it| is_cancelled(it.as_ref().unwrap_err()))
    );
    // The files `0` and `go`.
    assert_eq!(std::fs::read_dir(path).unwrap().count(), 2);
}

#[test]
fn a_running_task_is_stopped_on_processes() {
    for is_stream in [false, true] {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path();
        let token = CancelToken::new();
        let begun = Instant::now();
        let outcomes = thread::scope(|scope| {
            scope.spawn(|| {
                for x in 0..40 {
                    wait_for(&path.join(x.to_string()));
                }
                token.cancel();
            });
            let call = wait_first::par(0..40, path.to_str().unwrap()).n_jobs(2);
            let call = call.backend(Processes).cancel_with(&token);
            match is_stream {
                true => call.stream().outcomes().collect(),
                false => call.outcomes(),
            }
        });
        assert!(begun.elapsed() < LONG, "the task was not stopped");
        assert_eq!(outcomes.len(), 40);
        assert!(is_cancelled(outcomes[0].as_ref().unwrap_err()));
        // What was done before counts, except for a result that was still on its way.
        let done = outcomes.iter().filter(|outcome| outcome.is_ok()).count();
        assert!(done >= 30, "{done}");
    }
}

#[test]
fn a_cancellation_after_the_end_changes_nothing() {
    for backend in BACKENDS {
        let token = CancelToken::new();
        let call = || {
            double::par(0..5)
                .n_jobs(2)
                .backend_named(backend)
                .cancel_with(&token)
        };
        assert_eq!(call().collect::<Vec<_>>(), [0, 2, 4, 6, 8]);
        let mut stream = call().stream();
        assert!(stream.by_ref().eq([0, 2, 4, 6, 8]));
        token.cancel();
        assert!(stream.next().is_none());
        assert!(is_cancelled(&call().try_collect::<Vec<_>>().unwrap_err()));
        // There is nothing to cancel without a task.
        let none = double::par(0..0).backend_named(backend).cancel_with(&token);
        assert_eq!(none.collect::<Vec<_>>(), [0; 0]);
    }
}

#[test]
fn the_last_task_may_cancel_a_call_that_is_then_complete() {
    for backend in ["sequential", "threads"] {
        for n_jobs in [1, 2] {
            let token = CancelToken::new();
            let ran = AtomicUsize::new(0);
            let inputs = (0..20_u64).filter(|_| true);
            let call = joblib::par(inputs).map(|x| {
                if ran.fetch_add(1, SeqCst) == 19 {
                    token.cancel();
                }
                x
            });
            let call = call
                .n_jobs(n_jobs)
                .backend_named(backend)
                .cancel_with(&token);
            // On threads the input may not have ended when it is cancelled.
            match call.try_collect::<Vec<_>>() {
                Ok(results) => assert!(results.into_iter().eq(0..20)),
                Err(error) => assert!(backend == "threads" && is_cancelled(&error), "{error}"),
            }
        }
    }
}

#[test]
fn a_stream_does_not_wait_for_an_input_that_blocks() {
    for backend in ["threads", "processes"] {
        for n_jobs in [1, 2] {
            let token = CancelToken::new();
            let (sender, inputs) = mpsc::channel();
            sender.send(1).unwrap();
            let call = double::par(inputs).n_jobs(n_jobs).cancel_with(&token);
            let mut stream = call.backend_named(backend).stream().outcomes();
            assert_eq!(stream.next().unwrap().unwrap(), 2);
            let canceller = thread::spawn({
                let token = token.clone();
                move || {
                    thread::sleep(Duration::from_millis(5));
                    token.cancel();
                }
            });
            let error = stream.next().unwrap().unwrap_err();
            assert!(is_cancelled(&error), "{error} on {backend}");
            assert!(stream.next().is_none());
            canceller.join().unwrap();
            drop(sender);
        }
    }
}

#[test]
fn a_call_ends_when_its_pending_input_has_returned() {
    for backend in BACKENDS {
        let token = CancelToken::new();
        let (sender, inputs) = mpsc::channel();
        let results = thread::scope(|scope| {
            let token = &token;
            scope.spawn(move || {
                sender.send(1).unwrap();
                thread::sleep(Duration::from_millis(5));
                token.cancel();
                // The call has ended if this fails.
                let _ = sender.send(2);
            });
            let call = double::par(inputs).n_jobs(1).cancel_with(token);
            call.backend_named(backend).outcomes()
        });
        let (last, before) = results.split_last().unwrap();
        assert!(is_cancelled(last.as_ref().unwrap_err()), "{backend}");
        let is_right = |outcome: &Result<u64, Error>| match outcome {
            Ok(result) => *result == 2,
            Err(error) => is_cancelled(error),
        };
        assert!(before.iter().all(is_right), "{backend}");
    }
}

#[test]
fn a_cancelled_task_is_not_retried() {
    for backend in ["sequential", "threads"] {
        let token = CancelToken::new();
        let ran = AtomicUsize::new(0);
        let call = joblib::par([1]).map(|_: u64| {
            ran.fetch_add(1, SeqCst);
            token.cancel();
            std::panic::resume_unwind(Box::new("on purpose"));
        });
        let call = call.retries(9).backend_named(backend).cancel_with(&token);
        let error = call.try_collect::<Vec<()>>().unwrap_err();
        assert!(is_cancelled(&error), "{error} on {backend}");
        assert_eq!(ran.load(SeqCst), 1, "{backend}");
    }
}

#[test]
fn one_token_cancels_several_calls_and_leaves_others() {
    let token = CancelToken::new();
    let outcomes = thread::scope(|scope| {
        let calls = BACKENDS.map(|backend| {
            let token = &token;
            scope.spawn(move || {
                let call = double::par(0..).n_jobs(2).backend_named(backend);
                call.cancel_with(token).stream().outcomes().last().unwrap()
            })
        });
        let others = BACKENDS.map(|backend| {
            scope.spawn(move || {
                double::par(0..100)
                    .backend_named(backend)
                    .collect::<Vec<_>>()
            })
        });
        token.cancel();
        for other in others {
            assert_eq!(other.join().unwrap().len(), 100);
        }
        calls.map(|call| call.join().unwrap())
    });
    assert!(
        outcomes
            .iter()
            .all(|outcome| is_cancelled(outcome.as_ref().unwrap_err()))
    );
}
