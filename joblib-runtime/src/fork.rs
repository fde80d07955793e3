//! Forks without an exec: how many lie behind this process, and values that are another
//! process's in the child.

use std::sync::atomic::{AtomicBool, AtomicPtr, AtomicU64, Ordering};

static FORKS: AtomicU64 = AtomicU64::new(0);

/// How many forks without an exec lie between this process and the one that
/// called [`install_atfork_handler`] first.
#[inline]
pub(crate) fn generation() -> u64 {
    FORKS.load(Ordering::Relaxed)
}

/// Counts forks from here on.
pub(crate) fn install_atfork_handler() {
    // No `Once`: a child whose parent was at it would wait for nobody.
    static IS_WATCHED: AtomicBool = AtomicBool::new(false);
    extern "C" fn in_child() {
        FORKS.fetch_add(1, Ordering::Relaxed);
    }
    if !IS_WATCHED.swap(true, Ordering::Relaxed) {
        // SAFETY: the handler only adds to an atomic, which is safe wherever a
        // signal handler is. Registering fails only where memory has run out.
        unsafe { libc::pthread_atfork(None, None, Some(in_child)) };
    }
}

/// A value that is found out once. No lock is held meanwhile, which a fork in that moment
/// would leave locked for ever in the child: threads that come at the same time find it
/// out too, and what the first one found counts.
pub(crate) struct OnceComputed<T: 'static>(AtomicPtr<T>);

impl<T: Send + Sync> OnceComputed<T> {
    pub(crate) const fn new() -> Self {
        OnceComputed(AtomicPtr::new(std::ptr::null_mut()))
    }

    /// The value, which `find` finds out if nobody has.
    pub(crate) fn get_or_init(&'static self, find: impl FnOnce() -> T) -> &'static T {
        let found = self.0.load(Ordering::Acquire);
        // SAFETY: the pointer is null or of a box that is never freed.
        if let Some(found) = unsafe { found.as_ref() } {
            return found;
        }
        let own = Box::into_raw(Box::new(find()));
        let nothing = std::ptr::null_mut();
        let set = (self.0).compare_exchange(nothing, own, Ordering::AcqRel, Ordering::Acquire);
        let found = match set {
            Ok(_) => own,
            Err(other) => {
                // SAFETY: nobody else has seen it.
                drop(unsafe { Box::from_raw(own) });
                other
            }
        };
        // SAFETY: as above; another thread put it there, or this one.
        unsafe { &*found }
    }
}

/// A value that each process begins afresh. A child has none of its parent's threads,
/// so a lock that one of them held at the fork stays locked for ever in the child's copy:
/// the child must not touch it.
pub(crate) struct PerProcess<T: 'static> {
    begin: fn() -> T,
    current: AtomicPtr<Owned<T>>,
}

/// A value, and the process whose it is.
struct Owned<T> {
    owner: Owner,
    value: T,
}

/// Process numbers are given out again, and forks are not counted that do not go through
/// the C library, so either alone could mistake a parent for its child.
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
    pub(crate) const fn new(begin: fn() -> T) -> Self {
        PerProcess {
            begin,
            current: AtomicPtr::new(std::ptr::null_mut()),
        }
    }

    /// The value of this process.
    pub(crate) fn get(&'static self) -> &'static T {
        let current = self.current.load(Ordering::Acquire);
        // SAFETY: the pointer is null or of a box that is never freed.
        match unsafe { current.as_ref() } {
            Some(owned) if owned.owner == Owner::here() => &owned.value,
            _ => self.replace(current),
        }
    }

    /// Begins the value of this process. That of the parent is left as it is: its locks
    /// may be held, and what it owns is the parent's to end.
    fn replace(&'static self, before: *mut Owned<T>) -> &'static T {
        install_atfork_handler();
        let fresh = Box::into_raw(Box::new(Owned {
            owner: Owner::here(),
            value: (self.begin)(),
        }));
        let exchanged =
            self.current
                .compare_exchange(before, fresh, Ordering::AcqRel, Ordering::Acquire);
        let current = match exchanged {
            Ok(_) => fresh,
            Err(other) => {
                // SAFETY: nobody else has seen it.
                drop(unsafe { Box::from_raw(fresh) });
                other
            }
        };
        // SAFETY: as above; another thread of this process put it there.
        unsafe { &(*current).value }
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

    /// The thread that is at it does not exist in the child.
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
            // SAFETY: the place is valid, and the child is ours.
            assert_eq!(unsafe { libc::waitpid(child, &raw mut status, 0) }, child);
            ended.wait();
            assert!(libc::WIFEXITED(status));
            assert_eq!(libc::WEXITSTATUS(status), 2);
        });
        assert_eq!(*FOUND.get_or_init(|| 3), 1);
    }
}
