//! A parallel call as the user puts it together: a task, its inputs, and how
//! they are to run.

use std::borrow::Cow;
use std::time::Duration;

use super::execute::{Again, Boxed, Execute, ExecuteStream, PreparedCall};
use super::initializer::Initializer;
use super::plan::{ConsumerMode, Plan};
use super::processes::ProcessOptions;
use super::progress::{self, OnProgress, Progress, ProgressTracker};
use super::prompt::is_prompt;
use super::settings::{Batch, Settings};
use super::stream::{Stream, Unordered};
use super::terminal::{Collect, CollectAll, Consumer, ForEach, Outcomes, Reduce};
use crate::backend::{BackendName, DefaultBackend};
use crate::outcome::{Error, or_resume};
use crate::task::{ClosureTask, Task};

/// A parallel call that has not begun. One of the methods at the end of this
/// list runs it.
///
/// # Inputs that wait
///
/// The input may be a channel, a socket or the lines of a file that grows: on
/// threads and processes nobody waits for it who could have a result or run a
/// task. A thread of its own pulls it, no further ahead than
/// [`pre_dispatch`](Par::pre_dispatch) allows. On
/// [`Sequential`](crate::backend::Sequential) the calling thread pulls it, each
/// input after the results of those before it were handed on as far as they are
/// there.
///
/// ```
/// use std::sync::mpsc;
/// # use joblib_runtime::parallel as joblib;
/// use joblib::par;
///
/// let (sender, inputs) = mpsc::channel();
/// sender.send(1).unwrap();
/// let mut sender = Some(sender);
/// let mut seen = Vec::new();
/// for y in par(inputs).map(|x: u32| 2 * x).n_jobs(2).stream() {
///     seen.push(y);
///     // Results lead to inputs, and the last one to the end.
///     match &sender {
///         Some(open) if y < 16 => open.send(y).unwrap(),
///         _ => sender = None,
///     }
/// }
/// assert_eq!(seen, [2, 4, 8, 16]);
/// ```
///
/// A call that is not a stream lends out its input, and so returns only when the
/// input has given what it was asked for, even if the call is over before.
#[must_use = "a parallel call does nothing until its results are asked for, as by `collect`"]
pub struct Par<I: Iterator, T, B = DefaultBackend> {
    inputs: I,
    task: T,
    backend: B,
    settings: Settings,
    again: Option<Again<I::Item>>,
}

/// Inputs that wait for what is to be done with them.
#[must_use = "nothing is done with the inputs before `map` says what"]
pub struct Inputs<I>(I);

/// Begins a parallel call of a closure over `inputs`.
///
/// # Example
///
/// ```
/// # use joblib_runtime::parallel as joblib;
/// let squares: Vec<i32> = joblib::par(0..5).map(|x| x * x).n_jobs(2).collect();
/// assert_eq!(squares, [0, 1, 4, 9, 16]);
/// ```
pub fn par<I: IntoIterator>(inputs: I) -> Inputs<I::IntoIter> {
    Inputs(inputs.into_iter())
}

impl<I: Iterator> Inputs<I> {
    /// Does what `closure` says with each of the inputs.
    pub fn map<R, F: Fn(I::Item) -> R>(self, closure: F) -> Par<I, ClosureTask<F>> {
        Par::new(self.0, ClosureTask(closure))
    }
}

impl<I: Iterator, T: Task<I::Item>> Par<I, T> {
    /// The task for each of the inputs.
    #[doc(hidden)]
    pub fn new(inputs: I, task: T) -> Self {
        Par {
            inputs,
            task,
            backend: DefaultBackend,
            settings: Settings::default(),
            again: None,
        }
    }
}

impl<I: Iterator, T: Task<I::Item>, B> Par<I, T, B> {
    /// Runs on `backend`.
    pub fn backend<C: Execute<I, T>>(self, backend: C) -> Par<I, T, C> {
        Par {
            inputs: self.inputs,
            task: self.task,
            backend,
            settings: self.settings,
            again: self.again,
        }
    }

