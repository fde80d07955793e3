use std::future::Future;
use std::pin::{Pin, pin};
use std::sync::atomic::Ordering;
use std::sync::{Arc, Barrier};
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{self, Thread};
use std::time::Duration;

use joblib_runtime::memo::flight::{Role, join_async};

use crate::{Shelf, fresh, watched};

struct Unpark(Thread);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}

/// Runs all tasks on this thread, which they must not block.
fn run(tasks: Vec<Pin<Box<dyn Future<Output = ()> + '_>>>) {
    let waker = Waker::from(Arc::new(Unpark(thread::current())));
    let mut context = Context::from_waker(&waker);
    let mut tasks = tasks;
    loop {
        tasks.retain_mut(|task| task.as_mut().poll(&mut context).is_pending());
        if tasks.is_empty() {
            return;
        }
        thread::park();
    }
}

/// Yields to the other tasks several times.
pub(crate) async fn idle(turns: u32) {
    for _ in 0..turns {
        let mut is_first = true;
        std::future::poll_fn(|context| {
            if std::mem::take(&mut is_first) {
                context.waker().wake_by_ref();
                return Poll::Pending;
            }
            Poll::Ready(())
        })
        .await;
    }
}

pub(crate) async fn call(shelf: &Shelf, id: u128, computation: impl Future<Output = u64>) -> u64 {
    let count = async {
        shelf.computed.fetch_add(1, Ordering::SeqCst);
        computation.await
    };
    match join_async(id, shelf).await {
        Role::Ready { value, .. } => value,
        Role::Duplicate(detour) => detour.scope(count).await,
        Role::Lead(lease) => {
            let value = lease.scope(count).await;
            shelf.store(value);
            lease.publish();
            value
        }
    }
}

#[test]
fn tasks_of_one_thread_compute_a_result_once() {
    watched(|| {
        let (id, shelf) = (fresh(), Shelf::default());
        let one = async || {
            let value = call(&shelf, id, async {
                idle(5).await;
                4
            });
            assert_eq!(value.await, 4);
        };
        run((0..10)
            .map(|_| Box::pin(one()) as Pin<Box<dyn Future<Output = ()>>>)
            .collect());
        assert_eq!(shelf.computed(), 1);
    });
}

#[test]
fn tasks_of_many_threads_compute_a_result_once() {
    watched(|| {
        let (id, shelf, start) = (fresh(), Shelf::default(), Barrier::new(8));
        thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| {
                    start.wait();
                    run(vec![Box::pin(async {
                        let value = call(&shelf, id, async {
                            thread::sleep(Duration::from_millis(10));
                            4
                        });
                        assert_eq!(value.await, 4);
                    })]);
                });
            }
        });
        assert_eq!(shelf.computed(), 1);
    });
}

#[test]
fn a_dropped_leader_passes_the_lead_on() {
    watched(|| {
        let (id, shelf) = (fresh(), Shelf::default());
        let mut leader = Box::pin(call(&shelf, id, std::future::pending()));
        let mut context = Context::from_waker(Waker::noop());
        assert!(leader.as_mut().poll(&mut context).is_pending());
        thread::scope(|scope| {
            let waiter = scope.spawn(|| {
                run(vec![Box::pin(async {
                    assert_eq!(call(&shelf, id, async { 2 }).await, 2)
                })]);
            });
            thread::sleep(Duration::from_millis(20));
            assert!(!waiter.is_finished());
            drop(leader);
            waiter.join().unwrap();
        });
        assert_eq!(shelf.computed(), 2);
    });
}

#[test]
fn a_task_that_requests_its_own_result_computes_it_inline() {
    watched(|| {
        let (id, shelf) = (fresh(), Shelf::default());
        run(vec![Box::pin(async {
            let inner = async {
                idle(2).await;
                call(&shelf, id, async { 1 }).await + 10
            };
            assert_eq!(call(&shelf, id, inner).await, 11);
        })]);
        assert_eq!(shelf.computed(), 2);
    });
}

#[test]
fn tasks_that_want_each_others_results_do_not_hang() {
    watched(|| {
        let [first, second] = [(); 2].map(|()| (fresh(), Shelf::default()));
        let one = async |mine: &(u128, Shelf), other: &(u128, Shelf)| {
            let computation = async {
                idle(3).await;
                call(&other.1, other.0, async { 1 }).await
            };
            call(&mine.1, mine.0, computation).await;
        };
        run(vec![
            Box::pin(one(&first, &second)),
            Box::pin(one(&second, &first)),
        ]);
        assert_eq!(first.1.computed() + second.1.computed(), 3);
    });
}

#[test]
fn a_waiting_task_leaves_its_thread_to_others() {
    watched(|| {
        let lock = Arc::new(true.into());
        let (id, shelf) = (fresh(), Shelf::locked_by(&lock));
        run(vec![
            Box::pin(async { assert_eq!(call(&shelf, id, async { 1 }).await, 3) }),
            Box::pin(async {
                idle(10).await;
                shelf.store(3);
                lock.store(false, Ordering::SeqCst);
            }),
        ]);
        assert_eq!(shelf.computed(), 0);
    });
}

#[test]
fn a_call_is_ready_to_move_between_threads() {
    fn is_send(_: impl Send) {}
    let shelf = Shelf::default();
    is_send(join_async(fresh(), &shelf));
    let call = pin!(call(&shelf, fresh(), async { 1 }));
    is_send(call);
}
