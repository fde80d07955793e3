//! Limits: of workers, of time, of how far tasks run ahead, and cancellation.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::thread;
use std::time::Duration;

use joblib::backend::Rayon;
use joblib::parallel::ErrorKind;
use joblib::{CancelToken, par};

use super::in_time::in_time;
use super::{both, pool};

#[test]
fn at_most_n_jobs_tasks_run_at_once_and_each_worker_is_another() {
    let pool = pool(4);
    for (n_jobs, workers) in [(1, 1), (2, 2), (4, 4), (9, 4)] {
        for most in both(&pool, || {
            let (running, most) = (AtomicUsize::new(0), AtomicUsize::new(0));
            let owned: Vec<_> = (0..workers).map(|_| Mutex::new(())).collect();
            let call = par(0..200).map(|_| {
                most.fetch_max(running.fetch_add(1, SeqCst) + 1, SeqCst);
                assert_eq!(joblib::n_workers(), Some(workers));
                let index = joblib::worker_index().unwrap();
                let _mine = owned[index].try_lock().expect("the worker is alone");
                thread::sleep(Duration::from_micros(200));
                running.fetch_sub(1, SeqCst);
            });
            call.n_jobs(n_jobs)
                .backend(Rayon::pool(&pool))
                .for_each(drop);
            most.into_inner()
        }) {
            assert!(most <= workers, "{most} of {workers}");
        }
    }
    let all = par(0..9)
        .map(|_| joblib::n_workers())
        .backend(Rayon::pool(&pool));
    assert_eq!(all.collect::<Vec<_>>(), [Some(4); 9]);
}

#[test]
fn a_default_of_the_pool_counts_for_calls_without_n_jobs() {
    let pool = pool(3);
    let scope = || joblib::config().backend(Rayon);
    assert_eq!(pool.install(|| scope().scope(joblib::effective_n_jobs)), 3);
    let two = || scope().n_jobs(2).scope(joblib::effective_n_jobs);
    assert_eq!(pool.install(two), 2);
}

#[test]
fn tasks_run_no_further_ahead_than_allowed() {
    in_time(|| {
        let pool = pool(2);
        for window in [1, 5] {
            for ahead in both(&pool, || {
                let (begun, mut taken, mut ahead) = (AtomicUsize::new(0), 0, 0);
                let call = par(0..300_usize).map(|_| begun.fetch_add(1, SeqCst));
                let call = call.pre_dispatch(window).backend(Rayon::pool(&pool));
                call.for_each(|_| {
                    thread::sleep(Duration::from_micros(50));
                    ahead = ahead.max(begun.load(SeqCst) - taken);
                    taken += 1;
                });
                ahead
            }) {
                assert!(ahead <= window, "{ahead} of {window}");
            }
        }
    });
}

#[test]
fn a_task_that_takes_too_long_is_an_error_and_others_are_not() {
    in_time(|| {
        for threads in [1, 2] {
            let pool = pool(threads);
            for outcomes in both(&pool, || {
                let call = par(0..6).map(|x| {
                    if x == 2 {
                        thread::sleep(Duration::from_millis(400));
                    }
                    x
                });
                let call = call.timeout(Duration::from_millis(200));
                call.backend(Rayon::pool(&pool)).outcomes()
            }) {
                for (x, outcome) in (0..).zip(outcomes) {
                    let failure = outcome.as_ref().map_err(|error| error.failure());
                    match x {
                        2 => assert!(
                            matches!(failure, Err(ErrorKind::TimedOut(_))),
                            "{failure:?}"
                        ),
                        _ => assert_eq!(failure, Ok(&x)),
                    }
                }
            }
        }
    });
}

#[test]
fn a_task_that_was_too_slow_is_retried() {
    in_time(|| {
        let pool = pool(2);
        for found in both(&pool, || {
            let tries = AtomicUsize::new(0);
            let call = par(0..3).map(|x| {
                if x == 1 && tries.fetch_add(1, SeqCst) == 0 {
                    thread::sleep(Duration::from_millis(300));
                }
                x
            });
            let call = call.timeout(Duration::from_millis(150)).retries(2);
            call.backend(Rayon::pool(&pool)).collect::<Vec<_>>()
        }) {
            assert_eq!(found, [0, 1, 2]);
        }
    });
}

#[test]
fn nothing_starts_after_the_deadline() {
    in_time(|| {
        let pool = pool(2);
        for late in both(&pool, || {
            let call = par(0..100).map(|_| thread::sleep(Duration::from_millis(20)));
            let call = call.deadline(Duration::from_millis(100));
            let outcomes = call.backend(Rayon::pool(&pool)).outcomes();
            let failures = outcomes.iter().filter_map(|outcome| outcome.as_ref().err());
            let late = |kind: &ErrorKind| matches!(kind, ErrorKind::DeadlinePassed(_));
            failures.filter(|error| late(error.failure())).count()
        }) {
            assert!((50..100).contains(&late), "{late}");
        }
    });
}

#[test]
fn a_cancelled_call_starts_no_more_tasks() {
    in_time(|| {
        let pool = pool(2);
        for (ran, error) in both(&pool, || {
            let (token, ran) = (CancelToken::new(), AtomicUsize::new(0));
            let call = par(0..100_000).map(|x| {
                ran.fetch_add(1, SeqCst);
                if x == 10 {
                    token.cancel();
                }
            });
            let call = call
                .cancel_with(&token)
                .batch(1)
                .backend(Rayon::pool(&pool));
            let error = call.try_collect::<Vec<_>>().unwrap_err();
            (ran.load(SeqCst), error)
        }) {
            assert_eq!(error.failure(), &ErrorKind::Cancelled);
            assert!(ran < 50_000, "{ran}");
        }
    });
}

#[test]
fn a_stack_size_is_refused_with_the_way_out() {
    let pool = pool(1);
    let call = par(0..3)
        .map(|x| x)
        .stack_size(1 << 20)
        .backend(Rayon::pool(&pool));
    let text = call.try_collect::<Vec<i32>>().unwrap_err().to_string();
    assert!(text.contains("stack_size = 1048576"), "{text}");
    assert!(text.contains("ThreadPoolBuilder::stack_size"), "{text}");
}
