//! The complete settings of a call, resolved before its first task runs.

use std::fmt::Display;
use std::time::{Duration, Instant};

use super::cancel::CancelToken;
use super::config::{self, Defaults};
use super::initializer::Initializer;
use super::n_jobs::{self, WorkerCount};
use super::progress::ProgressTracker;
use super::settings::{Batch, Settings};
use crate::outcome::{Error, ErrorKind};
use crate::sched::core_budget;
use crate::setting::environment::Environment;
use crate::setting::process_options::ProcessOptions;
use crate::setting::provenance::Sourced;
use crate::stack_size;
use crate::task::current;

/// The resolved settings of a call.
#[derive(Clone, Debug)]
pub(crate) struct Plan {
    /// The maximum number of workers; at least one.
    pub(crate) n_jobs: usize,
    /// Cores for each worker, which calls inside its tasks share.
    pub(crate) share: usize,
    /// What `n_jobs` follows from.
    workers: WorkerCount,
    /// Whether outcomes are returned in the order of the input.
    pub(crate) is_ordered: bool,
    pub(crate) batch: Batch,
    /// How far tasks may run ahead of the consumer; `None` means without limit.
    pub(crate) window: Option<Backpressure>,
    pub(crate) in_flight_bytes: Option<u64>,
    pub(crate) stack: ThreadStackSize,
    pub(crate) timeout: Option<Duration>,
    pub(crate) deadline: Option<Duration>,
    /// Cancels the call.
    pub(crate) cancel: Option<CancelToken>,
    /// Whether the input is known to be finite and not to block.
    pub(crate) is_listed: bool,
    /// How often a failed task is retried.
    pub(crate) retries: u32,
    pub(crate) seed: Option<u64>,
    /// How much is printed at the end.
    pub(crate) verbose: u8,
    /// What each worker runs before its first task.
    pub(crate) initializer: Option<Initializer>,
    pub(crate) processes: ProcessOptions,
    /// Notified of each task that finishes.
    pub(crate) tracker: ProgressTracker,
}

/// How far tasks may run ahead of the consumer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Backpressure {
    /// At most this many tasks have started and are not consumed.
    Tasks(usize),
    /// A few batches for each worker, so more tasks the cheaper they are.
    Batches,
}

/// The stack size of the threads that run tasks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ThreadStackSize {
    pub(crate) size: usize,
    /// Whether it is set explicitly, rather than the default of this process.
    pub(crate) is_explicit: bool,
}

/// How a consumer takes the outcomes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ConsumerMode {
    /// Whether it takes them in the order of the input.
    pub(crate) is_ordered: bool,
    /// Whether it does not retain them, so only a few may accumulate.
    pub(crate) is_bounded: bool,
}

/// How long after the deadline each remaining input still gets its own outcome.
const LAST: Duration = Duration::from_secs(1);

impl Plan {
    /// Resolves settings that `settings` leaves open from the scopes around the call,
    /// then from the environment, then from defaults.
    ///
    /// # Errors
    ///
    /// Fails if a setting is invalid.
    pub(crate) fn new(settings: &Settings, mode: ConsumerMode) -> Result<Plan, ErrorKind> {
        let merged = Defaults::of_call(settings).or(&config::in_force());
        let workers = n_jobs::resolve(merged.n_jobs)?;
        let stack = match merged.stack_size {
            Some(setting) => Some(setting),
            None => config::stack_size_of(&Environment::of_process())?,
        };
        Ok(Plan {
            n_jobs: workers.n_jobs,
            share: core_budget::share(workers.cores, workers.n_jobs),
            workers,
            is_ordered: mode.is_ordered,
            batch: validated(merged.batch, Batch::Fixed(0), "batch")?.unwrap_or_default(),
            window: match validated(merged.pre_dispatch, 0, "pre_dispatch")? {
                Some(tasks) => Some(Backpressure::Tasks(tasks)),
                None => mode.is_bounded.then_some(Backpressure::Batches),
            },
            in_flight_bytes: validated(merged.in_flight_bytes, 0, "in_flight_bytes")?,
            stack: ThreadStackSize::of(stack)?,
            timeout: merged.timeout.filter(is_finite),
            deadline: merged.deadline.filter(is_finite),
            cancel: settings.cancel.clone(),
            is_listed: false,
            retries: settings.retries,
            seed: settings.seed.or_else(current::nested_seed),
            verbose: merged.verbose.unwrap_or(0),
            initializer: settings.initializer.clone(),
            processes: settings.processes.clone(),
            tracker: ProgressTracker::default(),
        })
    }

