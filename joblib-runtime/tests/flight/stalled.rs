//! Tasks that started to compute and are not polled any more. No caller may wait for
//! them forever.

use std::future::Future;
use std::pin::Pin;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Waker};
use std::thread;
use std::time::{Duration, Instant};

use crate::task::{call, idle};
use crate::{Shelf, fresh, watched};

type Suspended<'a> = Pin<Box<dyn Future<Output = u64> + 'a>>;

/// Returns a started call. The future that it awaits never completes, or wakes it
/// immediately.
fn start<'a>(shelf: &'a Shelf, id: u128, is_woken: bool) -> Suspended<'a> {
    let mut suspended: Suspended<'a> = Box::pin(call(shelf, id, async move {
        match is_woken {
            true => idle(1_000).await,
            false => std::future::pending().await,
        }
        4
    }));
    assert!(poll(&mut suspended).is_pending());
    suspended
}

fn poll(suspended: &mut Suspended<'_>) -> Poll<u64> {
    suspended
        .as_mut()
        .poll(&mut Context::from_waker(Waker::noop()))
}

fn finish(mut suspended: Suspended<'_>) -> u64 {
    loop {
        if let Poll::Ready(value) = poll(&mut suspended) {
            return value;
        }
    }
}

/// Calls from a task.
fn call_in_task(shelf: &Shelf, id: u128) {
    assert_eq!(pollster::block_on(call(shelf, id, async { 4 })), 4);
}

#[test]
fn a_task_and_a_thread_continue_without_a_task_that_was_woken_and_is_not_polled() {
    for is_task in [true, false] {
        watched(|| {
            let (id, shelf) = (fresh(), Shelf::default());
            let suspended = start(&shelf, id, true);
            match is_task {
                true => call_in_task(&shelf, id),
                false => assert_eq!(shelf.call(id, || 4), 4),
            }
            assert_eq!(shelf.computed(), 2);
            // The suspended task finishes after the duplicate computation.
            assert_eq!(finish(suspended), 4);
            call_in_task(&shelf, id);
        });
    }
}

#[test]
fn a_task_that_nothing_wakes_loses_the_lead() {
    watched(|| {
        let (ids, shelves) = (
            [(); 3].map(|()| fresh()),
            [(); 3].map(|()| Shelf::default()),
        );
        let mut suspended: Vec<_> = (0..3).map(|n| start(&shelves[n], ids[n], false)).collect();
        thread::scope(|scope| {
            for (id, shelf) in ids.iter().zip(&shelves) {
                scope.spawn(|| call_in_task(shelf, *id));
                scope.spawn(|| assert_eq!(shelf.call(*id, || 4), 4));
            }
        });
        for shelf in &shelves {
            assert_eq!(
                shelf.computed(),
                2,
                "one of the waiting callers must compute"
            );
        }
        assert!(
            suspended
                .iter_mut()
                .all(|suspended| poll(suspended).is_pending())
        );
        drop(suspended);
    });
}

#[test]
fn a_task_that_is_woken_while_others_wait_and_not_polled_soon_loses_the_lead() {
    watched(|| {
        let (id, shelf) = (fresh(), Shelf::default());
        let waker = Mutex::new(None);
        let mut suspended: Suspended<'_> = Box::pin(call(&shelf, id, async {
            std::future::poll_fn(|context| {
                *waker.lock().unwrap() = Some(context.waker().clone());
                Poll::Pending
            })
            .await
        }));
        assert!(poll(&mut suspended).is_pending());
        thread::scope(|scope| {
            let begun = Instant::now();
            let waiters = [
                scope.spawn(|| call_in_task(&shelf, id)),
                scope.spawn(|| assert_eq!(shelf.call(id, || 4), 4)),
            ];
            thread::sleep(Duration::from_millis(300));
            waker.lock().unwrap().take().unwrap().wake();
            for waiter in waiters {
                waiter.join().unwrap();
            }
            // This must be earlier than the timeout for tasks that nothing wakes.
            assert!(begun.elapsed() < Duration::from_secs(9));
        });
        assert_eq!(shelf.computed(), 2);
    });
}

#[test]
fn many_callers_that_wait_for_a_suspended_task_compute_once_more() {
    watched(|| {
        let (id, shelf) = (fresh(), Shelf::default());
        let suspended = start(&shelf, id, true);
        thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| call_in_task(&shelf, id));
                scope.spawn(|| {
                    let slow = || {
                        thread::sleep(Duration::from_millis(50));
                        4
                    };
                    assert_eq!(shelf.call(id, slow), 4);
                });
            }
        });
        assert_eq!(shelf.computed(), 2);
        drop(suspended);
        call_in_task(&shelf, id);
    });
}

