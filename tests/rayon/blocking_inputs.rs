//! Inputs with a thread of their own, which does not belong to the pool.

use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use joblib::backend::Rayon;
use joblib::par;

use super::in_time::in_time;
use super::{both, pool};

/// An input with a thread of its own.
fn blocking(items: u64, pause: Duration) -> impl Iterator<Item = u64> + Send {
    let mut next = 0;
    std::iter::from_fn(move || {
        thread::sleep(pause);
        next += 1;
        (next <= items).then_some(next)
    })
}

#[test]
fn tasks_of_an_input_that_blocks_run_in_the_pool_of_the_caller() {
    in_time(|| {
        let builder = rayon::ThreadPoolBuilder::new().num_threads(2);
        let pool = builder.thread_name(|_| "mine".to_owned()).build().unwrap();
        let names: Vec<Option<String>> = pool.install(|| {
            let call = par(blocking(50, Duration::from_millis(2))).map(|_| {
                thread::sleep(Duration::from_millis(3));
                thread::current().name().map(str::to_owned)
            });
            call.batch(1).backend(Rayon).collect()
        });
        let others = names
            .iter()
            .filter(|it| it.as_deref() != Some("mine"))
            .count();
        assert_eq!(others, 0, "{names:?}");
    });
}

#[test]
fn items_that_arrive_together_run_together() {
    in_time(|| {
        let pool = pool(4);
        for round in 0..5 {
            for most in both(&pool, || {
                let (send, items) = mpsc::channel();
                (0..3).for_each(|item| send.send(item).unwrap());
                let closer = thread::spawn(move || {
                    thread::sleep(Duration::from_millis(400));
                    drop(send);
                });
                let (running, most) = (AtomicUsize::new(0), AtomicUsize::new(0));
                let call = par(items).map(|_: u32| {
                    most.fetch_max(running.fetch_add(1, SeqCst) + 1, SeqCst);
                    thread::sleep(Duration::from_millis(100));
                    running.fetch_sub(1, SeqCst);
                });
                call.batch(1).backend(Rayon::pool(&pool)).for_each(drop);
                closer.join().unwrap();
                most.into_inner()
            }) {
                assert_eq!(most, 3, "round {round}");
            }
        }
    });
}

#[test]
fn an_input_may_need_the_pool_when_the_call_ends_early() {
    in_time(|| {
        let pool = pool(1);
        let mut next = 0;
        let items = std::iter::from_fn(|| {
            next += 1;
            if next > 1 {
                thread::sleep(Duration::from_millis(50));
                pool.install(|| ());
            }
            Some(next)
        });
        let call = par(items).map(|x: u32| assert_ne!(x, 1));
        let call = call.timeout(Duration::from_secs(60)).backend(Rayon);
        let failure = pool.install(|| call.try_collect::<Vec<_>>());
        assert!(failure.is_err());
    });
}