    /// Runs on the backend called `sequential`, `threads` or `processes`, for
    /// a choice made at run time. What cannot run there is then a failure at
    /// run time.
    ///
    /// # Example
    ///
    /// ```
    /// # use joblib_runtime::parallel as joblib;
    /// use joblib::par;
    ///
    /// let backend = std::env::args().nth(1).unwrap_or("threads".to_owned());
    /// let squares = par(0..3).map(|x| x * x).backend_named(backend).try_collect();
    /// assert_eq!(squares.ok(), Some(vec![0, 1, 4]));
    ///
    /// let outcome = par(0..3).map(|x| x * x).backend_named("loky").try_collect::<Vec<i32>>();
    /// assert!(outcome.unwrap_err().to_string().starts_with("backend = loky of the call is no"));
    /// ```
    pub fn backend_named(self, name: impl AsRef<str>) -> Par<I, T, BackendName> {
        Par {
            inputs: self.inputs,
            task: self.task,
            backend: BackendName(name.as_ref().to_owned().into()),
            settings: self.settings,
            again: self.again,
        }
    }

    /// Uses `n` workers; -1 is one for each core, -2 one less, and so on.
    /// Without it, one for each core. Inside a task of another call, the cores
    /// are the share of that call's worker. There are never more than inputs,
    /// and of many on threads some come only when there are tasks for them.
    pub fn n_jobs(mut self, n: impl TryInto<i64>) -> Self {
        self.settings.n_jobs = Some(n.try_into().unwrap_or(i64::MAX));
        self
    }

    /// Hands out so many tasks at a time: a number, or [`Batch::Auto`].
    pub fn batch(mut self, batch: impl Into<Batch>) -> Self {
        self.settings.batch = Some(batch.into());
        self
    }

    /// Begins at most so many tasks before the first of them is consumed.
    pub fn pre_dispatch(mut self, tasks: usize) -> Self {
        self.settings.pre_dispatch = Some(tasks);
        self
    }

    /// Keeps at most so many bytes of arguments and results on the way: about
    /// so many, as one task is always let through, and a result counts from
    /// when it is there.
    ///
    /// In processes, what counts is how large messages are. On threads it is
    /// what values are themselves and what they hold elsewhere, as far as that
    /// is told at once: numbers and text in vectors, boxes and strings, and
    /// options, vectors and pairs with a position of these. What other types
    /// hold is not counted, nor what is shared, as by `Arc`.
    pub fn in_flight_bytes(mut self, bytes: u64) -> Self {
        self.settings.in_flight_bytes = Some(bytes);
        self
    }

    /// Gives the threads that run tasks stacks of so many bytes, 256 KiB at
    /// least, in this process and in workers. The calling thread then runs no
    /// task, but on [`Sequential`](crate::backend::Sequential), where its stack
    /// is what it is. Without it, stacks are as large as the system lets that
    /// of a main thread become (`ulimit -s`, 8 MiB where that is unlimited), or
    /// as `RUST_MIN_STACK` says if that is more.
    ///
    /// The environment variable `JOBLIB_RS_STACK_SIZE` and
    /// [`Config::stack_size`](super::Config::stack_size) say it for many calls.
    ///
    /// # Example
    ///
    /// ```
    /// # use joblib_runtime::parallel as joblib;
    /// use joblib::par;
    ///
    /// fn depth(n: u64) -> u64 {
    ///     if n == 0 { 0 } else { 1 + depth(n - 1) }
    /// }
    /// let depths: Vec<u64> = par([10, 100_000]).map(depth).stack_size(256 << 20).collect();
    /// assert_eq!(depths, [10, 100_000]);
    /// ```
    pub fn stack_size(mut self, bytes: usize) -> Self {
        self.settings.stack_size = Some(bytes);
        self
    }

    /// Gives up a task that runs longer than `limit`, each attempt for itself
    /// where there are [`retries`](Par::retries). A process that runs it is
    /// stopped. A thread cannot be: its result is given up, another thread
    /// takes its place, and a call that lent it data waits for it at the end.
    pub fn timeout(mut self, limit: Duration) -> Self {
        self.settings.timeout = Some(limit);
        self
    }

