//! Forks without an exec: counts them, and provides values that a child process does not
//! share with its parent.

use std::sync::atomic::{AtomicBool, AtomicPtr, AtomicU64, Ordering};

static FORKS: AtomicU64 = AtomicU64::new(0);

/// Returns the number of forks without an exec between this process and the one that
/// called [`install_atfork_handler`] first.
#[inline]
pub(crate) fn generation() -> u64 {
    FORKS.load(Ordering::Relaxed)
}

/// Starts to count forks.
pub(crate) fn install_atfork_handler() {
    // Not a `Once`: if a thread of the parent is inside it at the fork, the child would
    // wait for that thread for ever.
    static IS_WATCHED: AtomicBool = AtomicBool::new(false);
    extern "C" fn in_child() {
        FORKS.fetch_add(1, Ordering::Relaxed);
    }
    if !IS_WATCHED.swap(true, Ordering::Relaxed) {
        // SAFETY: the handler only adds to an atomic, which is async-signal-safe.
        // Registration fails only if memory is exhausted.
        unsafe { libc::pthread_atfork(None, None, Some(in_child)) };
    }
}

/// The place of a value that is never freed, or nothing. It needs no lock: a lock that is
/// held at a fork would stay locked for ever in the child.
struct Published<T: 'static>(AtomicPtr<T>);

impl<T: Send + Sync> Published<T> {
    const fn nothing() -> Self {
        Published(AtomicPtr::new(std::ptr::null_mut()))
    }

    fn get(&self) -> Option<&'static T> {
        // SAFETY: the pointer is null or comes from a box that is never freed.
        unsafe { self.0.load(Ordering::Acquire).as_ref() }
    }

    /// Publishes `fresh`, unless another thread has replaced `before`. Returns the
    /// published value.
    fn replace(&self, before: Option<&'static T>, fresh: T) -> &'static T {
        let before = before.map_or(std::ptr::null_mut(), |it| std::ptr::from_ref(it).cast_mut());
        let fresh = Box::into_raw(Box::new(fresh));
        let exchanged =
            (self.0).compare_exchange(before, fresh, Ordering::AcqRel, Ordering::Acquire);
        if exchanged.is_err() {
            // SAFETY: the box was not published, so no other thread has a reference.
            drop(unsafe { Box::from_raw(fresh) });
        }
        let current = exchanged.map_or_else(|other| other, |_| fresh);
        // SAFETY: this thread or another one published the box, which is never freed.
        unsafe { &*current }
    }
}

/// A value that is computed once. Threads that arrive at the same time all compute the
/// value, and the first result is used.
pub(crate) struct OnceComputed<T: 'static>(Published<T>);

impl<T: Send + Sync> OnceComputed<T> {
    pub(crate) const fn new() -> Self {
        OnceComputed(Published::nothing())
    }

    /// Returns the value, and computes it with `compute` if it is not set.
    pub(crate) fn get_or_init(&'static self, compute: impl FnOnce() -> T) -> &'static T {
        let found = self.0.get();
        found.unwrap_or_else(|| self.0.replace(None, compute()))
    }
}

/// A value that each process initializes for itself. A child has none of its parent's
/// threads, so a lock that one of them held at the fork stays locked for ever in the
/// child's copy. The child must therefore not touch the parent's value.
pub(crate) struct PerProcess<T: 'static> {
    init: fn() -> T,
    current: Published<ProcessValue<T>>,
}

/// A value and the process that owns it.
struct ProcessValue<T> {
    owner: Owner,
    value: T,
}

/// Identifies a process by its number and its fork count. Process numbers are reused, and
/// forks that bypass the C library are not counted, so either alone could mistake a child
/// for its parent.
#[derive(PartialEq, Eq)]
struct Owner {
    pid: u32,
    forks: u64,
}

impl Owner {
    fn here() -> Owner {
        Owner {
            pid: std::process::id(),
            forks: generation(),
        }
    }
}

impl<T: Send + Sync> PerProcess<T> {
    pub(crate) const fn new(init: fn() -> T) -> Self {
        PerProcess {
            init,
            current: Published::nothing(),
        }
    }

    /// Returns the value of this process.
    pub(crate) fn get(&'static self) -> &'static T {
        match self.current.get() {
            Some(owned) if owned.owner == Owner::here() => &owned.value,
            before => self.replace(before),
        }
    }

    /// Initializes the value of this process. The parent's value is leaked: its locks may
    /// be held, and the resources that it owns belong to the parent.
    fn replace(&'static self, before: Option<&'static ProcessValue<T>>) -> &'static T {
        install_atfork_handler();
        let fresh = ProcessValue {
            owner: Owner::here(),
            value: (self.init)(),
        };
        &self.current.replace(before, fresh).value
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Barrier;
    use std::sync::atomic::AtomicUsize;

    use super::*;

    #[test]
    fn what_several_threads_find_out_at_once_is_one_value() {
        static FOUND: OnceComputed<usize> = OnceComputed::new();
        static TRIES: AtomicUsize = AtomicUsize::new(0);
        let together = Barrier::new(4);
        let find = || {
            together.wait();
            FOUND.get_or_init(|| TRIES.fetch_add(1, Ordering::Relaxed))
        };
        let found = std::thread::scope(|scope| {
            let threads = [(); 4].map(|()| scope.spawn(find));
            threads.map(|thread| thread.join().unwrap())
        });
        assert!(found.iter().all(|it| std::ptr::eq(*it, found[0])));
        assert!(std::ptr::eq(FOUND.get_or_init(|| usize::MAX), found[0]));
    }

    /// The thread that computes the value does not exist in the child.
    #[test]
    fn a_child_finds_out_what_a_thread_of_its_parent_was_at() {
        static FOUND: OnceComputed<u32> = OnceComputed::new();
        let (begun, ended) = (Barrier::new(2), Barrier::new(2));
        std::thread::scope(|scope| {
            scope.spawn(|| {
                FOUND.get_or_init(|| {
                    begun.wait();
                    ended.wait();
                    1
                })
            });
            begun.wait();
            // SAFETY: the child reads an atomic and ends with `_exit`.
            let child = unsafe { libc::fork() };
            if child == 0 {
                // SAFETY: both are plain system calls.
                unsafe {
                    libc::alarm(60);
                    libc::_exit(*FOUND.get_or_init(|| 2) as i32);
                }
            }
            let mut status = 0;
            // SAFETY: the pointer is valid, and the process is a child of this one.
            assert_eq!(unsafe { libc::waitpid(child, &raw mut status, 0) }, child);
            ended.wait();
            assert!(libc::WIFEXITED(status));
            assert_eq!(libc::WEXITSTATUS(status), 2);
        });
        assert_eq!(*FOUND.get_or_init(|| 3), 1);
    }
}
