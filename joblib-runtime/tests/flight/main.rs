//! Single flight: one computation per key across threads, processes and tasks.

mod process;
mod stalled;
mod task;
mod thread;

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, mpsc};
use std::thread as std_thread;
use std::time::Duration;

use joblib_runtime::memo::flight::{ResultSource, Role, TryLock, join};

/// Returns an id that no other test uses.
fn fresh() -> u128 {
    static LAST: AtomicU64 = AtomicU64::new(0);
    let number = u128::from(LAST.fetch_add(1, Ordering::Relaxed) + 1);
    number.wrapping_mul(0x9E37_79B9_7F4A_7C15_F39C_C060_5CED_C835)
}

/// Stores one result, with a lock that another process may hold.
#[derive(Default)]
struct Shelf {
    result: Mutex<Option<u64>>,
    lock: Option<Arc<AtomicBool>>,
    computed: AtomicU64,
}

impl Shelf {
    fn locked_by(lock: &Arc<AtomicBool>) -> Self {
        Self {
            lock: Some(Arc::clone(lock)),
            ..Self::default()
        }
    }

    fn store(&self, value: u64) {
        *self.result.lock().unwrap() = Some(value);
    }

    fn computed(&self) -> u64 {
        self.computed.load(Ordering::SeqCst)
    }

    /// Calls `compute` as a memoized function does.
    fn call(&self, id: u128, compute: impl FnOnce() -> u64) -> u64 {
        let count = || {
            self.computed.fetch_add(1, Ordering::SeqCst);
            compute()
        };
        match join(id, self) {
            Role::Ready { value, .. } => value,
            Role::Duplicate(_aside) => count(),
            Role::Lead(guard) => {
                let value = count();
                self.store(value);
                guard.publish();
                value
            }
        }
    }
}

/// A held lock of a [`Shelf`].
#[derive(Debug)]
struct Held(Arc<AtomicBool>);

impl Drop for Held {
    fn drop(&mut self) {
        assert!(
            self.0.swap(false, Ordering::SeqCst),
            "the lock was not held"
        );
    }
}

impl ResultSource for Shelf {
    type Value = u64;
    type Lock = Held;

    fn find(&self) -> Option<u64> {
        *self.result.lock().unwrap()
    }

    fn try_lock(&self) -> TryLock<Held> {
        match &self.lock {
            None => TryLock::Unavailable,
            Some(lock) if lock.swap(true, Ordering::SeqCst) => TryLock::Busy,
            Some(lock) => TryLock::Acquired(Held(Arc::clone(lock))),
        }
    }
}

/// Runs `test`, and aborts with a message if it hangs.
fn watched<T: Send>(test: impl FnOnce() -> T + Send) -> T {
    std_thread::scope(|scope| {
        let (done, watch) = mpsc::channel::<()>();
        scope.spawn(move || {
            if watch.recv_timeout(Duration::from_secs(120)) == Err(mpsc::RecvTimeoutError::Timeout)
            {
                eprintln!("a caller hangs");
                std::process::abort();
            }
        });
        let result = test();
        drop(done);
        result
    })
}