    /// Gives up what is not done `limit` after the call began. An input that
    /// does not give its next item then is waited for no longer, but on
    /// [`Sequential`](crate::backend::Sequential): the call ends with that
    /// failure. An input that gives items all the same may have no end: unless it is
    /// known to have one, as a vector or a range is, the call ends a second later.
    pub fn deadline(mut self, limit: Duration) -> Self {
        self.settings.deadline = Some(limit);
        self
    }

    /// Gives each task random numbers of its own, from `seed` and its
    /// position in the input: the same whatever the number of workers. The
    /// task gets at them by `joblib::rng()`, which is of the feature `rand`
    /// and says more.
    pub fn seed(mut self, seed: u64) -> Self {
        self.settings.seed = Some(seed);
        self
    }

    /// Shows a progress bar called `name`, where standard error is a terminal
    /// and the feature `progress` is on.
    pub fn progress(mut self, name: impl Into<Cow<'static, str>>) -> Self {
        self.settings.progress = Some(name.into());
        self
    }

    /// Calls `callback` each time a task is finished, whichever backend runs
    /// it: once for each, one call at a time, in the thread that finished a
    /// task. Should it panic, it is not called again and the call panics at
    /// its end.
    ///
    /// # Example
    ///
    /// ```
    /// use std::sync::mpsc;
    /// # use joblib_runtime::parallel as joblib;
    /// use joblib::par;
    ///
    /// let (sender, done) = mpsc::channel();
    /// let sum = par(0..3)
    ///     .map(|x| x * 10)
    ///     .on_progress(move |progress| sender.send((progress.done, progress.total)).unwrap())
    ///     .reduce(|a, b| a + b);
    /// assert_eq!(sum, Some(30));
    /// assert_eq!(Vec::from_iter(done), [(1, Some(3)), (2, Some(3)), (3, Some(3))]);
    /// ```
    pub fn on_progress(mut self, callback: impl FnMut(&Progress) + Send + 'static) -> Self {
        self.settings.on_progress = Some(OnProgress::new(callback));
        self
    }

    /// Tells on standard error at the end how the call went, from level 1 on:
    /// tasks, time, speed-up, how busy each worker was and what was lost to
    /// waiting.
    ///
    /// # Example
    ///
    /// ```
    /// # use joblib_runtime::parallel as joblib;
    /// use joblib::par;
    ///
    /// let sums: Vec<u64> = par(1..4).map(|n| (0..n).sum()).verbose(1).progress("sums").collect();
    /// assert_eq!(sums, [0, 1, 3]);
    /// ```
    pub fn verbose(mut self, level: u8) -> Self {
        self.settings.verbose = Some(level);
        self
    }

    /// Has each worker do something before its first task of the call: a
    /// closure, or a call of an annotated function without arguments, which
    /// worker processes need. See [`Initializer`].
    pub fn initializer(mut self, first: impl Into<Initializer>) -> Self {
        self.settings.initializer = Some(first.into());
        self
    }

    /// Tries a task that panicked, took longer than [`timeout`](Par::timeout)
    /// allows or lost its worker process up to `times` more, with copies of its
    /// arguments. One that took too long on a thread is tried on another, while
    /// the first may still be at it. What is late for the whole call is not
    /// tried again.
    pub fn retries(mut self, times: u32) -> Self
    where
        I::Item: Clone,
    {
        self.settings.retries = times;
        self.again = Some(Clone::clone);
        self
    }
}

// Each has the condition on the backend itself: where it does not hold, the
// compiler then says why, in the words of what is missing.
impl<I: Iterator, T: Task<I::Item, Output: Send + 'static>, B> Par<I, T, B> {
    /// The results in the order of the input, as an iterator that runs ahead
    /// of its consumer by no more than [`pre_dispatch`](Par::pre_dispatch)
    /// tasks, from the call on. Dropping it calls off the rest.
    ///
    /// A task that fails is a panic when its turn comes;
    /// [`Stream::outcomes`] gives it as an error instead.
    pub fn stream(self) -> Stream<T::Output>
    where
        B: ExecuteStream<I, T>,
    {
        Stream::new(self.outcomes_of(true))
    }

    /// As [`stream`](Par::stream), but as tasks are done, each result with the
    /// position of its input.
    pub fn stream_unordered(self) -> Unordered<T::Output>
    where
        B: ExecuteStream<I, T>,
    {
        Unordered::new(self.outcomes_of(false))
    }

    fn outcomes_of(self, is_ordered: bool) -> Boxed<T::Output>
    where
        B: ExecuteStream<I, T>,
    {
        let wish = ConsumerMode {
            is_ordered,
            is_bounded: true,
        };
        match self.decide(wish) {
            Ok((backend, work)) => {
                let meter = work.plan.meter.clone();
                meter.until_end(backend.stream(work))
            }
            Err(error) => Box::new(std::iter::once((0, Err(error)))),
        }
    }
}

