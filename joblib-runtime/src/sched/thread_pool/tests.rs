//! Tests of which threads help, with which attributes, and until when.

use std::sync::Barrier;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};

use super::*;
use crate::unpoisoned::{lock, unpoisoned};

#[test]
fn helpers_work_beside_the_caller() {
    let together = Barrier::new(4);
    scoped(
        3,
        &|| {
            together.wait();
        },
        |_| together.wait(),
    );
}

/// Returns the threads that help with stacks of that size.
fn helpers(stack: usize) -> Vec<thread::ThreadId> {
    let (together, seen) = (Barrier::new(3), Mutex::new(Vec::new()));
    let work = || {
        together.wait();
        lock(&seen).push(thread::current().id());
    };
    scoped_with_stack(stack, 2, &work, |_| together.wait());
    unpoisoned(seen.into_inner())
}

#[test]
fn stacks_are_as_large_as_asked_for() {
    fn deep(n: usize) -> usize {
        let taken = std::hint::black_box([n; 1024]);
        if n == 0 {
            0
        } else {
            deep(n - 1) + taken[0] / n
        }
    }
    for stack in [stack_size::size(), 64 << 20] {
        let calls = stack / 2 / size_of::<[usize; 1024]>() / 2;
        let together = Barrier::new(2);
        let work = || {
            assert_eq!(deep(calls), calls);
            together.wait();
        };
        scoped_with_stack(stack, 1, &work, |_| together.wait());
    }
}

#[test]
fn threads_with_another_stack_are_others() {
    let usual = helpers(stack_size::size());
    assert!(helpers(32 << 20).iter().all(|id| !usual.contains(id)));
}

#[cfg(target_os = "linux")]
#[test]
fn helpers_are_as_their_caller_and_not_as_an_earlier_one() {
    use rustix::process::{getpriority_process, nice};
    use rustix::thread::{CpuSet, sched_getaffinity, sched_setaffinity};

    let here = || {
        let niceness = getpriority_process(None).unwrap();
        (sched_getaffinity(None).unwrap(), niceness)
    };
    let seen = move || {
        let (together, seen) = (Barrier::new(3), Mutex::new(Vec::new()));
        let work = || {
            together.wait();
            lock(&seen).push(here());
        };
        scoped(2, &work, |_| together.wait());
        lock(&seen).clone()
    };
    let own = here();
    assert_eq!(seen(), [own, own]);
    let limited = thread::spawn(move || {
        let mut one = CpuSet::new();
        one.set((0..CpuSet::MAX_CPU).find(|cpu| own.0.is_set(*cpu)).unwrap());
        sched_setaffinity(None, &one).unwrap();
        nice(3).unwrap();
        (seen(), here())
    });
    let (seen_there, there) = limited.join().unwrap();
    assert_eq!(seen_there, [there, there]);
    assert_eq!(seen(), [own, own]);
}

#[cfg(target_os = "linux")]
#[test]
fn helpers_may_do_what_their_caller_may_and_no_more() {
    use crate::credentials::Credentials;

    let seen = || {
        let (together, seen) = (Barrier::new(3), Mutex::new(Vec::new()));
        let work = || {
            together.wait();
            lock(&seen).push(Credentials::of_current_thread());
        };
        scoped(2, &work, |_| together.wait());
        lock(&seen).clone()
    };
    let own = Credentials::of_current_thread();
    assert_eq!(seen(), [own, own]);
    let limited = || {
        // SAFETY: the call affects only this thread.
        unsafe { libc::prctl(libc::PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) };
        (seen(), Credentials::of_current_thread())
    };
    let (there, limited) = thread::scope(|scope| scope.spawn(limited).join().unwrap());
    assert_ne!(limited, own);
    assert_eq!(there, [limited, limited]);
    assert_eq!(seen(), [own, own]);
}

#[cfg(target_os = "linux")]
#[test]
fn what_a_task_changes_of_its_thread_is_gone_with_it() {
    use rustix::process::{getpriority_process, nice};

    let niceness = || getpriority_process(None).unwrap();
    let own = niceness();
    for change in [true, false] {
        let (together, seen) = (Barrier::new(3), Mutex::new(Vec::new()));
        let work = || {
            together.wait();
            lock(&seen).push(niceness());
            if change {
                nice(2).unwrap();
            }
        };
        scoped(2, &work, |_| together.wait());
        assert_eq!(*lock(&seen), [own, own]);
    }
}

#[test]
fn nobody_helps_after_the_call() {
    let begun = AtomicUsize::new(0);
    let ended = AtomicUsize::new(0);
    for _ in 0..500 {
        let work = || {
            begun.fetch_add(1, SeqCst);
            thread::yield_now();
            ended.fetch_add(1, SeqCst);
        };
        scoped(3, &work, |_| ());
        assert_eq!(begun.load(SeqCst), ended.load(SeqCst));
    }
}

#[test]
fn a_panic_of_a_helper_reaches_the_caller() {
    let together = Barrier::new(2);
    let work = || {
        together.wait();
        panic!("the helper's");
    };
    let result = catch_unwind(AssertUnwindSafe(|| {
        scoped(1, &work, |_| together.wait());
    }));
    assert_eq!(result.unwrap_err().downcast_ref(), Some(&"the helper's"));
}

#[test]
fn a_panic_of_the_body_waits_for_the_helpers() {
    let (together, ended) = (Barrier::new(2), AtomicUsize::new(0));
    let work = || {
        together.wait();
        thread::sleep(Duration::from_millis(20));
        ended.fetch_add(1, SeqCst);
    };
    let result = catch_unwind(AssertUnwindSafe(|| {
        scoped(1, &work, |_| {
            together.wait();
            panic!("the body's");
        });
    }));
    assert!(result.is_err());
    assert_eq!(ended.load(SeqCst), 1);
}

#[test]
fn calls_within_calls_all_end() {
    let ran = AtomicUsize::new(0);
    let inner = || {
        ran.fetch_add(1, SeqCst);
    };
    let outer = || scoped(2, &inner, |_| inner());
    scoped(3, &outer, |_| outer());
    assert!(ran.load(SeqCst) >= 1);
}
