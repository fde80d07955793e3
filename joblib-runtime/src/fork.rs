//! Forks without an exec: how many lie behind this process, and values that are another
//! process's in the child.

use std::sync::atomic::{AtomicBool, AtomicPtr, AtomicU64, Ordering};

static FORKS: AtomicU64 = AtomicU64::new(0);

/// How many forks without an exec lie between this process and the one that
/// called [`watch`] first.
#[inline]
pub(crate) fn count() -> u64 {
    FORKS.load(Ordering::Relaxed)
}

/// Counts forks from here on.
pub(crate) fn watch() {
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
            forks: count(),
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
        watch();
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
