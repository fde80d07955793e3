//! The locations of panics in tasks. Only the panic hook receives them: it records them
//! in a thread local, where they are looked up when the panic is caught.

use std::backtrace::{Backtrace, BacktraceStatus};
use std::cell::{Cell, RefCell};
use std::marker::PhantomData;
use std::mem::ManuallyDrop;
use std::panic::PanicHookInfo;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed};

use super::error::{Panic, panic_message};

thread_local! {
    static IS_RECORDING: Cell<bool> = const { Cell::new(false) };
    // Without a destructor, so that calls from destructors of other thread locals can use
    // it.
    static LAST: ManuallyDrop<RefCell<Option<Panic>>> = const {
        ManuallyDrop::new(RefCell::new(None))
    };
}

/// Records panics of its thread until it is dropped.
#[must_use = "panics are recorded only until this is dropped"]
pub(crate) struct PanicRecorder {
    before: bool,
    /// Makes the type `!Send`, since it belongs to its thread.
    marker: PhantomData<*const ()>,
}

/// Starts recording panics of this thread, which is about to run tasks.
pub(crate) fn record() -> PanicRecorder {
    hook();
    PanicRecorder {
        before: IS_RECORDING.replace(true),
        marker: PhantomData,
    }
}

impl Drop for PanicRecorder {
    fn drop(&mut self) {
        IS_RECORDING.set(self.before);
    }
}

type Hook = Box<dyn Fn(&PanicHookInfo<'_>) + Sync + Send>;

/// Installs a panic hook that records the panic and then calls the previous hook.
fn hook() {
    static IS_SET: AtomicBool = AtomicBool::new(false);
    // Setting a hook panics in a thread that is panicking.
    if IS_SET.load(Relaxed) || std::thread::panicking() || IS_SET.swap(true, Relaxed) {
        return;
    }
    let before = std::panic::take_hook();
    std::panic::set_hook(recording(before));
}

/// The address of the hook that was installed last.
static OURS: AtomicUsize = AtomicUsize::new(0);

fn recording(before: Hook) -> Hook {
    let hook: Hook = Box::new(move |info| {
        note(info);
        before(info);
    });
    OURS.store(address(&hook), Relaxed);
    hook
}

/// Returns the address of what the hook captures, which differs for any two hooks that
/// capture something.
fn address(hook: &Hook) -> usize {
    (&raw const **hook).cast::<()>() as usize
}

/// Installs the hook again if the program has replaced it. Whether it has can only be
/// found out by removing the hook for a moment, in which a panic or a new hook of another
/// thread is lost, so this is done only after a panic that was not recorded.
fn hook_again() {
    static IS_HOOKING: Mutex<()> = Mutex::new(());
    let Ok(_alone) = IS_HOOKING.try_lock() else {
        return;
    };
    if std::thread::panicking() {
        return;
    }
    let present = std::panic::take_hook();
    let is_ours = address(&present) == OURS.load(Relaxed);
    std::panic::set_hook(if is_ours { present } else { recording(present) });
}

fn note(info: &PanicHookInfo<'_>) {
    if !IS_RECORDING.get() {
        return;
    }
    let backtrace = Backtrace::capture();
    put(Panic {
        message: panic_message(info.payload()),
        location: info.location().map(ToString::to_string),
        backtrace: (backtrace.status() == BacktraceStatus::Captured).then(|| backtrace.to_string()),
    });
}

/// Records a panic that is resumed in this thread.
pub(super) fn put(panic: Panic) {
    if IS_RECORDING.get() {
        LAST.with(|last| *last.borrow_mut() = Some(panic));
    }
}

/// Returns the panic of this thread with `message`, with its location if that was
/// recorded.
pub(super) fn take(message: String) -> Panic {
    let last = LAST.with(|last| last.borrow_mut().take());
    match last {
        Some(panic) if panic.message == message => return panic,
        Some(_) => {}
        None if IS_RECORDING.get() => hook_again(),
        None => {}
    }
    Panic {
        message,
        location: None,
        backtrace: None,
    }
}
