//! What a call comes to: each end takes the outcomes one by one, in the order
//! it asks for, and stops the rest of the work where it needs no more.

use super::error::Error;

/// What takes the outcomes of a call.
///
/// It gets an iterator and may stop before its end; the work that is left is
/// then called off.
pub trait Consume<O> {
    /// What comes of it.
    type Result;

    /// Whether it keeps all that it takes.
    const KEEPS: bool = true;

    /// Whether a task that panics is to be told from the others.
    const CATCHES: bool = false;

    /// Takes the outcomes.
    fn consume(self, outcomes: impl Iterator<Item = Outcome<O>>) -> Self::Result;
}

/// One task's position in the input, and its result or why there is none.
pub type Outcome<O> = (usize, Result<O, Error>);

/// Into any collection; the first failure is a panic.
pub(crate) struct Collect<C>(pub(crate) std::marker::PhantomData<fn() -> C>);

impl<O, C: FromIterator<O>> Consume<O> for Collect<C> {
    type Result = C;

    #[inline]
    fn consume(self, outcomes: impl Iterator<Item = Outcome<O>>) -> C {
        let values = outcomes.map(|(_, outcome)| outcome.unwrap_or_else(|error| error.resume()));
        values.collect()
    }
}

/// Into any collection, or the first failure.
pub(crate) struct TryCollect<C>(pub(crate) std::marker::PhantomData<fn() -> C>);

impl<O, C: FromIterator<O>> Consume<O> for TryCollect<C> {
    type Result = Result<C, Error>;

    const CATCHES: bool = true;

    #[inline]
    fn consume(self, outcomes: impl Iterator<Item = Outcome<O>>) -> Result<C, Error> {
        outcomes.map(|(_, outcome)| outcome).collect()
    }
}

/// Every outcome.
pub(crate) struct Outcomes;

impl<O> Consume<O> for Outcomes {
    type Result = Vec<Result<O, Error>>;

    const CATCHES: bool = true;

    fn consume(self, outcomes: impl Iterator<Item = Outcome<O>>) -> Self::Result {
        outcomes.map(|(_, outcome)| outcome).collect()
    }
}

/// A call of a function for each; the first failure is a panic.
pub(crate) struct ForEach<F>(pub(crate) F);

impl<O, F: FnMut(O)> Consume<O> for ForEach<F> {
    type Result = ();

    const KEEPS: bool = false;

    #[inline]
    fn consume(mut self, outcomes: impl Iterator<Item = Outcome<O>>) {
        for (_, outcome) in outcomes {
            (self.0)(outcome.unwrap_or_else(|error| error.resume()));
        }
    }
}

/// One value of all; the first failure is a panic.
pub(crate) struct Reduce<F>(pub(crate) F);

impl<O, F: FnMut(O, O) -> O> Consume<O> for Reduce<F> {
    type Result = Option<O>;

    const KEEPS: bool = false;

    #[inline]
    fn consume(self, outcomes: impl Iterator<Item = Outcome<O>>) -> Option<O> {
        let values = outcomes.map(|(_, outcome)| outcome.unwrap_or_else(|error| error.resume()));
        values.reduce(self.0)
    }
}
