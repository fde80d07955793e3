//! Where a task panicked, which only the hook of the process is told: noted
//! there, and found again where the panic is caught.

use std::backtrace::{Backtrace, BacktraceStatus};
use std::cell::{Cell, RefCell};
use std::marker::PhantomData;
use std::mem::ManuallyDrop;
use std::panic::PanicHookInfo;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

use super::error::{Panic, message};

thread_local! {
    static IS_WATCHED: Cell<bool> = const { Cell::new(false) };
    // Without a destructor, so that calls from destructors of other thread
    // locals find it.
    static LAST: ManuallyDrop<RefCell<Option<Panic>>> = const {
        ManuallyDrop::new(RefCell::new(None))
    };
}

/// As long as it lives, panics of its thread are noted.
#[must_use = "panics are noted only as long as this lives"]
pub(crate) struct PanicRecorder {
    before: bool,
    /// It belongs to its thread.
    marker: PhantomData<*const ()>,
}

/// Notes panics of this thread, which is about to run tasks.
pub(crate) fn watch() -> PanicRecorder {
    hook();
    PanicRecorder {
        before: IS_WATCHED.replace(true),
        marker: PhantomData,
    }
}

impl Drop for PanicRecorder {
    fn drop(&mut self) {
        IS_WATCHED.set(self.before);
    }
}

/// Notes first, and then does what was to be done before. A hook that the
/// program sets later is not wrapped: then places are not known.
fn hook() {
    static IS_SET: AtomicBool = AtomicBool::new(false);
    // A thread that panics may set no hook.
    if IS_SET.load(Relaxed) || std::thread::panicking() || IS_SET.swap(true, Relaxed) {
        return;
    }
    let before = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |info| {
        note(info);
        before(info);
    }));
}

fn note(info: &PanicHookInfo<'_>) {
    if !IS_WATCHED.get() {
        return;
    }
    let backtrace = Backtrace::capture();
    put(Panic {
        message: message(info.payload()),
        location: info.location().map(ToString::to_string),
        backtrace: (backtrace.status() == BacktraceStatus::Captured).then(|| backtrace.to_string()),
    });
}

/// Notes a panic that goes on from elsewhere.
pub(super) fn put(panic: Panic) {
    if IS_WATCHED.get() {
        LAST.with(|last| *last.borrow_mut() = Some(panic));
    }
}

/// The panic of this thread that says `message`, with its place if that was
/// noted.
pub(super) fn take(message: String) -> Panic {
    let last = LAST.with(|last| last.borrow_mut().take());
    match last {
        Some(panic) if panic.message == message => panic,
        _ => Panic {
            message,
            location: None,
            backtrace: None,
        },
    }
}
