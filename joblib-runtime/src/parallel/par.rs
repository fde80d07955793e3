//! The builder of a parallel call: a task, its inputs and its settings.

use std::borrow::Cow;
use std::time::Duration;

use super::cancel::CancelToken;
use super::execute::{Again, Boxed, Execute, ExecuteStream, PreparedCall};
use super::initializer::Initializer;
use super::plan::{ConsumerMode, Plan};
use super::progress::{self, OnProgress, Progress, ProgressTracker};
use super::prompt::is_prompt;
use super::settings::{Batch, Settings};
use super::stream::{Stream, Unordered};
use super::terminal::{Collect, CollectAll, Consumer, ForEach, Outcomes, Reduce};
use crate::backend::{BackendName, DefaultBackend};
use crate::outcome::{Error, or_resume};
use crate::setting::process_options::ProcessOptions;
use crate::task::Task;

/// A parallel call that has not started. It starts with one of the methods that return
/// results, such as [`collect`](Par::collect) or [`stream`](Par::stream).
///
/// # Inputs that block
///
/// The input may be a channel, a socket or the lines of a growing file. On threads and
/// processes, a blocked input delays neither results nor other tasks: a separate thread
/// pulls the input, no further ahead than [`pre_dispatch`](Par::pre_dispatch) allows. On
/// [`Sequential`](crate::backend::Sequential) the calling thread pulls each input after
/// it has returned the results of the inputs before it.
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
///     // Results lead to new inputs; the last result closes the channel.
///     match &sender {
///         Some(open) if y < 16 => open.send(y).unwrap(),
///         _ => sender = None,
///     }
/// }
/// assert_eq!(seen, [2, 4, 8, 16]);
/// ```
///
/// A call that is not a stream borrows its input. It therefore returns only when a
/// pending `next` of the input has returned, even if the call has ended before.
#[must_use = "a parallel call does nothing until its results are requested, e.g. by `collect`"]
pub struct Par<I: Iterator, T, B = DefaultBackend> {
    inputs: I,
    task: T,
    backend: B,
    pub(super) settings: Settings,
    pub(super) again: Option<Again<I::Item>>,
}

impl<I: Iterator, T: Task<I::Item>> Par<I, T> {
    /// Creates a call of `task` for each of the inputs.
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
    /// Runs the call on `backend`.
    pub fn backend<C: Execute<I, T>>(self, backend: C) -> Par<I, T, C> {
        Par {
            inputs: self.inputs,
            task: self.task,
            backend,
            settings: self.settings,
            again: self.again,
        }
    }

    /// Runs the call on the backend named `sequential`, `threads`, `processes` or `rayon`,
    /// to choose it at run time. Tasks that cannot run on that backend then fail at run
    /// time.
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
    /// assert!(outcome.unwrap_err().to_string().starts_with("unknown backend `loky`"));
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

    /// Uses `n` workers. -1 means one for each core, -2 one fewer, and so on. The default
    /// is one for each core. Inside a task of another call, only the worker's share of
    /// the cores counts. A call never uses more workers than it has inputs. If `n` is
    /// large, the threads backend starts some threads only when there are tasks for them.
    pub fn n_jobs(mut self, n: impl TryInto<i64>) -> Self {
        self.settings.n_jobs = Some(n.try_into().unwrap_or(i64::MAX));
        self
    }

    /// Sets how many tasks a worker takes at a time: a number, or [`Batch::Auto`].
    pub fn batch(mut self, batch: impl Into<Batch>) -> Self {
        self.settings.batch = Some(batch.into());
        self
    }

    /// Limits the tasks that have started and are not yet consumed to at most `tasks`.
    pub fn pre_dispatch(mut self, tasks: usize) -> Self {
        self.settings.pre_dispatch = Some(tasks);
        self
    }

    /// Limits the bytes of arguments and results in flight to about `bytes`. The limit is
    /// approximate: one task is always admitted, and a result counts only from when it
    /// exists.
    ///
    /// On processes, the size of the messages counts. On threads, the size of the values
    /// and of the heap memory that they own counts, as far as it can be determined in
    /// constant time: numbers and text in vectors, boxes and strings, and options,
    /// vectors and pairs with a position of these. Heap memory of other types is not
    /// counted, and neither is shared memory, such as behind an `Arc`.
    pub fn in_flight_bytes(mut self, bytes: u64) -> Self {
        self.settings.in_flight_bytes = Some(bytes);
        self
    }