    /// Adapts the number of workers to a pool of `threads` threads.
    ///
    /// # Errors
    ///
    /// Fails if the call sets what the pool determines.
    pub(crate) fn enter_pool(&mut self, threads: usize) -> Result<(), ErrorKind> {
        if self.stack.is_explicit {
            let bytes = self.stack.size;
            return Err(ErrorKind::InvalidSetting(format!(
                "stack_size = {bytes} cannot be applied to a pool of rayon, whose threads have \
                 stacks already; set it with `rayon::ThreadPoolBuilder::stack_size`, or run on \
                 `Threads`"
            )));
        }
        self.n_jobs = self.workers.in_pool(threads).max(1);
        self.share_cores(self.n_jobs);
        Ok(())
    }

    /// Divides the cores of the call among `workers` workers.
    pub(crate) fn share_cores(&mut self, workers: usize) {
        self.share = core_budget::share(self.workers.cores, workers);
    }

    /// Whether running a task is a plain function call, without limits, retries or
    /// reports.
    pub(crate) fn is_plain(&self) -> bool {
        self.timeout.is_none()
            && self.deadline.is_none()
            && self.cancel.is_none()
            && self.retries == 0
            && self.seed.is_none()
            && !self.tracker.is_wanted()
            && self.verbose == 0
            && self.initializer.is_none()
    }

    /// Whether the call itself limits how far tasks run ahead of the consumer.
    #[cfg(feature = "futures")]
    pub(crate) fn limits_run_ahead(&self) -> bool {
        matches!(self.window, Some(Backpressure::Tasks(_))) || self.in_flight_bytes.is_some()
    }

    /// Whether tasks have to be watched while they run.
    pub(crate) fn is_timed(&self) -> bool {
        self.timeout.is_some() || self.deadline.is_some()
    }

    /// Whether the call is cancelled, so that no more tasks start.
    #[inline]
    pub(crate) fn is_cancelled(&self) -> bool {
        self.cancel.as_ref().is_some_and(CancelToken::is_cancelled)
    }

    /// Whether the call is cancelled and ends without an outcome for each of the remaining
    /// inputs, because there may be infinitely many.
    pub(crate) fn is_cut_off(&self) -> bool {
        !self.is_listed && self.is_cancelled()
    }

    /// Returns when a call ends that started at `begun`.
    pub(crate) fn end(&self, begun: Instant) -> CallEnd {
        let limit = self.deadline.filter(|_| !self.is_listed);
        let at = limit.and_then(|limit| begun.checked_add(limit.saturating_add(LAST)));
        CallEnd(limit.zip(at))
    }

    /// Limits how far tasks run ahead to the limit of bytes, if there is one, assuming
    /// `each` bytes for a task.
    pub(crate) fn weigh(&mut self, each: usize) {
        let Some(bytes) = self.in_flight_bytes else {
            return;
        };
        let fitting = usize::try_from(bytes / each.max(1) as u64).unwrap_or(usize::MAX);
        let tasks = match self.window {
            Some(Backpressure::Tasks(tasks)) => tasks.min(fitting),
            _ => fitting,
        };
        self.window = Some(Backpressure::Tasks(tasks.max(1)));
    }
}

/// When a call ends that missed its deadline and whose input may be infinite.
#[derive(Clone, Copy, Debug)]
pub(crate) struct CallEnd(Option<(Duration, Instant)>);

impl CallEnd {
    /// Returns the failure of the call if it ends with this outcome of a task.
    pub(crate) fn with<O>(self, outcome: &Result<O, Error>) -> Option<Error> {
        let failure = outcome.as_ref().err()?.failure();
        let (limit, at) = self.0?;
        let is_late = matches!(failure, ErrorKind::DeadlinePassed(_)) && Instant::now() >= at;
        is_late.then(|| Error::call(ErrorKind::DeadlinePassed(limit)))
    }
}

