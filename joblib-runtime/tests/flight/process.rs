use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use joblib_runtime::memo::flight::{Role, join};

use crate::{Shelf, fresh, watched};

/// Returns a lock that another process holds.
fn held() -> Arc<AtomicBool> {
    Arc::new(AtomicBool::new(true))
}

#[test]
fn the_result_of_another_process_is_waited_for() {
    watched(|| {
        let (id, lock) = (fresh(), held());
        let shelf = Shelf::locked_by(&lock);
        thread::scope(|scope| {
            let callers: Vec<_> = (0..4)
                .map(|_| scope.spawn(|| shelf.call(id, || panic!("the other process computes"))))
                .collect();
            thread::sleep(Duration::from_millis(300));
            assert!(callers.iter().all(|caller| !caller.is_finished()));
            shelf.store(5);
            lock.store(false, Ordering::SeqCst);
            for caller in callers {
                assert_eq!(caller.join().unwrap(), 5);
            }
        });
        assert!(!lock.load(Ordering::SeqCst));
    });
}

#[test]
fn the_death_of_the_holder_passes_the_lead_on() {
    watched(|| {
        let (id, lock) = (fresh(), held());
        let shelf = Shelf::locked_by(&lock);
        thread::scope(|scope| {
            let caller = scope.spawn(|| {
                shelf.call(id, || {
                    assert!(lock.load(Ordering::SeqCst), "computed without the lock");
                    6
                })
            });
            thread::sleep(Duration::from_millis(30));
            lock.store(false, Ordering::SeqCst);
            assert_eq!(caller.join().unwrap(), 6);
        });
        assert!(!lock.load(Ordering::SeqCst), "the lock must be released");
    });
}

#[test]
fn a_nested_call_continues_without_a_lock_that_stays_busy() {
    watched(|| {
        let (outer, inner) = (Shelf::default(), Shelf::locked_by(&held()));
        let value = outer.call(fresh(), || inner.call(fresh(), || 1) + 1);
        assert_eq!((value, inner.computed()), (2, 1));
    });
}

#[test]
fn a_call_that_a_leader_waits_for_continues_without_a_lock_that_stays_busy() {
    watched(|| {
        let (id, outer, inner) = (fresh(), Shelf::default(), Shelf::locked_by(&held()));
        thread::scope(|scope| {
            scope.spawn(|| inner.call(id, || 1));
            thread::sleep(Duration::from_millis(20));
            outer.call(fresh(), || inner.call(id, || 1));
        });
        assert!(inner.computed() >= 1);
    });
}

#[test]
fn a_result_stored_since_the_miss_is_not_computed_again() {
    let (id, lock) = (fresh(), Arc::new(AtomicBool::new(false)));
    let shelf = Shelf::locked_by(&lock);
    shelf.store(8);
    assert!(matches!(
        join(id, &shelf),
        Role::Ready {
            value: 8,
            waited: false
        }
    ));
    assert!(!lock.load(Ordering::SeqCst));
}