    /// Gives the threads that run tasks stacks of `bytes` bytes, at least 256 KiB, in
    /// this process and in workers. The calling thread then runs no tasks, except on
    /// [`Sequential`](crate::backend::Sequential), where the size of its stack does not
    /// change. By default, stacks are as large as the system lets the stack of a main
    /// thread grow (`ulimit -s`, or 8 MiB if that is unlimited), or as large as
    /// `RUST_MIN_STACK` if that is larger.
    ///
    /// The environment variable `JOBLIB_RS_STACK_SIZE` and
    /// [`Config::stack_size`](super::Config::stack_size) set it for many calls.
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

    /// Gives up a task that runs longer than `limit`. With [`retries`](Par::retries), the
    /// limit holds for each attempt. A worker process that runs such a task is killed. A
    /// thread cannot be killed: its result is discarded, another thread takes its place,
    /// and a call whose tasks borrow data waits for the thread at its end.
    pub fn timeout(mut self, limit: Duration) -> Self {
        self.settings.timeout = Some(limit);
        self
    }

    /// Gives up all tasks that are not done `limit` after the call started. From then on,
    /// the call does not wait for an input that blocks, except on
    /// [`Sequential`](crate::backend::Sequential), and fails with that error. An input
    /// that keeps producing items may be infinite: the call ends one second later, unless
    /// the input is known to be finite, such as a vector or a range.
    pub fn deadline(mut self, limit: Duration) -> Self {
        self.settings.deadline = Some(limit);
        self
    }

    /// Lets `token` cancel the call. From then on, no task starts. Tasks that run are
    /// finished on threads, and their results count; on processes they are stopped.
    /// Results that were done before count in any case.
    ///
    /// The call fails with [`ErrorKind::Cancelled`](super::ErrorKind::Cancelled), unless
    /// all tasks are done. In [`outcomes`](Par::outcomes) and in streams, this is the error
    /// of each task that was not done, if the input is known to be finite, such as a vector
    /// or a range. For another input it is the error of each task whose input was already
    /// taken, and then of the call as a whole. The call does not wait for an input that
    /// blocks, except on [`Sequential`](crate::backend::Sequential).
    ///
    /// Calls that tasks make are not cancelled, unless they have the token too. Tasks on
    /// threads can check [`CancelToken::is_cancelled`] to end early.
    ///
    /// # Example
    ///
    /// ```
    /// # use joblib_runtime::parallel as joblib;
    /// use joblib::{CancelToken, par};
    ///
    /// let token = CancelToken::new();
    /// let outcomes = std::thread::scope(|scope| {
    ///     scope.spawn(|| token.cancel());
    ///     par(0..1000_u64).map(|x| x + 1).cancel_with(&token).outcomes()
    /// });
    /// assert_eq!(outcomes.len(), 1000);
    /// for (x, outcome) in (0..).zip(outcomes) {
    ///     match outcome {
    ///         Ok(y) => assert_eq!(y, x + 1),
    ///         Err(error) => assert!(error.to_string().ends_with("the call was cancelled")),
    ///     }
    /// }
    /// ```
    pub fn cancel_with(mut self, token: &CancelToken) -> Self {
        self.settings.cancel = Some(token.clone());
        self
    }

    /// Gives each task its own random numbers, derived from `seed` and its position in
    /// the input. They do not depend on the number of workers. Tasks access them with
    /// `joblib::rng()`, which requires the feature `rand`.
    pub fn seed(mut self, seed: u64) -> Self {
        self.settings.seed = Some(seed);
        self
    }

    /// Shows a progress bar named `name`, if standard error is a terminal and the feature
    /// `progress` is enabled.
    pub fn progress(mut self, name: impl Into<Cow<'static, str>>) -> Self {
        self.settings.progress = Some(name.into());
        self
    }

    /// Calls `callback` each time a task finishes, on every backend. It is called once
    /// for each task, never concurrently, in a thread that finished a task. If it panics,
    /// it is not called again, and the call panics at its end.
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

    /// Prints a summary to standard error when the call ends, if `level` is at least 1:
    /// tasks, time, speed-up, how busy each worker was and how much time was lost to
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

    /// Runs `first` in each worker before the worker's first task of the call: a closure,
    /// or a call of an annotated function without arguments, which worker processes
    /// require. See [`Initializer`].
    pub fn initializer(mut self, first: impl Into<Initializer>) -> Self {
        self.settings.initializer = Some(first.into());
        self
    }

