//! Tests of what calls guarantee to their tasks and to progress callbacks, on every
//! backend.

use std::sync::{Barrier, Mutex, mpsc};
use std::time::Duration;

use super::{Batch, Error, ErrorKind, config, par};
use crate::backend::BackendKind;
use crate::sched::core_budget;

const HERE: [BackendKind; 2] = [BackendKind::Sequential, BackendKind::Threads];

#[test]
fn tasks_are_in_the_scopes_of_their_call() {
    let _guard = config().batch(7).enter();
    let both = Barrier::new(2);
    let seen: Vec<_> = par(0..2)
        .map(|_| {
            both.wait();
            config::in_force().batch.map(|setting| setting.value)
        })
        .n_jobs(2)
        .collect();
    assert_eq!(seen, [Some(Batch::Fixed(7)); 2]);
}

#[test]
fn tasks_share_the_cores_of_their_call() {
    let _whole = core_budget::enter(8);
    for (n_jobs, share) in [(2, 4), (3, 2), (20, 1)] {
        let call = par(0..100).map(|_| core_budget::cores());
        let seen: Vec<_> = call.n_jobs(n_jobs).collect();
        assert_eq!(seen, vec![Ok(share); 100]);
    }
    assert_eq!(core_budget::cores(), Ok(8));
}

#[test]
fn a_call_in_a_call_has_as_many_workers_as_its_share() {
    let _whole = core_budget::enter(4);
    let _scope = config().n_jobs(2).enter();
    let inner = || {
        let both = Barrier::new(2);
        par(0..2).map(|_| both.wait()).for_each(drop);
    };
    par(0..2).map(|_| inner()).for_each(drop);
}

#[test]
fn each_task_is_reported_once_on_every_backend() {
    for backend in HERE {
        let (sender, reported) = mpsc::channel();
        let call = par(0..1_000).map(|x| assert!(x % 100 != 7, "on purpose"));
        let call = call.backend(backend).n_jobs(3);
        let call = call.on_progress(move |progress| {
            sender.send(progress.clone()).expect("the test receives");
        });
        let outcomes: Vec<Result<(), Error>> = call.outcomes();
        assert_eq!(outcomes.len(), 1_000);
        let reported = Vec::from_iter(reported);
        let done: Vec<_> = reported.iter().map(|progress| progress.done).collect();
        assert_eq!(done, Vec::from_iter(1..=1_000));
        assert_eq!(reported[999].failed, 10);
    }
}

#[test]
fn a_task_that_is_given_up_is_reported_once() {
    let (sender, reported) = mpsc::channel();
    let (keep, wait) = mpsc::channel::<()>();
    let wait = Mutex::new(wait);
    let call = par(0..4).map(move |x| {
        if x == 1 {
            let _ = wait.lock().unwrap().recv();
        }
    });
    let call = call.n_jobs(2).timeout(Duration::from_millis(50));
    let call = call.on_progress(move |progress| {
        let reported = (progress.done, progress.failed);
        sender.send(reported).expect("the test receives");
    });
    let outcomes = std::thread::spawn(move || {
        let outcomes: Vec<_> = call.stream_unordered().outcomes().collect();
        outcomes
    });
    let outcomes = outcomes.join().expect("the call ends");
    drop(keep);
    let failed = outcomes
        .iter()
        .filter_map(|(_, outcome)| outcome.as_ref().err());
    let failures: Vec<_> = failed.map(Error::failure).collect();
    let timed_out = ErrorKind::TimedOut(Duration::from_millis(50));
    assert_eq!(failures, [&timed_out]);
    let reported = Vec::from_iter(reported);
    assert_eq!(reported.len(), 4);
    assert_eq!(reported.last(), Some(&(4, 1)));
}

#[test]
fn a_task_is_reported_before_the_next_of_its_batch_begins() {
    let (sender, reported) = mpsc::channel();
    let reported = Mutex::new(reported);
    let call = par(0..4).map(|x| {
        let wait = || {
            reported
                .lock()
                .unwrap()
                .recv_timeout(Duration::from_secs(60))
        };
        x == 0 || wait().is_ok()
    });
    let call = call.batch(4).n_jobs(2).on_progress(move |_| {
        let _ = sender.send(());
    });
    let in_time: Vec<bool> = call.collect();
    assert_eq!(in_time, [true; 4]);
}

#[test]
fn a_panic_of_the_callback_is_one_of_the_call() {
    for backend in HERE {
        let call = par(0..10).map(|x| x).backend(backend).n_jobs(2);
        let call = call.on_progress(|_| panic!("on purpose"));
        let run = std::panic::AssertUnwindSafe(|| call.collect::<Vec<i32>>());
        assert!(std::panic::catch_unwind(run).is_err());
    }
}

#[test]
fn an_input_without_end_is_taken_up_to_the_first_failure() {
    let task = |x: u64| {
        assert!(x != 1_000, "on purpose");
        x
    };
    for backend in HERE {
        let endless = par(0..).map(task).backend(backend).n_jobs(2);
        assert!(endless.try_collect::<Vec<_>>().is_err());
        let long = par(0..1 << 60).map(task).backend(backend).n_jobs(2);
        assert!(long.try_collect::<Vec<_>>().is_err());
    }
}
