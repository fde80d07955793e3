//! Tests of the threads backend: results equal those of a sequential loop, each task is
//! reported once, and nothing hangs.

mod bytes;
mod late;

use std::collections::{BTreeMap, HashSet};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Barrier};
use std::thread;
use std::time::Duration;

use crate::backend::{Sequential, Threads};
use crate::parallel::{ErrorKind, par};

const TOO_LONG: Duration = Duration::from_millis(400);

fn spin(work: u64) -> u64 {
    (0..work).fold(work, |sum, n| std::hint::black_box(sum ^ n))
}

#[test]
fn results_come_in_order_whatever_the_workers() {
    let expected: Vec<u64> = (0..5_000).map(|n| spin(n % 97) + n).collect();
    for n_jobs in [1, 2, 3, 8, 32] {
        let results: Vec<u64> = par(0..5_000)
            .map(|n| spin(n % 97) + n)
            .backend(Threads)
            .n_jobs(n_jobs)
            .collect();
        assert_eq!(results, expected, "{n_jobs} workers");
    }
}

#[test]
fn any_batch_and_window_give_the_same() {
    let expected: Vec<usize> = (0..1_000).map(|n| n * 3).collect();
    for batch in [1, 7, 1_000, 5_000] {
        for window in [1, 2, 64, 10_000] {
            let call = || {
                let call = par(0..1_000_usize).map(|n| n * 3).backend(Threads);
                call.n_jobs(4).batch(batch).pre_dispatch(window)
            };
            assert_eq!(call().collect::<Vec<_>>(), expected);
            assert!(call().stream().eq(expected.iter().copied()));
            let unordered: BTreeMap<_, _> = call().stream_unordered().collect();
            assert!(unordered.into_values().eq(expected.iter().copied()));
        }
    }
}

#[test]
fn an_empty_input_gives_nothing() {
    let none: Vec<u8> = par(0..0_u8).map(|n| n).backend(Threads).n_jobs(4).collect();
    assert!(none.is_empty());
    assert_eq!(par(0..0_u8).map(|n| n).n_jobs(4).stream().count(), 0);
    assert_eq!(par(0..0_u8).map(|n| n).reduce(|a, b| a + b), None);
}

#[test]
fn collecting_into_a_result_stops_at_the_first_error() {
    let ran = AtomicUsize::new(0);
    let result: Result<Vec<usize>, usize> = par(0..usize::MAX)
        .map(|n| {
            ran.fetch_add(1, SeqCst);
            if n == 100 { Err(n) } else { Ok(n) }
        })
        .backend(Threads)
        .n_jobs(3)
        .collect();
    assert_eq!(result, Err(100));
    assert!(ran.load(SeqCst) > 100);
}

#[test]
fn a_panic_is_the_callers() {
    let call = |n_jobs: i64| {
        catch_unwind(AssertUnwindSafe(|| {
            let call = par(0..100).map(|n| if n == 41 { panic!("at {n}") } else { n });
            call.backend(Threads).n_jobs(n_jobs).collect::<Vec<i32>>()
        }))
    };
    for n_jobs in [1, 4] {
        let payload = call(n_jobs).unwrap_err();
        assert_eq!(payload.downcast_ref::<String>().unwrap(), "at 41");
    }
}

#[test]
fn the_first_failure_in_the_input_is_the_error() {
    for n_jobs in [1, 4] {
        let result = par(0..200)
            .map(|n| assert!(n % 50 != 49, "no {n}"))
            .n_jobs(n_jobs)
            .try_collect::<Vec<()>>();
        let error = result.unwrap_err();
        assert_eq!(error.index(), Some(49));
        let text = error.to_string();
        assert!(text.starts_with("task 49 panicked at "), "{text}");
        assert!(text.ends_with(": no 49"), "{text}");
    }
}

#[test]
fn outcomes_tell_every_task() {
    for n_jobs in [1, 4] {
        let outcomes = par(0..100)
            .map(|n| if n % 10 == 3 { panic!("three") } else { n })
            .n_jobs(n_jobs)
            .outcomes();
        assert_eq!(outcomes.len(), 100);
        for (index, outcome) in outcomes.into_iter().enumerate() {
            match outcome {
                Ok(n) => assert_eq!(n, index),
                Err(error) => assert_eq!((error.index(), index % 10), (Some(index), 3)),
            }
        }
    }
}

