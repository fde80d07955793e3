//! The inputs of a call that has no task yet.

use super::execute::Execute;
use super::par::Par;
use crate::backend::{DefaultBackend, Processes, Rayon, Sequential, Threads};
use crate::task::{ClosureTask, StatefulTask};

/// The inputs of a parallel call that has no task yet.
#[must_use = "the inputs are not processed until `map` is called"]
pub struct Inputs<I, B = DefaultBackend>(I, B);

/// Starts building a parallel call over `inputs`.
///
/// # Example
///
/// ```
/// # use joblib_runtime::parallel as joblib;
/// let squares: Vec<i32> = joblib::par(0..5).map(|x| x * x).n_jobs(2).collect();
/// assert_eq!(squares, [0, 1, 4, 9, 16]);
/// ```
pub fn par<I: IntoIterator>(inputs: I) -> Inputs<I::IntoIter> {
    Inputs(inputs.into_iter(), DefaultBackend)
}

impl<I: Iterator> Inputs<I> {
    /// Calls `closure` with each of the inputs.
    pub fn map<R, F: Fn(I::Item) -> R>(self, closure: F) -> Par<I, ClosureTask<F>> {
        Par::new(self.0, ClosureTask(closure))
    }

    /// Chooses the backend before the closure, which [`Par::backend`] does afterwards. With
    /// [`Sequential`], the closure may then change what it captured.
    ///
    /// # Example
    ///
    /// ```
    /// # use joblib_runtime as joblib;
    /// use joblib::backend::Sequential;
    /// use joblib::parallel::par;
    ///
    /// let mut count = 0;
    /// let call = par(0..5).backend(Sequential).map(|x| {
    ///     count += 1;
    ///     x * count
    /// });
    /// assert_eq!(call.collect::<Vec<_>>(), [0, 2, 6, 12, 20]);
    /// assert_eq!(count, 5);
    /// ```
    pub fn backend<B>(self, backend: B) -> Inputs<I, B> {
        Inputs(self.0, backend)
    }
}

impl<I: Iterator> Inputs<I, Sequential> {
    /// Calls `closure` with each of the inputs, one after another. It may change what it
    /// captured.
    pub fn map<R, F: FnMut(I::Item) -> R>(self, closure: F) -> Par<I, StatefulTask<F>, Sequential> {
        Par::new(self.0, StatefulTask::new(closure)).backend(Sequential)
    }
}

macro_rules! closures_on {
    ($($(#[$attribute:meta])* [$($parameter:ident)?] $backend:ty),*) => {$(
        $(#[$attribute])*
        impl<I: Iterator, $($parameter)?> Inputs<I, $backend> {
            /// Calls `closure` with each of the inputs.
            pub fn map<R, F: Fn(I::Item) -> R>(self, closure: F) -> Par<I, ClosureTask<F>, $backend>
            where
                $backend: Execute<I, ClosureTask<F>>,
            {
                Par::new(self.0, ClosureTask(closure)).backend(self.1)
            }
        }
    )*};
}

closures_on!(
    [] Threads,
    [] Processes,
    [] Rayon,
    #[cfg(feature = "rayon")]
    [P] crate::backend::RayonPool<P>
);
