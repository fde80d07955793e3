//! Calls as parallel iterators of rayon, and items of rayon as inputs of calls.

use std::time::Instant;

use rayon::iter::plumbing::{Consumer, ProducerCallback, UnindexedConsumer};
use rayon::iter::{
    IndexedParallelIterator, IntoParallelIterator, ParallelBridge, ParallelIterator,
};

use super::config::{self, ConfigSnapshot};
use super::execute::{Again, PreparedCall};
use super::inputs::{Inputs, par};
use super::par::Par;
use super::plan::{ConsumerMode, Plan};
use super::progress;
use super::sequential::attempts;
use super::settings::Settings;
use crate::backend::{DefaultBackend, Rayon};
use crate::memo::flight::CallStackSnapshot;
use crate::outcome::{Error, ErrorKind, or_resume, panic_location};
use crate::sched::core_budget;
use crate::task::{Task, thread, worker};

/// Starts building a parallel call over the items of a parallel iterator of rayon, in their
/// order. All items are computed first, in the pool of rayon that the caller is in.
///
/// A function with `#[parallel]` takes them as
/// `score::par(items.collect::<Vec<_>>(), &data)`.
///
/// # Example
///
/// ```
/// # use joblib_runtime::parallel as joblib;
/// use rayon::prelude::*;
///
/// let even = (0..10_u64).into_par_iter().filter(|x| x % 2 == 0);
/// let squares: Vec<u64> = joblib::par_from(even).map(|x| x * x).collect();
/// assert_eq!(squares, [0, 4, 16, 36, 64]);
/// ```
pub fn par_from<P: IntoParallelIterator>(items: P) -> Inputs<std::vec::IntoIter<P::Item>> {
    par(items.into_par_iter().collect::<Vec<_>>())
}

/// A backend whose calls can be parallel iterators of rayon: [`Rayon`], or none chosen.
#[diagnostic::on_unimplemented(
    message = "a call on the backend `{Self}` is no parallel iterator of rayon",
    label = "rayon runs the tasks of a parallel iterator",
    note = "omit the backend, and use `pool.install(|| …)` for another pool of rayon"
)]
pub trait RunsInRayon {}

impl RunsInRayon for DefaultBackend {}
impl RunsInRayon for Rayon {}

/// A parallel call as a parallel iterator of rayon, whose items are the results. It panics
/// like [`collect`](Par::collect) if a task fails.
///
/// `into_par_iter` on a [`Par`] creates it. Whatever the default backend, rayon runs the
/// tasks, in the pool that the iterator is used in, each in the thread that uses its result.
/// If the length of the input is known, as for a range or a vector, the input is collected
/// first, and the iterator is indexed: it keeps the order of the input. Otherwise results
/// come in any order, as from `par_bridge`.
///
/// Rayon decides how many tasks run at once and in which batches. There are no workers:
/// [`worker_index`](super::worker_index) is `None`. A task in a thread of rayon cannot be
/// interrupted, so it fails after its `timeout` only when it returns.
///
/// # Panics
///
/// `into_par_iter` panics if the call sets what rayon decides: `n_jobs`, `batch`,
/// `pre_dispatch`, `in_flight_bytes`, `stack_size`, `initializer` or `verbose`. Such
/// settings of a scope or the environment do not apply.
///
/// # Example
///
/// ```
/// # use joblib_runtime::parallel as joblib;
/// use rayon::prelude::*;
///
/// let call = joblib::par(0..1_000_u64).map(|x| x * x).seed(1);
/// let largest = call.into_par_iter().filter(|x| x % 2 == 0).max();
/// assert_eq!(largest, Some(998 * 998));
/// ```
#[must_use = "a parallel iterator does nothing until it is consumed"]
pub struct ParIter<I: Iterator, T> {
    source: Source<I>,
    call: IteratorCall<I::Item, T>,
}

enum Source<I: Iterator> {
    /// The inputs, if their number was known.
    Known(Vec<I::Item>),
    Open(I),
}

/// What runs for each input.
struct IteratorCall<A, T> {
    task: T,
    plan: Plan,
    again: Option<Again<A>>,
    begun: Instant,
    /// The scopes and the memoized calls of the caller.
    scopes: ConfigSnapshot,
    held: CallStackSnapshot,
}

