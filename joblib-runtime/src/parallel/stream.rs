//! Streams of results, which tasks run ahead of.

use super::execute::Boxed;
use super::terminal::{CappedSizeHint, Outcome};
use crate::outcome::{Error, or_resume};

/// An iterator over the results in the order of the input.
///
/// # Panics
///
/// [`next`](Iterator::next) panics when it reaches a task that panicked or failed
/// otherwise; [`outcomes`](Stream::outcomes) returns errors instead.
#[must_use = "dropping a stream cancels its tasks"]
pub struct Stream<O>(CappedSizeHint<Boxed<O>>);

/// An iterator over the results in the order in which tasks finish, each with the
/// position of its input.
///
/// # Panics
///
/// [`next`](Iterator::next) panics when it reaches a task that panicked or failed
/// otherwise; [`outcomes`](Unordered::outcomes) returns errors instead.
#[must_use = "dropping a stream cancels its tasks"]
pub struct Unordered<O>(CappedSizeHint<Boxed<O>>);

impl<O> Stream<O> {
    pub(crate) fn new(outcomes: Boxed<O>) -> Self {
        Stream(CappedSizeHint(outcomes))
    }

    /// Converts the stream into an iterator over the result or error of each input.
    pub fn outcomes(self) -> impl Iterator<Item = Result<O, Error>> + Send
    where
        O: 'static,
    {
        self.0.map(|(_, outcome)| outcome)
    }
}

impl<O> Unordered<O> {
    pub(crate) fn new(outcomes: Boxed<O>) -> Self {
        Unordered(CappedSizeHint(outcomes))
    }

    /// Converts the stream into an iterator over the position of each input and its
    /// result or error.
    pub fn outcomes(self) -> impl Iterator<Item = Outcome<O>> + Send
    where
        O: 'static,
    {
        self.0
    }
}

impl<O> Iterator for Stream<O> {
    type Item = O;

    #[track_caller]
    fn next(&mut self) -> Option<O> {
        let (_, outcome) = self.0.next()?;
        Some(or_resume(outcome))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.0.size_hint()
    }
}

impl<O> Iterator for Unordered<O> {
    type Item = (usize, O);

    #[track_caller]
    fn next(&mut self) -> Option<(usize, O)> {
        let (index, outcome) = self.0.next()?;
        Some((index, or_resume(outcome)))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.0.size_hint()
    }
}
