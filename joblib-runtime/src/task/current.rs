//! Which task this thread runs, for what depends on its position in the input
//! and on the seed of its call.

use std::cell::Cell;

/// A task as it runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Current {
    /// The seed of its call.
    pub(crate) seed: Option<u64>,
    /// Its position in the input.
    pub(crate) index: usize,
}

thread_local! {
    static CURRENT: Cell<Option<Current>> = const { Cell::new(None) };
}

/// The task is this thread's until the value is dropped; then the one around
/// it is again.
#[must_use]
pub(crate) struct Entered(Option<Current>);

/// This thread runs the task at `index` from here on.
pub(crate) fn enter(seed: Option<u64>, index: usize) -> Entered {
    Entered(CURRENT.replace(Some(Current { seed, index })))
}

/// The task that this thread runs.
pub(crate) fn get() -> Option<Current> {
    CURRENT.get()
}

impl Drop for Entered {
    fn drop(&mut self) {
        CURRENT.set(self.0);
    }
}

#[cfg(test)]
mod tests {
    use super::{Current, enter, get};

    #[test]
    fn the_task_around_it_is_current_again() {
        assert_eq!(get(), None);
        let outer = enter(Some(7), 1);
        drop(enter(None, 2));
        let current = Current {
            seed: Some(7),
            index: 1,
        };
        assert_eq!(get(), Some(current));
        drop(outer);
        assert_eq!(get(), None);
    }
}