impl<I, T, B> IntoParallelIterator for Par<I, T, B>
where
    I: Iterator<Item: thread::ThreadInput> + Send,
    T: Task<I::Item, Output: thread::ThreadOutput> + Send + Sync,
    B: RunsInRayon,
{
    type Item = T::Output;
    type Iter = ParIter<I, T>;

    #[track_caller]
    fn into_par_iter(self) -> ParIter<I, T> {
        if let Some(name) = decided_by_rayon(&self.settings) {
            let why = format!(
                "{name} is set on the call, but rayon decides about it in a parallel iterator; \
                 omit it, or use `.backend(Rayon)` and a method such as `collect`"
            );
            or_resume(Err(Error::call(ErrorKind::InvalidSetting(why))))
        }
        let mode = ConsumerMode {
            is_ordered: true,
            is_bounded: false,
        };
        let (_, work) = or_resume(self.decide(mode));
        let PreparedCall {
            inputs,
            task,
            mut plan,
            again,
        } = work;
        plan.share_cores(rayon::current_num_threads());
        ParIter {
            source: match progress::total(&inputs) {
                Some(_) => Source::Known(inputs.collect()),
                None => Source::Open(inputs),
            },
            call: IteratorCall {
                task,
                plan,
                again,
                begun: Instant::now(),
                scopes: config::current(),
                held: CallStackSnapshot::of_current_thread(),
            },
        }
    }
}

/// Returns the name of a setting of the call that rayon decides about.
fn decided_by_rayon(settings: &Settings) -> Option<&'static str> {
    let set = [
        ("n_jobs", settings.n_jobs.is_some()),
        ("batch", settings.batch.is_some()),
        ("pre_dispatch", settings.pre_dispatch.is_some()),
        ("in_flight_bytes", settings.in_flight_bytes.is_some()),
        ("stack_size", settings.stack_size.is_some()),
        ("initializer", settings.initializer.is_some()),
        ("verbose", settings.verbose.is_some_and(|level| level > 0)),
    ];
    set.into_iter()
        .find_map(|(name, is_set)| is_set.then_some(name))
}

impl<A, T: Task<A>> IteratorCall<A, T> {
    /// Runs the task for the input at `index`.
    fn run(&self, (index, arguments): (usize, A)) -> T::Output {
        // The thread may be in the middle of another task, which must not count for this
        // one.
        let _held = self.held.inherit();
        let _share = core_budget::enter(self.plan.share);
        let _scopes = config::adopt_alone(self.scopes.clone());
        let _recorder = panic_location::record();
        let (task, plan, again) = (&self.task, &self.plan, self.again);
        let outcome = attempts(
            task,
            plan,
            again,
            self.begun,
            index,
            arguments,
            worker::suspend,
        );
        plan.tracker.finished(outcome.is_ok());
        or_resume(outcome)
    }
}

impl<I, T> ParIter<I, T>
where
    I: Iterator<Item: Send> + Send,
    T: Task<I::Item, Output: Send> + Send + Sync,
{
    /// Collects the inputs, if they are not collected yet.
    fn known(self) -> (Vec<I::Item>, IteratorCall<I::Item, T>) {
        let inputs = match self.source {
            Source::Known(inputs) => inputs,
            Source::Open(inputs) => inputs.collect(),
        };
        (inputs, self.call)
    }
}

impl<I, T> ParallelIterator for ParIter<I, T>
where
    I: Iterator<Item: Send> + Send,
    T: Task<I::Item, Output: Send> + Send + Sync,
{
    type Item = T::Output;

    fn drive_unindexed<C: UnindexedConsumer<T::Output>>(self, consumer: C) -> C::Result {
        let call = self.call;
        let result = match self.source {
            Source::Known(inputs) => {
                let inputs = inputs.into_par_iter().enumerate();
                inputs
                    .map(|input| call.run(input))
                    .drive_unindexed(consumer)
            }
            Source::Open(inputs) => {
                let inputs = inputs.enumerate().par_bridge();
                inputs
                    .map(|input| call.run(input))
                    .drive_unindexed(consumer)
            }
        };
        call.plan.tracker.finish();
        result
    }

    fn opt_len(&self) -> Option<usize> {
        match &self.source {
            Source::Known(inputs) => Some(inputs.len()),
            Source::Open(_) => None,
        }
    }
}

impl<I, T> IndexedParallelIterator for ParIter<I, T>
where
    I: ExactSizeIterator<Item: Send> + Send,
    T: Task<I::Item, Output: Send> + Send + Sync,
{
    fn len(&self) -> usize {
        match &self.source {
            Source::Known(inputs) => inputs.len(),
            Source::Open(inputs) => inputs.len(),
        }
    }

    fn drive<C: Consumer<T::Output>>(self, consumer: C) -> C::Result {
        let (inputs, call) = self.known();
        let inputs = inputs.into_par_iter().enumerate();
        let result = inputs.map(|input| call.run(input)).drive(consumer);
        call.plan.tracker.finish();
        result
    }

    fn with_producer<P: ProducerCallback<T::Output>>(self, callback: P) -> P::Output {
        let (inputs, call) = self.known();
        let inputs = inputs.into_par_iter().enumerate();
        let result = inputs.map(|input| call.run(input)).with_producer(callback);
        call.plan.tracker.finish();
        result
    }
}
