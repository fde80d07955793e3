//! Records the panics of tasks for the parent instead of printing them.

use std::any::Any;
use std::backtrace::{Backtrace, BacktraceStatus};
use std::cell::{Cell, RefCell};
use std::panic::{AssertUnwindSafe, PanicHookInfo};

/// Message, location and backtrace, as they are serialized.
pub(in crate::process) type PanicInfo = (String, Option<String>, Option<String>);

thread_local! {
    static IS_TASK: Cell<bool> = const { Cell::new(false) };
    static LAST: RefCell<Option<PanicInfo>> = const { RefCell::new(None) };
}

/// Installs a panic hook that records the panics of tasks. Panics of other threads, and
/// panics that abort the process, are still reported by the previous hook.
pub(super) fn watch() {
    let before = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |info| {
        if !IS_TASK.get() || cfg!(panic = "abort") {
            before(info);
        }
        if IS_TASK.get() {
            LAST.set(Some(report(info)));
        }
    }));
}

/// Runs `task`. If it panics, returns the message, location and backtrace.
pub(super) fn catch_panic<R>(task: impl FnOnce() -> R) -> Result<R, PanicInfo> {
    IS_TASK.set(true);
    let result = std::panic::catch_unwind(AssertUnwindSafe(task));
    IS_TASK.set(false);
    result.map_err(|payload| {
        let message = message(payload);
        // The record may be of a panic that the task caught itself before it panicked
        // again.
        let last = LAST.take().filter(|last| last.0 == message);
        last.unwrap_or((message, None, None))
    })
}

fn message(payload: Box<dyn Any + Send>) -> String {
    let message = crate::outcome::panic_message(payload.as_ref());
    // Dropping the payload may panic too.
    let _ = std::panic::catch_unwind(AssertUnwindSafe(|| drop(payload)));
    message
}

fn report(info: &PanicHookInfo<'_>) -> PanicInfo {
    let backtrace = Backtrace::capture();
    let is_captured = backtrace.status() == BacktraceStatus::Captured;
    (
        crate::outcome::panic_message(info.payload()),
        info.location().map(ToString::to_string),
        is_captured.then(|| backtrace.to_string()),
    )
}

#[cfg(test)]
mod tests {
    use std::panic::resume_unwind;

    use super::*;

    #[test]
    fn the_place_of_a_panic_that_a_task_caught_is_not_that_of_another() {
        let place = || Some("here".to_owned());
        let goes_on = |noted: Option<&str>, with: &'static str| {
            catch_panic::<()>(|| {
                LAST.set(noted.map(|message| (message.to_owned(), place(), None)));
                resume_unwind(Box::new(with))
            })
        };
        let report = |place| Err(("the second".to_owned(), place, None));
        assert_eq!(goes_on(Some("the second"), "the second"), report(place()));
        assert_eq!(goes_on(Some("the first"), "the second"), report(None));
        assert_eq!(goes_on(None, "the second"), report(None));
    }
}
