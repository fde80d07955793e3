use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Barrier;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::Duration;

use joblib_runtime::memo::flight::{Role, join};

use crate::{Shelf, fresh, watched};

#[test]
fn callers_of_one_result_compute_it_once() {
    watched(|| {
        for _ in 0..20 {
            let (id, shelf, start) = (fresh(), Shelf::default(), Barrier::new(64));
            thread::scope(|scope| {
                for _ in 0..64 {
                    scope.spawn(|| {
                        start.wait();
                        let value = shelf.call(id, || {
                            thread::sleep(Duration::from_millis(5));
                            7
                        });
                        assert_eq!(value, 7);
                    });
                }
            });
            assert_eq!(shelf.computed(), 1);
        }
    });
}

#[test]
fn a_result_that_was_waited_for_is_marked() {
    watched(|| {
        let (id, shelf) = (fresh(), Shelf::default());
        let Role::Lead(guard) = join(id, &shelf) else {
            panic!("there must be no other leader")
        };
        thread::scope(|scope| {
            let waiter = scope.spawn(|| match join(id, &shelf) {
                Role::Ready { value, waited } => (value, waited),
                turn => panic!("{turn:?}"),
            });
            thread::sleep(Duration::from_millis(20));
            assert!(!waiter.is_finished());
            shelf.store(3);
            guard.publish();
            assert_eq!(waiter.join().unwrap(), (3, true));
        });
        assert!(matches!(
            join(id, &shelf),
            Role::Ready {
                value: 3,
                waited: false
            }
        ));
    });
}

#[test]
fn a_panic_passes_the_lead_on() {
    watched(|| {
        let (id, shelf, attempts) = (fresh(), Shelf::default(), AtomicU64::new(0));
        let call = || {
            catch_unwind(AssertUnwindSafe(|| {
                shelf.call(id, || {
                    thread::sleep(Duration::from_millis(2));
                    assert!(
                        attempts.fetch_add(1, Ordering::SeqCst) >= 3,
                        "intended failure"
                    );
                    9
                })
            }))
        };
        let results: Vec<_> = thread::scope(|scope| {
            let callers: Vec<_> = (0..16).map(|_| scope.spawn(call)).collect();
            callers
                .into_iter()
                .map(|caller| caller.join().unwrap())
                .collect()
        });
        assert_eq!(results.iter().filter(|result| result.is_err()).count(), 3);
        assert_eq!(attempts.load(Ordering::SeqCst), 4);
        assert!(results.into_iter().flatten().all(|value| value == 9));
    });
}

#[test]
fn a_call_for_its_own_result_is_computed_inline() {
    watched(|| {
        let (id, shelf) = (fresh(), Shelf::default());
        let value = shelf.call(id, || 1 + shelf.call(id, || 10 + shelf.call(id, || 100)));
        assert_eq!((value, shelf.computed()), (111, 3));
        assert_eq!(
            shelf.call(id, || panic!("the result is already stored")),
            111
        );
    });
}

#[test]
fn leaders_that_want_each_others_results_do_not_hang() {
    watched(|| {
        for threads in [2, 3, 8] {
            let shelves: Vec<_> = (0..threads).map(|_| (fresh(), Shelf::default())).collect();
            let start = Barrier::new(threads);
            thread::scope(|scope| {
                for mine in 0..threads {
                    let (shelves, start) = (&shelves, &start);
                    scope.spawn(move || {
                        let (id, shelf) = &shelves[mine];
                        let (next_id, next) = &shelves[(mine + 1) % threads];
                        shelf.call(*id, || {
                            start.wait();
                            next.call(*next_id, || 0) + 1
                        });
                    });
                }
            });
            let computed: u64 = shelves.iter().map(|(_, shelf)| shelf.computed()).sum();
            assert_eq!(
                computed,
                threads as u64 + 1,
                "exactly one duplicate computation must break the cycle"
            );
        }
    });
}

#[test]
fn a_result_that_is_not_stored_is_computed_concurrently() {
    watched(|| {
        let (id, shelf, together) = (fresh(), Shelf::default(), Barrier::new(4));
        let Role::Lead(guard) = join(id, &shelf) else {
            panic!("there must be no other leader")
        };
        thread::scope(|scope| {
            let waiters: Vec<_> = (0..4)
                .map(|_| {
                    scope.spawn(|| match join(id, &shelf) {
                        Role::Duplicate(_aside) => _ = together.wait(),
                        turn => panic!("{turn:?}"),
                    })
                })
                .collect();
            thread::sleep(Duration::from_millis(50));
            guard.withhold();
            for waiter in waiters {
                waiter.join().unwrap();
            }
        });
    });
}
