//! Results, their order and their errors are those of a plain loop.

use std::collections::{BTreeMap, BTreeSet};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, mpsc};

use joblib::backend::{BackendKind, Rayon, Sequential, Threads};
use joblib::par;
use joblib::parallel::{Error, ErrorKind, config};

use rand::RngExt;

use super::in_time::in_time;
use super::{both, pool};

fn work(n: u64) -> u64 {
    (0..n % 97).fold(n, |sum, n| std::hint::black_box(sum ^ n))
}

#[test]
fn results_come_in_order_in_every_pool_with_every_setting() {
    in_time(|| {
        let expected: Vec<u64> = (0..1_000).map(work).collect();
        for threads in [1, 2, 4] {
            let pool = Arc::new(pool(threads));
            for (n_jobs, batch, window) in [(1, 1, 1), (2, 7, 3), (3, 64, 64), (9, 5_000, 9_999)] {
                let call = || {
                    let call = par(0..1_000).map(work).n_jobs(n_jobs);
                    let call = call.batch(batch).pre_dispatch(window);
                    call.backend(Rayon::pool(Arc::clone(&pool)))
                };
                for found in both(&pool, || call().collect::<Vec<_>>()) {
                    assert_eq!(found, expected);
                }
                for found in both(&pool, || call().stream().collect::<Vec<_>>()) {
                    assert_eq!(found, expected);
                }
                for found in both(&pool, || call().stream_unordered().collect()) {
                    let found: BTreeMap<_, _> = found;
                    assert!(found.into_values().eq(expected.iter().copied()));
                }
            }
        }
    });
}

#[test]
fn an_input_that_blocks_delays_no_result() {
    in_time(|| {
        for threads in [1, 2] {
            let pool = pool(threads);
            for seen in both(&pool, || {
                let (sender, inputs) = mpsc::channel();
                sender.send(1).unwrap();
                let (mut sender, mut seen) = (Some(sender), Vec::new());
                let call = par(inputs).map(|x: u32| 2 * x).backend(Rayon::pool(&pool));
                call.n_jobs(2).for_each(|y| {
                    seen.push(y);
                    match &sender {
                        Some(open) if y < 64 => open.send(y).unwrap(),
                        _ => sender = None,
                    }
                });
                seen
            }) {
                assert_eq!(seen, [2, 4, 8, 16, 32, 64]);
            }
        }
    });
}

#[test]
fn inputs_that_are_computed_are_all_taken() {
    in_time(|| {
        let pool = pool(2);
        for found in both(&pool, || {
            let inputs = (0..5_000_u64).map(|x| x + 1);
            let call = par(inputs).map(|x| x * 3).backend(Rayon::pool(&pool));
            call.collect::<Vec<_>>()
        }) {
            assert!(found.into_iter().eq((1..=5_000).map(|x| x * 3)));
        }
    });
}

#[test]
fn tasks_run_in_the_threads_of_the_pool() {
    let pool = pool(3);
    let call =
        || par(0..100).map(|_| (rayon::current_thread_index(), rayon::current_num_threads()));
    for seen in both(&pool, || {
        call().backend(Rayon::pool(&pool)).collect::<Vec<_>>()
    }) {
        assert!(
            seen.iter()
                .all(|(index, threads)| index.is_some() && *threads == 3)
        );
    }
    let here = pool.install(|| call().backend(Rayon).collect::<Vec<_>>());
    assert!(here.iter().all(|(_, threads)| *threads == 3));
    let global = rayon::current_num_threads();
    let elsewhere: Vec<_> = call().backend(Rayon).collect();
    assert!(
        elsewhere
            .iter()
            .all(|(index, threads)| index.is_some() && *threads == global)
    );
}

#[test]
fn a_backend_chosen_at_run_time_is_rayon_too() {
    let in_pool = || rayon::current_thread_index().is_some();
    let call = || par(0..10).map(move |_| in_pool()).n_jobs(2);
    assert_eq!(
        call().backend_named("Rayon").collect::<Vec<_>>(),
        [true; 10]
    );
    assert_eq!(
        call()
            .backend(BackendKind::Rayon)
            .stream()
            .collect::<Vec<_>>(),
        [true; 10]
    );
    let scope = config().backend(Rayon);
    assert_eq!(scope.scope(|| call().collect::<Vec<_>>()), [true; 10]);
    assert_eq!(call().backend(Threads).collect::<Vec<_>>(), [false; 10]);
}