    /// Retries a task that panicked, exceeded its [`timeout`](Par::timeout) or lost its
    /// worker process up to `times` times, with copies of its arguments. A task that
    /// exceeded its timeout on a thread is retried on another thread, while the first may
    /// still run. Tasks that miss the deadline of the call are not retried.
    pub fn retries(mut self, times: u32) -> Self
    where
        I::Item: Clone,
    {
        self.settings.retries = times;
        self.again = Some(Clone::clone);
        self
    }
}

// Each method has its own bound on the backend, so that the compiler reports the reason
// why the bound does not hold.
impl<I: Iterator, T: Task<I::Item, Output: Send + 'static>, B> Par<I, T, B> {
    /// Returns the results in the order of the input, as an iterator. The tasks start
    /// immediately and run ahead of the consumer by at most
    /// [`pre_dispatch`](Par::pre_dispatch) tasks. Dropping the iterator cancels the rest.
    ///
    /// The iterator panics when it reaches a task that failed; [`Stream::outcomes`]
    /// returns an error instead.
    pub fn stream(self) -> Stream<T::Output>
    where
        B: ExecuteStream<I, T>,
    {
        Stream::new(self.outcomes_of(true))
    }

    /// Like [`stream`](Par::stream), but returns results as soon as they are done, each
    /// with the position of its input.
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
        let mode = ConsumerMode {
            is_ordered,
            is_bounded: true,
        };
        match self.decide(mode) {
            Ok((backend, work)) => {
                let tracker = work.plan.tracker.clone();
                tracker.until_end(backend.stream(work))
            }
            Err(error) => Box::new(std::iter::once((0, Err(error)))),
        }
    }
}

impl<I: Iterator, T, B> Par<I, T, B> {
    pub(super) fn into_task(self) -> T {
        self.task
    }

    pub(super) fn with_process_options(mut self, set: impl FnOnce(&mut ProcessOptions)) -> Self {
        set(&mut self.settings.processes);
        self
    }
}

impl<I: Iterator, T: Task<I::Item>, B> Par<I, T, B> {
    pub(super) fn decide(self, mode: ConsumerMode) -> Result<(B, PreparedCall<I, T>), Error> {
        let mut plan = Plan::new(&self.settings, mode).map_err(Error::call)?;
        let may_end_early = plan.deadline.is_some() || plan.cancel.is_some();
        plan.is_listed = may_end_early && is_prompt::<I>() && self.inputs.size_hint().1.is_some();
        plan.tracker = ProgressTracker::new(&self.settings, progress::total(&self.inputs));
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
    /// Collects all results, in the order of the input. Collecting `Result`s into a
    /// `Result` cancels the rest at the first `Err`.
    ///
    /// # Panics
    ///
    /// Panics if a task panicked or failed otherwise, or if a setting is invalid.
    #[track_caller]
    pub fn collect<C: FromIterator<T::Output>>(self) -> C
    where
        B: Execute<I, T>,
    {
        or_resume(self.run(CollectAll(Collect::NEW)))
    }

    /// Collects all results, in the order of the input, or returns the first failure and
    /// cancels the rest.
    ///
    /// # Errors
    ///
    /// Fails if a task panicked or failed otherwise, or if a setting is invalid.
    pub fn try_collect<C: FromIterator<T::Output>>(self) -> Result<C, Error>
    where
        B: Execute<I, T>,
    {
        self.run(Collect::NEW)
    }

    /// Returns the result or the error of each input, in the order of the input. A
    /// failure does not stop other tasks.
    pub fn outcomes(self) -> Vec<Result<T::Output, Error>>
    where
        B: Execute<I, T>,
    {
        self.run(Outcomes)
    }

    /// Calls `f` with each result, in the calling thread and in the order of the input.
    ///
    /// # Panics
    ///
    /// Like [`collect`](Par::collect).
    #[track_caller]
    pub fn for_each(self, f: impl FnMut(T::Output))
    where
        B: Execute<I, T>,
    {
        or_resume(self.run(ForEach(f)));
    }

    /// Reduces all results to one value, two at a time and from first to last. Returns
    /// `None` if there are no inputs.
    ///
    /// # Panics
    ///
    /// Like [`collect`](Par::collect).
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
        let mode = ConsumerMode {
            is_ordered: true,
            is_bounded: !C::KEEPS,
        };
        match self.decide(mode) {
            Ok((backend, work)) => {
                let tracker = work.plan.tracker.clone();
                let result = backend.run(work, consume);
                tracker.finish();
                result
            }
            Err(error) => consume.consume(std::iter::once((0, Err(error)))),
        }
    }
}
