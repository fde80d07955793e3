//! The consumers of a call's outcomes. Each takes outcomes one by one, in the order it
//! requests, and cancels the remaining work when it needs no more.

use crate::outcome::Error;

/// A consumer of the outcomes of a call.
///
/// It receives an iterator and may stop before its end, which cancels the remaining work.
pub trait Consumer<O>: Sized {
    /// What the consumer returns.
    type Result;

    /// Whether it retains everything that it takes.
    const KEEPS: bool = true;

    /// Whether it needs the panics of tasks as errors.
    const CATCHES: bool = false;

    /// Takes the outcomes.
    fn consume(self, outcomes: impl Iterator<Item = Outcome<O>>) -> Self::Result;

    /// Takes the results of tasks whose panics are not caught.
    #[inline]
    fn consume_results(self, results: impl Iterator<Item = O>) -> Self::Result {
        self.consume(results.map(Ok).enumerate())
    }
}

/// The position of a task in the input, and its result or error.
pub type Outcome<O> = (usize, Result<O, Error>);

/// Collects all results into any collection, up to the first failure.
pub(crate) struct Collect<C> {
    catches: std::marker::PhantomData<fn() -> C>,
}

/// Like [`Collect`], for calls whose failure is a panic.
pub(crate) struct CollectAll<C>(pub(crate) Collect<C>);

impl<C> Collect<C> {
    pub(crate) const NEW: Self = Collect {
        catches: std::marker::PhantomData,
    };
}

impl<O, C: FromIterator<O>> Consumer<O> for Collect<C> {
    type Result = Result<C, Error>;

    const CATCHES: bool = true;

    #[inline]
    fn consume(self, outcomes: impl Iterator<Item = Outcome<O>>) -> Result<C, Error> {
        up_to_failure(outcomes, |results| results.collect())
    }
}

impl<O, C: FromIterator<O>> Consumer<O> for CollectAll<C> {
    type Result = Result<C, Error>;

    #[inline]
    fn consume(self, outcomes: impl Iterator<Item = Outcome<O>>) -> Result<C, Error> {
        self.0.consume(outcomes)
    }

    #[inline]
    fn consume_results(self, results: impl Iterator<Item = O>) -> Result<C, Error> {
        Ok(results.collect())
    }
}

/// Collects every outcome.
pub(crate) struct Outcomes;

impl<O> Consumer<O> for Outcomes {
    type Result = Vec<Result<O, Error>>;

    const CATCHES: bool = true;

    fn consume(self, outcomes: impl Iterator<Item = Outcome<O>>) -> Self::Result {
        CappedSizeHint(outcomes)
            .map(|(_, outcome)| outcome)
            .collect()
    }
}

/// Calls a function with each result, up to the first failure.
pub(crate) struct ForEach<F>(pub(crate) F);

impl<O, F: FnMut(O)> Consumer<O> for ForEach<F> {
    type Result = Result<(), Error>;

    const KEEPS: bool = false;

    #[inline]
    fn consume(mut self, outcomes: impl Iterator<Item = Outcome<O>>) -> Result<(), Error> {
        for (_, outcome) in outcomes {
            (self.0)(outcome?);
        }
        Ok(())
    }

    #[inline]
    fn consume_results(self, results: impl Iterator<Item = O>) -> Result<(), Error> {
        results.for_each(self.0);
        Ok(())
    }
}

/// Reduces all results to one value, up to the first failure.
pub(crate) struct Reduce<F>(pub(crate) F);

impl<O, F: FnMut(O, O) -> O> Consumer<O> for Reduce<F> {
    type Result = Result<Option<O>, Error>;

    const KEEPS: bool = false;

    #[inline]
    fn consume(self, outcomes: impl Iterator<Item = Outcome<O>>) -> Result<Option<O>, Error> {
        up_to_failure(outcomes, |results| results.reduce(self.0))
    }

    #[inline]
    fn consume_results(self, results: impl Iterator<Item = O>) -> Result<Option<O>, Error> {
        Ok(results.reduce(self.0))
    }
}

/// Passes the results to `take` and returns its value, or the first failure. Unlike the
/// standard library's `Result` collection, it passes on the lower bound of `size_hint`.
#[inline]
pub(super) fn up_to_failure<O, I: Iterator<Item = Outcome<O>>, R>(
    outcomes: I,
    take: impl FnOnce(UpToFailure<'_, I>) -> R,
) -> Result<R, Error> {
    let mut failure = None;
    let results = UpToFailure {
        outcomes,
        failure: &mut failure,
    };
    let taken = take(results);
    match failure {
        None => Ok(taken),
        Some(failure) => Err(failure),
    }
}

/// The maximum number of bytes to reserve for results based on the size hint of the
/// input.
const AHEAD: usize = 64 << 20;

/// Returns for how many results to reserve memory if there are at least `least`. The
/// input may be infinite, and a failure may end the results early.
#[inline]
fn at_once<O>(least: usize) -> usize {
    least.min(AHEAD / size_of::<O>().max(1))
}

/// Outcomes with a capped `size_hint`, so that collecting them reserves little memory.
pub(super) struct CappedSizeHint<I>(pub(super) I);

impl<O, I: Iterator<Item = Outcome<O>>> Iterator for CappedSizeHint<I> {
    type Item = Outcome<O>;

    #[inline]
    fn next(&mut self) -> Option<Outcome<O>> {
        self.0.next()
    }

    #[inline]
    fn size_hint(&self) -> (usize, Option<usize>) {
        let (least, most) = self.0.size_hint();
        (at_once::<Outcome<O>>(least), most)
    }
}

pub(super) struct UpToFailure<'f, I> {
    outcomes: I,
    failure: &'f mut Option<Error>,
}

impl<O, I: Iterator<Item = Outcome<O>>> Iterator for UpToFailure<'_, I> {
    type Item = O;

    #[inline]
    fn next(&mut self) -> Option<O> {
        if self.failure.is_some() {
            return None;
        }
        match self.outcomes.next()?.1 {
            Ok(result) => Some(result),
            Err(failure) => {
                *self.failure = Some(failure);
                None
            }
        }
    }

    #[inline]
    fn size_hint(&self) -> (usize, Option<usize>) {
        let (least, most) = self.outcomes.size_hint();
        (at_once::<O>(least), most)
    }
}
