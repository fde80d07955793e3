//! What a panic of a task says, kept for its parent instead of printed.

use std::any::Any;
use std::backtrace::{Backtrace, BacktraceStatus};
use std::cell::{Cell, RefCell};
use std::panic::{AssertUnwindSafe, PanicHookInfo};

/// Message, location and backtrace, as they travel.
pub(in crate::process) type Told = (String, Option<String>, Option<String>);

thread_local! {
    static IS_TASK: Cell<bool> = const { Cell::new(false) };
    static LAST: RefCell<Option<Told>> = const { RefCell::new(None) };
}

/// From here on panics of tasks are kept; those of other threads, and those
/// that end the process, are told as before.
pub(super) fn watch() {
    let before = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |info| {
        if !IS_TASK.get() || cfg!(panic = "abort") {
            before(info);
        }
        if IS_TASK.get() {
            LAST.set(Some(told(info)));
        }
    }));
}

/// Runs `task` and returns what its panic says.
pub(super) fn caught<R>(task: impl FnOnce() -> R) -> Result<R, Told> {
    IS_TASK.set(true);
    let result = std::panic::catch_unwind(AssertUnwindSafe(task));
    IS_TASK.set(false);
    result.map_err(|payload| {
        let said = message(payload);
        // It may be of a panic that the task caught itself before it went on with another.
        let last = LAST.take().filter(|last| last.0 == said);
        last.unwrap_or((said, None, None))
    })
}

fn message(payload: Box<dyn Any + Send>) -> String {
    let message = crate::outcome::message(payload.as_ref());
    // Dropping what a task panicked with may panic in turn.
    let _ = std::panic::catch_unwind(AssertUnwindSafe(|| drop(payload)));
    message
}

fn told(info: &PanicHookInfo<'_>) -> Told {
    let backtrace = Backtrace::capture();
    let is_captured = backtrace.status() == BacktraceStatus::Captured;
    (
        crate::outcome::message(info.payload()),
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
            caught::<()>(|| {
                LAST.set(noted.map(|said| (said.to_owned(), place(), None)));
                resume_unwind(Box::new(with))
            })
        };
        let told = |place| Err(("the second".to_owned(), place, None));
        assert_eq!(goes_on(Some("the second"), "the second"), told(place()));
        assert_eq!(goes_on(Some("the first"), "the second"), told(None));
        assert_eq!(goes_on(None, "the second"), told(None));
    }
}
