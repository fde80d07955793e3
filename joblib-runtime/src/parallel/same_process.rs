//! Restricts a stream of outcomes to the process that started it. The threads and workers
//! that produce the outcomes do not exist in a forked child, and locks they held there
//! stay locked. In a child, the stream therefore neither waits for them nor touches its
//! state.

use std::mem::ManuallyDrop;

use super::terminal::Outcome;
use crate::fork;
use crate::outcome::{Error, ErrorKind};

/// The outcomes of a stream, available in the process that started it.
pub(super) struct SameProcess<I> {
    outcomes: ManuallyDrop<I>,
    /// The fork generation of the process that started it.
    forks: u64,
    given: usize,
    is_over: bool,
}

impl<I> SameProcess<I> {
    pub(super) fn new(outcomes: I) -> Self {
        fork::install_atfork_handler();
        SameProcess {
            outcomes: ManuallyDrop::new(outcomes),
            forks: fork::generation(),
            given: 0,
            is_over: false,
        }
    }

    fn is_here(&self) -> bool {
        self.forks == fork::generation()
    }

    /// Returns the error that ends the stream in a child, once.
    #[cold]
    fn lost<O>(&mut self) -> Option<Outcome<O>> {
        let why = "the workers of this stream belong to the process that forked this one; start \
                   the stream after the fork, or consume it in the parent";
        let failure = Error::call(ErrorKind::Start(why.to_owned()));
        let was_reported = std::mem::replace(&mut self.is_over, true);
        (!was_reported).then(|| (self.given, Err(failure)))
    }
}

impl<O, I: Iterator<Item = Outcome<O>>> Iterator for SameProcess<I> {
    type Item = Outcome<O>;

    #[inline]
    fn next(&mut self) -> Option<Outcome<O>> {
        if !self.is_here() {
            return self.lost();
        }
        let outcome = self.outcomes.next()?;
        self.given += 1;
        Some(outcome)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        match self.is_here() {
            true => self.outcomes.size_hint(),
            false => (0, Some(1)),
        }
    }
}

impl<I> Drop for SameProcess<I> {
    fn drop(&mut self) {
        if self.is_here() {
            // SAFETY: `outcomes` was not dropped before, and is not used after this.
            unsafe { ManuallyDrop::drop(&mut self.outcomes) };
        }
    }
}