impl ThreadStackSize {
    fn of(setting: Option<Sourced<usize>>) -> Result<ThreadStackSize, ErrorKind> {
        if let Some(setting) = setting
            .as_ref()
            .filter(|setting| setting.value > stack_size::MAX)
        {
            let why = "is larger than a thread's stack can be; use less, or omit it";
            return Err(setting.invalid("stack_size", why));
        }
        let setting = validated(setting, 0, "stack_size")?.map(|size| size.max(stack_size::MIN));
        Ok(ThreadStackSize {
            size: setting.unwrap_or_else(stack_size::size),
            is_explicit: setting.is_some(),
        })
    }
}

/// Whether the clock can represent the end of a limit that starts now.
fn is_finite(limit: &Duration) -> bool {
    Instant::now().checked_add(*limit).is_some()
}

/// Returns the value, unless it is `nothing`, with which no task could start.
fn validated<T: PartialEq + Display>(
    setting: Option<Sourced<T>>,
    nothing: T,
    name: &str,
) -> Result<Option<T>, ErrorKind> {
    match setting {
        Some(setting) if setting.value == nothing => {
            let why = "is invalid, because no task could start; use 1 or more, or omit it";
            Err(setting.invalid(name, why))
        }
        setting => Ok(setting.map(|setting| setting.value)),
    }
}

#[cfg(test)]
mod tests {
    use super::super::config::config;
    use super::*;

    fn plan(settings: &Settings) -> Result<Plan, ErrorKind> {
        Plan::new(
            settings,
            ConsumerMode {
                is_ordered: true,
                is_bounded: false,
            },
        )
    }

    fn refused(settings: &Settings) -> String {
        match plan(settings) {
            Err(ErrorKind::InvalidSetting(text)) => text,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn the_call_wins_over_the_scope() {
        let settings = Settings {
            n_jobs: Some(3),
            batch: Some(Batch::Fixed(4)),
            ..Settings::default()
        };
        let scope = config().n_jobs(5).batch(6).pre_dispatch(7).verbose(2);
        let plan = scope
            .scope(|| plan(&settings))
            .expect("the settings are valid");
        assert_eq!((plan.n_jobs, plan.batch), (3, Batch::Fixed(4)));
        assert_eq!(
            (plan.window, plan.verbose),
            (Some(Backpressure::Tasks(7)), 2)
        );
    }

    #[test]
    fn without_a_word_there_is_a_worker_for_each_core_of_the_budget() {
        let _share = core_budget::enter(6);
        let plan = plan(&Settings::default()).expect("the settings are valid");
        assert_eq!((plan.n_jobs, plan.share), (6, 1));
    }

    #[test]
    fn the_budget_is_shared_among_the_workers() {
        let _share = core_budget::enter(6);
        let settings = Settings {
            n_jobs: Some(2),
            ..Settings::default()
        };
        assert_eq!(plan(&settings).expect("the settings are valid").share, 3);
    }

    #[test]
    fn what_lets_no_task_begin_is_refused_with_its_source() {
        let settings = Settings {
            batch: Some(Batch::Fixed(0)),
            ..Settings::default()
        };
        let why = "is invalid, because no task could start; use 1 or more, or omit it";
        assert_eq!(
            refused(&settings),
            format!("batch = 0 (set on the call) {why}")
        );
        let settings = Settings::default();
        let text = config().pre_dispatch(0).scope(|| refused(&settings));
        assert_eq!(
            text,
            format!("pre_dispatch = 0 (set by joblib::config()) {why}")
        );
        let text = config().in_flight_bytes(0).scope(|| refused(&settings));
        assert_eq!(
            text,
            format!("in_flight_bytes = 0 (set by joblib::config()) {why}")
        );
    }

    #[test]
    fn a_call_inside_a_task_with_a_seed_has_one_as_well() {
        let _task = current::enter(Some(1), 0);
        let seed = || {
            plan(&Settings::default())
                .expect("the settings are valid")
                .seed
        };
        let (first, second) = (seed(), seed());
        assert!(first.is_some() && second.is_some());
        assert_ne!(first, second);
        let settings = Settings {
            seed: Some(5),
            ..Settings::default()
        };
        assert_eq!(
            plan(&settings).expect("the settings are valid").seed,
            Some(5)
        );
    }
}