#[test]
fn a_panic_of_the_input_reaches_the_caller() {
    for n_jobs in [1, 4] {
        let inputs = (0..100).inspect(|n| assert!(*n < 60, "out of inputs"));
        let result = catch_unwind(AssertUnwindSafe(|| {
            let call = par(inputs).map(|n| n).backend(Threads);
            call.n_jobs(n_jobs).collect::<Vec<i32>>()
        }));
        assert_eq!(result.unwrap_err().downcast_ref(), Some(&"out of inputs"));
    }
}

#[test]
fn tasks_run_beside_one_another() {
    let together = Barrier::new(4);
    let call = par(0..4).map(|_| {
        together.wait();
    });
    call.backend(Threads).n_jobs(4).for_each(drop);
}

#[test]
fn a_long_task_holds_back_neither_tasks_nor_results() {
    // Task 100 blocks until all others are done and consumed. If the tasks behind it in
    // its batch, or the results before it, were held back, the call would hang.
    let (consumed, gate) = (Arc::new(AtomicUsize::new(0)), 300);
    let theirs = Arc::clone(&consumed);
    let stream = par(0..=gate)
        .map(move |n| {
            while n == 100 && theirs.load(SeqCst) < gate {
                thread::yield_now();
            }
            n
        })
        .backend(Threads)
        .n_jobs(2)
        .batch(50)
        .pre_dispatch(1_000)
        .stream_unordered();
    let mut seen = HashSet::new();
    for (index, n) in stream {
        assert_eq!(index, n);
        assert!(seen.insert(n));
        consumed.fetch_add(1, SeqCst);
    }
    assert_eq!(seen.len(), gate + 1);
}

#[test]
fn no_more_tasks_begin_than_may_be_ahead() {
    let (begun, consumed) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let (theirs, behind) = (Arc::clone(&begun), Arc::clone(&consumed));
    let stream = par(0..500)
        .map(move |n| {
            let ahead = theirs.fetch_add(1, SeqCst) + 1 - behind.load(SeqCst);
            (n, ahead)
        })
        .backend(Threads)
        .n_jobs(3)
        .pre_dispatch(8)
        .stream();
    for (index, (n, ahead)) in stream.enumerate() {
        assert_eq!(index, n);
        assert!(ahead <= 9, "{ahead} tasks were ahead");
        consumed.fetch_add(1, SeqCst);
    }
}

#[test]
fn the_input_is_pulled_no_further_than_needed() {
    let pulled = Arc::new(AtomicUsize::new(0));
    let theirs = Arc::clone(&pulled);
    let inputs = (0..).inspect(move |_| {
        theirs.fetch_add(1, SeqCst);
    });
    let call = par(inputs).map(|n: u64| n).backend(Threads).n_jobs(2);
    let first: Vec<u64> = call.pre_dispatch(10).stream().take(5).collect();
    assert_eq!(first, [0, 1, 2, 3, 4]);
    assert!(pulled.load(SeqCst) <= 16);
}

#[test]
fn dropping_a_stream_calls_off_the_rest() {
    for _ in 0..100 {
        let ended = Arc::new(());
        let alive = Arc::downgrade(&ended);
        let call = par(0..).map(move |n: u64| {
            let _held = &ended;
            n
        });
        let mut stream = call.backend(Threads).n_jobs(3).stream();
        assert_eq!(stream.next(), Some(0));
        drop(stream);
        while alive.upgrade().is_some() {
            thread::yield_now();
        }
    }
}

#[test]
fn calls_within_calls_end() {
    for round in 0..50 {
        let sums: Vec<u64> = par(0..8_u64)
            .map(|outer| {
                let inner = par(0..20_u64).map(|n| n * outer).backend(Threads).n_jobs(3);
                inner.reduce(|a, b| a + b).unwrap_or(0)
            })
            .backend(Threads)
            .n_jobs(1 + round % 4)
            .collect();
        assert!(sums.into_iter().eq((0..8).map(|outer| 190 * outer)));
    }
}

#[test]
fn many_short_calls_end() {
    for round in 0..2_000_u64 {
        let call = par(0..round % 7).map(|n| n + 1).backend(Threads).n_jobs(4);
        assert_eq!(call.collect::<Vec<_>>().len() as u64, round % 7);
    }
}

#[test]
fn borrowed_data_is_not_used_after_the_call() {
    for _ in 0..300 {
        let data: Vec<u64> = (0..64).collect();
        let total = par(&data)
            .map(|n| *n)
            .backend(Threads)
            .n_jobs(4)
            .reduce(|a, b| a + b);
        assert_eq!(total, Some(2_016));
        drop(data);
    }
}