impl<I: Iterator, T, B> Par<I, T, B> {
    pub(super) fn into_task(self) -> T {
        self.task
    }

    pub(super) fn wish(mut self, wish: impl FnOnce(&mut ProcessOptions)) -> Self {
        wish(&mut self.settings.processes);
        self
    }
}

impl<I: Iterator, T: Task<I::Item>, B> Par<I, T, B> {
    fn decide(self, wish: ConsumerMode) -> Result<(B, PreparedCall<I, T>), Error> {
        let mut plan = Plan::new(&self.settings, wish).map_err(Error::call)?;
        plan.is_listed =
            plan.deadline.is_some() && is_prompt::<I>() && self.inputs.size_hint().1.is_some();
        plan.meter = ProgressTracker::new(&self.settings, progress::total(&self.inputs));
        let work = PreparedCall {
            plan,
            inputs: self.inputs,
            task: self.task,
            again: self.again,
        };
        Ok((self.backend, work))
    }
}

impl<I: Iterator, T: Task<I::Item>, B> Par<I, T, B> {
    /// All results, in the order of the input. A collection of `Result`s
    /// into a `Result` calls off the rest at the first `Err`.
    ///
    /// # Panics
    ///
    /// A task panicked or failed otherwise, or a setting is none.
    #[track_caller]
    pub fn collect<C: FromIterator<T::Output>>(self) -> C
    where
        B: Execute<I, T>,
    {
        or_resume(self.run(CollectAll(Collect::NEW)))
    }

    /// All results, in the order of the input, or the first failure; the rest
    /// is then called off.
    ///
    /// # Errors
    ///
    /// A task panicked or failed otherwise, or a setting is none.
    pub fn try_collect<C: FromIterator<T::Output>>(self) -> Result<C, Error>
    where
        B: Execute<I, T>,
    {
        self.run(Collect::NEW)
    }

    /// For each input its result or why there is none, in the order of the
    /// input. What fails stops nothing else.
    pub fn outcomes(self) -> Vec<Result<T::Output, Error>>
    where
        B: Execute<I, T>,
    {
        self.run(Outcomes)
    }

    /// Hands each result to `f`, in the calling thread and in the order of
    /// the input.
    ///
    /// # Panics
    ///
    /// As [`collect`](Par::collect).
    #[track_caller]
    pub fn for_each(self, f: impl FnMut(T::Output))
    where
        B: Execute<I, T>,
    {
        or_resume(self.run(ForEach(f)));
    }

    /// Makes one value of all results, two at a time and from the first to
    /// the last; nothing if there is no input.
    ///
    /// # Panics
    ///
    /// As [`collect`](Par::collect).
    #[track_caller]
    pub fn reduce(self, f: impl FnMut(T::Output, T::Output) -> T::Output) -> Option<T::Output>
    where
        B: Execute<I, T>,
    {
        or_resume(self.run(Reduce(f)))
    }

    fn run<C: Consumer<T::Output>>(self, consume: C) -> C::Result
    where
        B: Execute<I, T>,
    {
        let wish = ConsumerMode {
            is_ordered: true,
            is_bounded: !C::KEEPS,
        };
        match self.decide(wish) {
            Ok((backend, work)) => {
                let meter = work.plan.meter.clone();
                let result = backend.run(work, consume);
                meter.finish();
                result
            }
            Err(error) => consume.consume(std::iter::once((0, Err(error)))),
        }
    }
}
