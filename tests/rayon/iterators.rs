//! Calls as parallel iterators of rayon, and items of rayon as inputs of calls.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::mpsc;
use std::time::Duration;

use joblib::backend::{Rayon, Sequential};
use joblib::{CancelToken, par, par_from, parallel};
use rand::RngExt;
use rayon::prelude::*;

use super::pool;

#[parallel(shared(data))]
fn score(fold: usize, data: &[u64]) -> u64 {
    data.iter().skip(fold).step_by(5).sum()
}

fn message(unwound: Box<dyn std::any::Any + Send>) -> String {
    match unwound.downcast::<String>() {
        Ok(text) => *text,
        Err(other) => other.downcast_ref::<&str>().unwrap().to_string(),
    }
}

#[test]
fn a_call_is_an_indexed_iterator_where_the_length_is_known() {
    let data = Vec::from_iter(0..100);
    let expected: Vec<u64> = score::par(0..5, &data).collect();
    let scores = || score::par(0..5, &data).into_par_iter();
    assert_eq!(scores().collect::<Vec<_>>(), expected);
    assert_eq!(scores().len(), 5);
    let zipped: Vec<_> = scores().zip(0..5_usize).rev().collect();
    assert_eq!(zipped[0], (expected[4], 4));
    assert_eq!(
        scores().backwards(),
        expected.iter().rev().copied().collect::<Vec<_>>()
    );
    let in_pool = pool(3).install(|| scores().map(|x| x + 1).max());
    assert_eq!(in_pool, expected.iter().max().map(|x| x + 1));
}

trait Backwards: IndexedParallelIterator {
    fn backwards(self) -> Vec<Self::Item> {
        self.rev().collect()
    }
}

impl<I: IndexedParallelIterator> Backwards for I {}

#[test]
fn an_input_of_unknown_length_gives_all_results() {
    let odd = (0..1_000_u64).filter(|x| x % 2 == 1);
    let call = par(odd).map(|x| x * x).backend(Rayon);
    let mut squares: Vec<u64> = call.into_par_iter().collect();
    squares.sort_unstable();
    assert!(
        squares
            .into_iter()
            .eq((0..1_000).filter(|x| x % 2 == 1).map(|x| x * x))
    );
}

#[test]
fn tasks_run_in_rayon_whatever_the_default_backend() {
    let scope = joblib::config().backend(Sequential);
    let seen: Vec<_> = scope.scope(|| {
        let call = par(0..10).map(|_| {
            (
                rayon::current_thread_index().is_some(),
                joblib::worker_index(),
            )
        });
        call.into_par_iter().collect()
    });
    assert_eq!(seen, [(true, None); 10]);
}

#[test]
fn seeds_retries_progress_and_limits_hold() {
    let call = || {
        par(0..200_u64)
            .map(|_| joblib::rng().random::<u64>())
            .seed(3)
    };
    let expected: Vec<u64> = call().backend(Sequential).collect();
    assert_eq!(call().into_par_iter().collect::<Vec<_>>(), expected);

    let (tries, (sender, reported)) = (AtomicUsize::new(0), mpsc::channel());
    let flaky = par(0..50).map(|x| {
        assert!(x != 20 || tries.fetch_add(1, SeqCst) > 0, "on purpose");
        x
    });
    let flaky = flaky
        .retries(1)
        .on_progress(move |it| sender.send(it.done).unwrap());
    assert!(
        flaky
            .into_par_iter()
            .collect::<Vec<_>>()
            .into_iter()
            .eq(0..50)
    );
    assert!(reported.into_iter().eq(1..=50));

    let late = par(0..1).map(|_| std::thread::sleep(Duration::from_millis(30)));
    let late = late.timeout(Duration::from_millis(5)).into_par_iter();
    let text = message(catch_unwind(AssertUnwindSafe(|| late.count())).unwrap_err());
    assert!(text.contains("5ms"), "{text}");

    let token = CancelToken::new();
    token.cancel();
    let cancelled = par(0..9).map(|x| x).cancel_with(&token).into_par_iter();
    let text = message(catch_unwind(AssertUnwindSafe(|| cancelled.count())).unwrap_err());
    assert!(text.contains("cancelled"), "{text}");
}

#[test]
fn a_panic_of_a_task_is_the_callers() {
    let call = par(0..100).map(|n| if n == 41 { panic!("at {n}") } else { n });
    let unwound = catch_unwind(AssertUnwindSafe(|| call.into_par_iter().sum::<i32>()));
    assert_eq!(message(unwound.unwrap_err()), "at 41");
}

#[test]
fn what_rayon_decides_is_refused_by_name() {
    let call = par(0..3).map(|x| x).n_jobs(2);
    let unwound = catch_unwind(AssertUnwindSafe(|| call.into_par_iter().sum::<i32>()));
    let text = message(unwound.unwrap_err());
    assert!(text.contains("n_jobs is set on the call"), "{text}");
    assert!(text.contains(".backend(Rayon)"), "{text}");
}

#[test]
fn items_of_rayon_are_inputs_in_their_order() {
    let items = (0..1_000_u64).into_par_iter().filter(|x| x % 3 == 0);
    let found: Vec<u64> = par_from(items).map(|x| x + 1).n_jobs(2).collect();
    assert!(
        found
            .into_iter()
            .eq((0..1_000).filter(|x| x % 3 == 0).map(|x| x + 1))
    );
    let data = [1, 2, 3];
    let folds = (0..3_usize).into_par_iter().collect::<Vec<_>>();
    assert_eq!(score::par(folds, &data).collect::<Vec<_>>(), [1, 2, 3]);
}
