//! Tests of time limits and retries.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU32, Ordering::SeqCst};
use std::sync::{Arc, Barrier, Mutex};
use std::thread;
use std::time::Duration;

use super::TOO_LONG;
use crate::backend::Threads;
use crate::parallel::{ErrorKind, par};

#[test]
fn a_task_that_takes_too_long_is_given_up_and_the_others_are_not() {
    let release = Arc::new(Barrier::new(2));
    let theirs = Arc::clone(&release);
    let mut outcomes = par(0..20)
        .map(move |n| {
            if n == 3 {
                theirs.wait();
            }
            n
        })
        .backend(Threads)
        .n_jobs(1)
        .timeout(Duration::from_millis(30))
        .stream()
        .outcomes();
    let mut index = 0;
    for outcome in outcomes.by_ref() {
        match outcome {
            Ok(n) => assert_eq!(n, index),
            Err(error) => {
                assert_eq!(error.index(), Some(3));
                assert!(matches!(error.failure(), ErrorKind::TimedOut(_)));
                assert_eq!(index, 3);
            }
        }
        index += 1;
    }
    assert_eq!(index, 20);
    release.wait();
}

#[test]
fn what_is_not_done_at_the_deadline_is_given_up() {
    for n_jobs in [1, 3] {
        let outcomes = par(0..50)
            .map(|n| {
                if n > 10 {
                    thread::sleep(Duration::from_millis(5));
                }
                n
            })
            .backend(Threads)
            .n_jobs(n_jobs)
            .deadline(Duration::from_millis(20))
            .outcomes();
        assert_eq!(outcomes.len(), 50);
        let late = outcomes.last().unwrap().as_ref().unwrap_err();
        assert!(matches!(late.failure(), ErrorKind::DeadlinePassed(_)));
        assert_eq!(late.index(), Some(49));
    }
}

#[test]
fn a_limit_beyond_all_time_is_none() {
    let call = par(0..10).map(|n| n).backend(Threads).n_jobs(2);
    let results: Vec<i32> = call
        .timeout(Duration::MAX)
        .deadline(Duration::MAX)
        .collect();
    assert_eq!(results.len(), 10);
}

/// Runs tasks for a few inputs on threads; the task of input 3 calls `task` with the
/// number of its earlier attempts. Returns the failures and the number of attempts at
/// input 3.
fn retried(
    n_jobs: usize,
    retries: u32,
    task: impl Fn(u32) + Sync,
) -> (Vec<(usize, ErrorKind)>, u32) {
    let tries = AtomicU32::new(0);
    let outcomes = par(0..20_u32)
        .map(|n| {
            if n == 3 {
                task(tries.fetch_add(1, SeqCst));
            }
            n
        })
        .backend(Threads)
        .n_jobs(n_jobs)
        .timeout(Duration::from_millis(40))
        .retries(retries)
        .outcomes();
    assert_eq!(outcomes.len(), 20);
    let failed = outcomes.into_iter().enumerate();
    let failed = failed.filter_map(|(index, outcome)| match outcome {
        Ok(n) => {
            assert_eq!(n as usize, index);
            None
        }
        Err(error) => {
            assert_eq!(error.index(), Some(index));
            Some((index, error.failure().clone()))
        }
    });
    (failed.collect(), tries.into_inner())
}

#[test]
fn a_task_that_takes_too_long_is_tried_again_on_another_thread() {
    for n_jobs in [1, 3] {
        let threads = Mutex::new(Vec::new());
        let (failed, tries) = retried(n_jobs, 1, |before| {
            threads.lock().unwrap().push(thread::current().id());
            if before == 0 {
                thread::sleep(TOO_LONG);
            }
        });
        assert_eq!((failed, tries), (vec![], 2));
        let threads = threads.into_inner().unwrap();
        assert_ne!(threads[0], threads[1]);
    }
}

#[test]
fn retries_count_what_takes_too_long_and_what_panics_together() {
    for n_jobs in [1, 3] {
        let (failed, tries) = retried(n_jobs, 2, |_| thread::sleep(TOO_LONG));
        assert_eq!(tries, 3);
        assert!(
            matches!(failed[..], [(3, ErrorKind::TimedOut(_))]),
            "{failed:?}"
        );

        let (failed, tries) = retried(n_jobs, 2, |before| match before {
            0 => panic!("on purpose"),
            1 => thread::sleep(TOO_LONG),
            _ => panic!("the last"),
        });
        assert_eq!(tries, 3);
        assert!(
            matches!(failed[..], [(3, ErrorKind::Panicked(_))]),
            "{failed:?}"
        );

        let (failed, tries) = retried(n_jobs, 2, |before| match before {
            0 => thread::sleep(TOO_LONG),
            1 => panic!("on purpose"),
            _ => {}
        });
        assert_eq!((failed, tries), (vec![], 3));
    }
}

#[test]
fn a_stream_tries_again_what_it_waits_for() {
    let tries = AtomicU32::new(0);
    let tries = Arc::new(tries);
    let theirs = Arc::clone(&tries);
    let stream = par(0..50_u32)
        .map(move |n| {
            if n == 0 && theirs.fetch_add(1, SeqCst) == 0 {
                thread::sleep(TOO_LONG);
            }
            n
        })
        .backend(Threads)
        .n_jobs(2)
        .pre_dispatch(3)
        .timeout(Duration::from_millis(40))
        .retries(1)
        .stream();
    assert!(stream.eq(0..50));
    assert_eq!(tries.load(SeqCst), 2);
}

#[test]
fn what_is_late_for_the_whole_call_is_not_tried_again() {
    let tries = AtomicU32::new(0);
    let outcomes = par(0..1)
        .map(|n| {
            tries.fetch_add(1, SeqCst);
            thread::sleep(TOO_LONG);
            n
        })
        .backend(Threads)
        .n_jobs(1)
        .timeout(Duration::from_secs(60))
        .deadline(Duration::from_millis(40))
        .retries(3)
        .outcomes();
    let error = outcomes[0].as_ref().unwrap_err();
    assert!(matches!(error.failure(), ErrorKind::DeadlinePassed(_)));
    assert_eq!(tries.into_inner(), 1);
}

#[test]
fn a_failed_task_is_tried_again() {
    for n_jobs in [1, 4] {
        let tries = Mutex::new(BTreeMap::new());
        let results: Vec<u32> = par(0..40_u32)
            .map(|n| {
                let mut tries = tries.lock().unwrap_or_else(|dead| dead.into_inner());
                let count = tries.entry(n).or_insert(0);
                *count += 1;
                assert!(*count == 3 || n % 4 != 1, "not yet");
                n
            })
            .n_jobs(n_jobs)
            .retries(2)
            .collect();
        assert!(results.into_iter().eq(0..40));
        let tries = tries.into_inner().unwrap_or_else(|dead| dead.into_inner());
        assert!(
            tries
                .iter()
                .all(|(n, count)| *count == if n % 4 == 1 { 3 } else { 1 })
        );
    }
}