#[test]
fn failures_are_those_of_their_tasks() {
    let pool = pool(2);
    for [outcomes, first] in both(&pool, || {
        let call = || {
            let call = par(0..200).map(|n| if n % 50 == 49 { panic!("no {n}") } else { n });
            call.backend(Rayon::pool(&pool))
        };
        let error = call().try_collect::<Vec<i32>>().unwrap_err();
        [call().outcomes(), vec![Err(error)]]
    }) {
        let failed = |outcome: &Result<i32, Error>| outcome.as_ref().err()?.index();
        assert_eq!(outcomes.len(), 200);
        let indices: Vec<_> = outcomes.iter().filter_map(failed).collect();
        assert_eq!(indices, [49, 99, 149, 199]);
        let error = first[0].as_ref().unwrap_err();
        assert_eq!(error.index(), Some(49));
        let text = error.to_string();
        assert!(
            text.starts_with("task 49 panicked at tests/rayon/results.rs:"),
            "{text}"
        );
        assert!(text.ends_with(": no 49"), "{text}");
    }
}

#[test]
fn a_panic_is_the_callers() {
    let pool = pool(2);
    for text in both(&pool, || {
        let call = par(0..100).map(|n| if n == 41 { panic!("at {n}") } else { n });
        let call = call.backend(Rayon::pool(&pool));
        let unwound = catch_unwind(AssertUnwindSafe(|| call.collect::<Vec<i32>>()));
        *unwound.unwrap_err().downcast::<String>().unwrap()
    }) {
        assert_eq!(text, "at 41");
    }
}

#[test]
fn collecting_into_a_result_stops_at_the_first_error() {
    let pool = pool(2);
    for result in both(&pool, || {
        let call = par(0..usize::MAX).map(|n| if n == 100 { Err(n) } else { Ok(n) });
        call.backend(Rayon::pool(&pool))
            .collect::<Result<Vec<_>, _>>()
    }) {
        assert_eq!(result, Err(100));
    }
}

#[test]
fn random_numbers_depend_on_the_seed_alone() {
    let call = || {
        par(0..500_u64)
            .map(|_| joblib::rng().random::<u64>())
            .seed(7)
    };
    let expected: Vec<_> = call().backend(Sequential).collect();
    let pool = pool(3);
    for found in both(&pool, || {
        call().backend(Rayon::pool(&pool)).collect::<Vec<_>>()
    }) {
        assert_eq!(found, expected);
    }
}

#[test]
fn each_task_is_reported_once() {
    let pool = pool(3);
    for done in both(&pool, || {
        let (sender, reported) = mpsc::channel();
        let call = par(0..1_000).map(|x| assert!(x % 100 != 7, "on purpose"));
        let call = call.on_progress(move |progress| sender.send(progress.done).unwrap());
        assert_eq!(call.backend(Rayon::pool(&pool)).outcomes().len(), 1_000);
        Vec::from_iter(reported)
    }) {
        assert_eq!(done, Vec::from_iter(1..=1_000));
    }
}

#[test]
fn each_worker_begins_with_the_initializer() {
    let pool = pool(2);
    for [set_up, used] in both(&pool, || {
        let set_up = Arc::new(Mutex::new(BTreeSet::new()));
        let theirs = Arc::clone(&set_up);
        let first = move || {
            assert!(
                theirs
                    .lock()
                    .unwrap()
                    .insert(joblib::worker_index().unwrap())
            );
        };
        let call = par(0..200).map(|_| joblib::worker_index().unwrap());
        let used = call
            .initializer(first)
            .backend(Rayon::pool(&pool))
            .collect();
        let set_up = set_up.lock().unwrap().clone();
        [set_up, used]
    }) {
        assert!(used.is_subset(&set_up), "{used:?} {set_up:?}");
    }
    let failing = par(0..9).map(|x| x).initializer(|| panic!("on purpose"));
    let error = failing
        .backend(Rayon::pool(&pool))
        .try_collect::<Vec<_>>()
        .unwrap_err();
    assert!(!matches!(error.failure(), ErrorKind::Cancelled), "{error}");
}
