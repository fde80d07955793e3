//! Outcomes that threads or workers of this process bring. In a child of a fork there is
//! nobody who would: it neither waits for them nor touches locks that they may have held.

use std::mem::ManuallyDrop;

use super::terminal::Outcome;
use crate::fork;
use crate::outcome::{Error, ErrorKind};

/// The outcomes of a stream, in the process that began it.
pub(super) struct SameProcess<I> {
    outcomes: ManuallyDrop<I>,
    /// How many forks lay behind the process that began it.
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

    /// The last outcome of a child.
    #[cold]
    fn lost<O>(&mut self) -> Option<Outcome<O>> {
        let why = "those of this stream work for the process that forked this one; begin it \
                   after the fork, or go on with it in the parent";
        let failure = Error::call(ErrorKind::Start(why.to_owned()));
        let is_told = std::mem::replace(&mut self.is_over, true);
        (!is_told).then(|| (self.given, Err(failure)))
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
            // SAFETY: it is used no more after this.
            unsafe { ManuallyDrop::drop(&mut self.outcomes) };
        }
    }
}
