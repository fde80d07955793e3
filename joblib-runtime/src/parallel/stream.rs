//! Streams of results, which tasks run ahead of.

use super::execute::Boxed;
use super::terminal::{CappedSizeHint, Outcome, up_to_failure};
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

/// The methods that consume an iterator. Those of std call `next` themselves, so that its
/// panics would be located in std and not in the caller.
macro_rules! consuming_methods {
    () => {
        #[track_caller]
        fn collect<C: FromIterator<Self::Item>>(self) -> C {
            self.consume(|results| results.collect())
        }

        #[track_caller]
        fn for_each<F: FnMut(Self::Item)>(self, f: F) {
            self.consume(|results| results.for_each(f));
        }

        #[track_caller]
        fn fold<A, F: FnMut(A, Self::Item) -> A>(self, first: A, f: F) -> A {
            self.consume(|results| results.fold(first, f))
        }

        #[track_caller]
        fn reduce<F>(self, f: F) -> Option<Self::Item>
        where
            F: FnMut(Self::Item, Self::Item) -> Self::Item,
        {
            self.consume(|results| results.reduce(f))
        }

        #[track_caller]
        fn sum<S: std::iter::Sum<Self::Item>>(self) -> S {
            self.consume(|results| results.sum())
        }

        #[track_caller]
        fn product<P: std::iter::Product<Self::Item>>(self) -> P {
            self.consume(|results| results.product())
        }

        #[track_caller]
        fn count(self) -> usize {
            self.consume(|results| results.count())
        }

        #[track_caller]
        fn last(self) -> Option<Self::Item> {
            self.consume(|results| results.last())
        }
    };
}

impl<O> Stream<O> {
    /// Returns the value of `take` for the results, or panics with the first failure.
    #[track_caller]
    fn consume<R>(self, take: impl FnOnce(&mut dyn Iterator<Item = O>) -> R) -> R {
        or_resume(up_to_failure(self.0, |mut results| take(&mut results)))
    }
}

impl<O> Unordered<O> {
    /// Like [`Stream::consume`].
    #[track_caller]
    fn consume<R>(self, take: impl FnOnce(&mut dyn Iterator<Item = (usize, O)>) -> R) -> R {
        let outcomes = (self.0).map(|(index, outcome)| (index, outcome.map(|it| (index, it))));
        or_resume(up_to_failure(outcomes, |mut results| take(&mut results)))
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

    consuming_methods!();
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

    consuming_methods!();
}
