//! Tests of the limit on bytes in flight.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::thread;
use std::time::Duration;

use super::TOO_LONG;
use crate::backend::Threads;
use crate::parallel::par;

#[test]
fn no_more_bytes_are_ahead_than_may_be() {
    // A task takes 16 bytes, for its argument and its result.
    let (begun, consumed) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let (theirs, behind) = (Arc::clone(&begun), Arc::clone(&consumed));
    let call = par(0..500_usize).map(move |_| {
        let ahead = theirs.fetch_add(1, SeqCst) + 1 - behind.load(SeqCst);
        assert!(ahead <= 9, "{ahead} tasks were ahead");
        ahead
    });
    let stream = call
        .backend(Threads)
        .n_jobs(3)
        .in_flight_bytes(128)
        .stream();
    for ahead in stream {
        assert!(ahead > 0);
        consumed.fetch_add(1, SeqCst);
    }
}

/// Returns the maximum number of inputs of `each` bytes that were pulled and not
/// consumed, with a limit of the bytes of four inputs.
fn most_ahead(n_jobs: usize, each: usize, is_streamed: bool) -> usize {
    let (pulled, consumed) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let most = Arc::new(AtomicUsize::new(0));
    let inputs = {
        let (pulled, consumed, most) = (
            Arc::clone(&pulled),
            Arc::clone(&consumed),
            Arc::clone(&most),
        );
        (0..300_usize).map(move |n| {
            let ahead = pulled.fetch_add(1, SeqCst) + 1 - consumed.load(SeqCst);
            most.fetch_max(ahead, SeqCst);
            vec![n as u8; each]
        })
    };
    let call = par(inputs)
        .map(|bytes| bytes)
        .backend(Threads)
        .n_jobs(n_jobs)
        .in_flight_bytes(4 * each as u64);
    let mut next = 0;
    let mut consume = |bytes: Vec<u8>| {
        assert_eq!(bytes, vec![next as u8; each]);
        next += 1;
        consumed.fetch_add(1, SeqCst);
    };
    match is_streamed {
        true => call.stream().for_each(consume),
        false => call.for_each(&mut consume),
    }
    assert_eq!(next, 300);
    most.load(SeqCst)
}

#[test]
fn bytes_that_values_hold_elsewhere_count() {
    for n_jobs in [1, 2, 4] {
        for is_streamed in [false, true] {
            let ahead = most_ahead(n_jobs, 10_000, is_streamed);
            // The input that is being consumed does not count against the limit.
            assert!(
                ahead <= 5,
                "{ahead} inputs were ahead with {n_jobs} workers"
            );
        }
    }
}

#[test]
fn results_that_hold_much_count_until_they_are_consumed() {
    let (begun, consumed) = (Arc::new(AtomicUsize::new(0)), AtomicUsize::new(0));
    let theirs = Arc::clone(&begun);
    let stream = par(0..100_usize)
        .map(move |_| {
            theirs.fetch_add(1, SeqCst);
            "x".repeat(10_000)
        })
        .backend(Threads)
        .n_jobs(2)
        .batch(1)
        .in_flight_bytes(30_000)
        .stream();
    for text in stream {
        assert_eq!(text.len(), 10_000);
        thread::sleep(Duration::from_millis(1));
        let consumed = consumed.fetch_add(1, SeqCst) + 1;
        let ahead = begun.load(SeqCst) - consumed;
        // Tasks that run when the limit is reached exceed it.
        assert!(ahead <= 5, "{ahead} tasks were ahead");
    }
}

#[test]
fn one_task_is_let_through_however_large() {
    for n_jobs in [1, 3] {
        let inputs = (0..20).map(|n| vec![n; 1_000]);
        let call = par(inputs).map(|row| row.iter().sum::<i32>());
        let sums: Vec<i32> = call
            .backend(Threads)
            .n_jobs(n_jobs)
            .in_flight_bytes(1)
            .collect();
        assert!(sums.into_iter().eq((0..20).map(|n| n * 1_000)));
    }
}

#[test]
fn a_task_given_up_does_not_keep_its_bytes_from_the_others() {
    let outcomes = par((0..30_usize).map(|n| vec![n; 1_000]))
        .map(|row| {
            if row[0] == 3 {
                thread::sleep(TOO_LONG);
            }
            row
        })
        .backend(Threads)
        .n_jobs(2)
        .in_flight_bytes(5_000)
        .timeout(Duration::from_millis(40))
        .retries(1)
        .outcomes();
    assert_eq!(
        outcomes.iter().filter(|outcome| outcome.is_ok()).count(),
        29
    );
    assert!(outcomes[3].is_err());
}