#[test]
fn the_result_of_a_suspended_task_that_is_polled_again_ends_every_wait() {
    watched(|| {
        let (id, shelf) = (fresh(), Shelf::default());
        let suspended = start(&shelf, id, true);
        let (taken_over, is_over) = (AtomicBool::new(false), AtomicBool::new(false));
        let is = |flag: &AtomicBool| flag.load(Ordering::SeqCst);
        thread::scope(|scope| {
            scope.spawn(|| {
                shelf.call(id, || {
                    taken_over.store(true, Ordering::SeqCst);
                    while !is(&is_over) {
                        thread::sleep(Duration::from_millis(1));
                    }
                    4
                })
            });
            while !is(&taken_over) {
                thread::sleep(Duration::from_millis(1));
            }
            let waiter = scope.spawn(|| shelf.call(id, || panic!("another caller computes")));
            thread::sleep(Duration::from_millis(50));
            assert_eq!(finish(suspended), 4);
            // The caller that took over still computes.
            assert_eq!(waiter.join().unwrap(), 4);
            is_over.store(true, Ordering::SeqCst);
        });
        assert_eq!(shelf.computed(), 2);
    });
}

#[test]
fn a_suspended_task_that_is_dropped_passes_the_lead_on_and_one_that_lost_it_does_not() {
    watched(|| {
        let (id, shelf) = (fresh(), Shelf::default());
        let suspended = start(&shelf, id, false);
        thread::scope(|scope| {
            let waiter = scope.spawn(|| call_in_task(&shelf, id));
            thread::sleep(Duration::from_millis(50));
            drop(suspended);
            waiter.join().unwrap();
        });
        let (id, shelf) = (fresh(), Shelf::default());
        thread::scope(|scope| {
            let suspended = start(&shelf, id, true);
            let mut other = None;
            let value = shelf.call(id, || {
                drop(suspended);
                other = Some(scope.spawn(|| shelf.call(id, || panic!("another caller computes"))));
                thread::sleep(Duration::from_millis(50));
                4
            });
            assert_eq!((value, other.unwrap().join().unwrap()), (4, 4));
        });
    });
}

/// Polls two futures in turn, as `join!` does.
async fn both(first: impl Future<Output = ()>, second: impl Future<Output = ()>) {
    let (mut first, mut second) = (Box::pin(first), Box::pin(second));
    let mut are_over = (false, false);
    std::future::poll_fn(|context| {
        are_over.0 = are_over.0 || first.as_mut().poll(context).is_ready();
        are_over.1 = are_over.1 || second.as_mut().poll(context).is_ready();
        match are_over {
            (true, true) => Poll::Ready(()),
            _ => Poll::Pending,
        }
    })
    .await;
}

#[test]
fn a_task_that_blocks_on_its_own_computation_continues() {
    watched(|| {
        let (id, shelf) = (fresh(), Shelf::default());
        let compute = || {
            call(&shelf, id, async {
                idle(1_000).await;
                4
            })
        };
        pollster::block_on(both(async { assert_eq!(compute().await, 4) }, async {
            call_in_task(&shelf, id)
        }));
        let (id, other) = (fresh(), Shelf::default());
        let compute = || {
            call(&other, id, async {
                idle(1_000).await;
                4
            })
        };
        pollster::block_on(both(async { assert_eq!(compute().await, 4) }, async {
            assert_eq!(other.call(id, || 4), 4)
        }));
        assert_eq!((shelf.computed(), other.computed()), (2, 2));
    });
}

#[test]
fn a_task_that_makes_progress_is_waited_for_if_it_often_pauses() {
    watched(|| {
        let (id, shelf) = (fresh(), Shelf::default());
        let is_over = AtomicBool::new(false);
        thread::scope(|scope| {
            let leader = scope.spawn(|| {
                let slow = async {
                    while !is_over.load(Ordering::SeqCst) {
                        idle(1).await;
                        thread::sleep(Duration::from_millis(1));
                    }
                    4
                };
                assert_eq!(pollster::block_on(call(&shelf, id, slow)), 4);
            });
            while shelf.computed() == 0 {
                thread::sleep(Duration::from_millis(1));
            }
            let waiters = [
                scope.spawn(|| call_in_task(&shelf, id)),
                scope.spawn(|| assert_eq!(shelf.call(id, || panic!("another caller computes")), 4)),
            ];
            thread::sleep(Duration::from_millis(2_500));
            assert!(waiters.iter().all(|waiter| !waiter.is_finished()));
            is_over.store(true, Ordering::SeqCst);
            leader.join().unwrap();
        });
        assert_eq!(shelf.computed(), 1);
    });
}

#[test]
fn a_leader_that_waits_for_another_task_is_waited_for() {
    watched(|| {
        let [(outer, outers), (inner, inners)] = [(); 2].map(|()| (fresh(), Shelf::default()));
        let is_over = AtomicBool::new(false);
        thread::scope(|scope| {
            scope.spawn(|| {
                inners.call(inner, || {
                    while !is_over.load(Ordering::SeqCst) {
                        thread::sleep(Duration::from_millis(1));
                    }
                    4
                })
            });
            while inners.computed() == 0 {
                thread::sleep(Duration::from_millis(1));
            }
            scope.spawn(|| {
                let waits = async { call(&inners, inner, async { 4 }).await };
                assert_eq!(pollster::block_on(call(&outers, outer, waits)), 4);
            });
            while outers.computed() == 0 {
                thread::sleep(Duration::from_millis(1));
            }
            let waiter = scope.spawn(|| outers.call(outer, || panic!("another caller computes")));
            thread::sleep(Duration::from_secs(12));
            assert!(!waiter.is_finished());
            is_over.store(true, Ordering::SeqCst);
        });
        assert_eq!((outers.computed(), inners.computed()), (1, 1));
    });
}
