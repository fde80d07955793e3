//! What a call comes to: each end takes the outcomes one by one, in the order
//! it asks for, and stops the rest of the work where it needs no more.

use crate::outcome::Error;

/// What takes the outcomes of a call.
///
/// It gets an iterator and may stop before its end; the work that is left is
/// then called off.
pub trait Consumer<O>: Sized {
    /// What comes of it.
    type Result;

    /// Whether it keeps all that it takes.
    const KEEPS: bool = true;

    /// Whether a task that panics is to be told from the others.
    const CATCHES: bool = false;

    /// Takes the outcomes.
    fn consume(self, outcomes: impl Iterator<Item = Outcome<O>>) -> Self::Result;

    /// Takes results of tasks none of which can fail.
    #[inline]
    fn consume_results(self, results: impl Iterator<Item = O>) -> Self::Result {
        self.consume(results.map(Ok).enumerate())
    }
}

/// One task's position in the input, and its result or why there is none.
pub type Outcome<O> = (usize, Result<O, Error>);

/// Into any collection, or the first failure.
pub(crate) struct Collect<C> {
    catches: std::marker::PhantomData<fn() -> C>,
}

/// As [`Collect`], where the failure is to be a panic.
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

/// Every outcome.
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

/// A call of a function for each, up to the first failure.
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

/// One value of all, or the first failure.
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

/// What `take` makes of the results, unless one is a failure. Unlike what the
/// standard library does for this, it hands on how many there are at least.
#[inline]
fn up_to_failure<O, I: Iterator<Item = Outcome<O>>, R>(
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

/// Bytes that results are given room for at a time, on the word of the input.
const AHEAD: usize = 64 << 20;

/// For how many results of a kind there is to be room, where there are `least` at least:
/// an input may have no end, and its results one by a failure.
#[inline]
fn at_once<O>(least: usize) -> usize {
    least.min(AHEAD / size_of::<O>().max(1))
}

/// Outcomes for which nobody makes more room beforehand than for a few.
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

struct UpToFailure<'f, I> {
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