#[test]
fn closures_that_cannot_leave_the_thread_run_sequentially() {
    let cell = std::cell::Cell::new(0);
    let call = par(0..10)
        .map(|n| cell.set(cell.get() + n))
        .backend(Sequential);
    call.for_each(drop);
    assert_eq!(cell.get(), 45);
}

#[test]
fn no_workers_are_a_mistake_with_a_name() {
    let result = par(0..10).map(|n| n).n_jobs(0).try_collect::<Vec<i32>>();
    let error = result.unwrap_err();
    assert!(error.to_string().contains("n_jobs = 0"), "{error}");
    assert!(matches!(error.failure(), ErrorKind::InvalidSetting(_)));
}

/// A task that doubles numbers. Those over 100 are deferred until all others are done.
struct PutOff {
    left: AtomicUsize,
}

impl crate::task::Task<usize> for PutOff {
    type Output = usize;

    fn run(&self, n: usize) -> usize {
        if n > 100 {
            assert_eq!(
                self.left.load(SeqCst),
                0,
                "a deferred task ran before other tasks"
            );
        } else {
            self.left.fetch_sub(1, SeqCst);
        }
        2 * n
    }

    fn would_wait(&self, n: &usize) -> bool {
        *n > 100
    }
}

#[test]
fn tasks_that_would_wait_come_last_and_in_their_place() {
    let inputs: Vec<usize> = (0..90)
        .map(|n| if n % 9 == 4 { 200 + n } else { n })
        .collect();
    let expected: Vec<usize> = inputs.iter().map(|n| 2 * n).collect();
    let task = PutOff {
        left: AtomicUsize::new(80),
    };
    // The time limit keeps the consumer from running tasks, so there is one runner. With
    // two, one could run deferred tasks while the other still runs the last ordinary
    // task.
    let call = crate::parallel::Par::new(inputs.into_iter(), task);
    assert_eq!(
        call.backend(Threads)
            .n_jobs(1)
            .timeout(Duration::from_secs(3_600))
            .collect::<Vec<_>>(),
        expected
    );
}

/// An argument whose drop panics.
struct Trap(usize);

impl Drop for Trap {
    fn drop(&mut self) {
        assert!(self.0 != 30 || thread::panicking(), "sprung");
    }
}

#[test]
fn a_panic_while_arguments_are_dropped_hangs_nothing() {
    for n_jobs in [2, 4] {
        let call = par((0..200).map(Trap)).map(|trap| trap.0);
        let result = call
            .backend(Threads)
            .n_jobs(n_jobs)
            .try_collect::<Vec<usize>>();
        assert!(result.unwrap_err().to_string().contains("sprung"));
    }
}

/// An argument whose clone panics.
struct Once(usize);

impl Clone for Once {
    fn clone(&self) -> Self {
        assert!(self.0 != 30, "only once");
        Once(self.0)
    }
}

#[test]
fn a_panic_while_arguments_are_copied_is_that_of_the_task() {
    for n_jobs in [2, 4] {
        let call = par((0..200).map(Once)).map(|once| once.0);
        let outcomes = call.backend(Threads).n_jobs(n_jobs).retries(1).outcomes();
        assert_eq!(
            outcomes.iter().filter(|outcome| outcome.is_ok()).count(),
            199
        );
        assert_eq!(outcomes[30].as_ref().unwrap_err().index(), Some(30));
    }
}

#[test]
fn what_an_input_gave_is_done_while_it_waits_though_batches_are_large() {
    let (answer, answered) = std::sync::mpsc::channel();
    // Many small tasks, then a single one, after which the input blocks until its result
    // arrives.
    let input = (0..=20_001).map(move |n| {
        match n {
            20_000 => std::thread::sleep(std::time::Duration::from_millis(5)),
            20_001 => {
                let limit = std::time::Duration::from_secs(20);
                return answered.recv_timeout(limit).expect("the result arrives");
            }
            _ => {}
        }
        n
    });
    let input: Box<dyn Iterator<Item = u64> + Send> = Box::new(input);
    let call = par(input).map(|n| n + 1).backend(Threads).n_jobs(2);
    for (place, result) in call.stream().enumerate() {
        if place == 20_000 {
            assert_eq!(result, 20_001);
            answer.send(7).unwrap();
        }
    }
}
