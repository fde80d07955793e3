//! The number of cores, and the number of workers of a call.

use super::config;
use crate::backend::BackendKind;
use crate::outcome::{Error, ErrorKind, or_resume};
use crate::sched::core_budget;
use crate::sched::rayon_pool::{CurrentPool, RayonPool};
use crate::setting::environment::Environment;
use crate::setting::provenance::Sourced;

/// Returns the number of cores that this process may use, at least 1. Calls without
/// `n_jobs` use as many workers, unless a scope or the environment says otherwise.
///
/// It is the smallest of the processors of the machine, those that the process may run on
/// (its affinity), the quota of its control groups, and `SLURM_CPUS_PER_TASK`. It is
/// determined once. Inside of a task it is the same as outside; [`effective_n_jobs`]
/// returns the share of the task.
///
/// # Panics
///
/// Panics if `SLURM_CPUS_PER_TASK` is set and not a number of cores.
///
/// # Example
///
/// ```
/// # use joblib_runtime::parallel as joblib;
/// let spare_one = joblib::cpu_count().saturating_sub(1).max(1);
/// let squares: Vec<u64> = joblib::par(0..3).map(|x| x * x).n_jobs(spare_one as u64).collect();
/// assert_eq!(squares, [0, 1, 4]);
/// ```
#[track_caller]
pub fn cpu_count() -> usize {
    or_resume(core_budget::all_cores().map_err(Error::call))
}

/// Returns the number of workers that a call would have if it were made here, set neither
/// `n_jobs` nor a backend, and had enough inputs.
///
/// The scopes of `joblib::config()`, the environment and the enclosing
/// task count: inside of a task it is the share of the task, which is 1 if the enclosing
/// calls use all cores. It is 1 if the backend set for such calls is
/// [`Sequential`](crate::backend::Sequential), and at most the number of threads of the
/// pool if it is [`Rayon`](crate::backend::Rayon).
///
/// # Panics
///
/// Panics if a setting in a scope or in the environment is invalid, as the call would.
///
/// # Example
///
/// ```
/// # use joblib_runtime as joblib;
/// use joblib::parallel::{config, effective_n_jobs, par};
///
/// let chunks = config().n_jobs(3).scope(|| {
///     // One chunk of the input for each worker.
///     let size = 90_usize.div_ceil(effective_n_jobs());
///     let numbers = Vec::from_iter(0..90_u64);
///     par(numbers.chunks(size)).map(|chunk| chunk.iter().sum::<u64>()).collect::<Vec<_>>()
/// });
/// assert_eq!(chunks, [435, 1335, 2235]);
/// ```
#[track_caller]
pub fn effective_n_jobs() -> usize {
    or_resume(of_default_call().map_err(Error::call))
}

fn of_default_call() -> Result<usize, ErrorKind> {
    let backend = config::backend()?.map(|setting| setting.value);
    let workers = resolve(config::in_force().n_jobs)?;
    Ok(match backend {
        Some(BackendKind::Sequential) => 1,
        Some(BackendKind::Rayon) => workers.in_pool(CurrentPool.threads()),
        _ => workers.n_jobs,
    })
}

/// The number of workers of a call.
#[derive(Clone, Copy, Debug)]
pub(crate) struct WorkerCount {
    pub(crate) n_jobs: usize,
    /// The cores that they share.
    pub(crate) cores: usize,
    /// Whether the number is set, rather than the number of cores.
    pub(crate) is_set: bool,
}

impl WorkerCount {
    /// Returns the number of workers in a pool of that many threads.
    pub(crate) fn in_pool(self, threads: usize) -> usize {
        match self.is_set {
            true => self.n_jobs.min(threads),
            false => threads,
        }
    }
}

/// Returns the number of workers that `n_jobs` stands for, or else the environment, and
/// the cores that they share.
///
/// # Errors
///
/// Fails if the number, or a variable that counts, is invalid.
pub(crate) fn resolve(n_jobs: Option<Sourced<i64>>) -> Result<WorkerCount, ErrorKind> {
    let cores = core_budget::cores()?;
    let n_jobs = match n_jobs {
        Some(setting) => Some(setting),
        None => config::n_jobs_of(&Environment::of_process())?,
    };
    Ok(WorkerCount {
        n_jobs: core_budget::workers(n_jobs.as_ref(), cores)?,
        cores,
        is_set: n_jobs.is_some(),
    })
}
