//! How many cores a call may use. At the top level these are all cores of the process. A
//! call inside a task may use the share of its worker, so that nested calls do not
//! multiply their workers.

use std::cell::Cell;
use std::marker::PhantomData;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::cores;
use crate::outcome::ErrorKind;
use crate::setting::provenance::{SettingSource, Sourced};

thread_local! {
    /// Zero in a thread that does not run a task.
    static SHARE: Cell<usize> = const { Cell::new(0) };
}

/// The limit of the whole process; zero if there is none.
static CONFINED: AtomicUsize = AtomicUsize::new(0);

/// Returns the cores that a call of this thread divides among its workers.
///
/// # Errors
///
/// Fails if an environment variable is not a valid number of cores.
pub(crate) fn cores() -> Result<usize, ErrorKind> {
    match (SHARE.get(), CONFINED.load(Ordering::Relaxed)) {
        (0, 0) => cores::available(),
        (0, confined) => Ok(confined),
        (share, _) => Ok(share),
    }
}

/// Returns the cores of this process, whatever this thread runs.
///
/// # Errors
///
/// Fails if an environment variable is not a valid number of cores.
pub(crate) fn all_cores() -> Result<usize, ErrorKind> {
    cores::available()
}

/// Whether this thread runs a task, or this process is a worker.
pub(crate) fn is_nested() -> bool {
    SHARE.get() > 0 || CONFINED.load(Ordering::Relaxed) > 0
}

/// Whether this process is a worker of another process.
pub(crate) fn is_confined() -> bool {
    CONFINED.load(Ordering::Relaxed) > 0
}

/// Returns how many cores each of `workers` may use if they share `cores`.
pub(crate) fn share(cores: usize, workers: usize) -> usize {
    (cores / workers.max(1)).max(1)
}

/// Returns the cores of this thread, to be passed to [`adopt`] in another thread.
pub(crate) fn current() -> usize {
    SHARE.get()
}

/// Gives this thread the cores of another thread, as returned there by [`current`].
pub(crate) fn adopt(cores: usize) -> CoreLimit {
    CoreLimit {
        before: SHARE.replace(cores),
        marker: PhantomData,
    }
}

/// Limits the cores of its thread until it is dropped.
#[must_use = "the thread is limited only as long as this lives"]
pub(crate) struct CoreLimit {
    before: usize,
    /// Makes the type `!Send`, since the limit belongs to its thread.
    marker: PhantomData<*const ()>,
}

/// Limits this thread, which is about to run tasks, to `cores` cores.
pub(crate) fn enter(cores: usize) -> CoreLimit {
    CoreLimit {
        before: SHARE.replace(cores.max(1)),
        marker: PhantomData,
    }
}

impl Drop for CoreLimit {
    fn drop(&mut self) {
        SHARE.set(self.before);
    }
}

/// Limits this process, which is a worker, to `cores` cores.
pub(crate) fn confine(cores: usize) {
    CONFINED.store(cores.max(1), Ordering::Relaxed);
}

/// Returns the number of workers that `n_jobs` stands for with `cores` cores. As in
/// joblib, -1 means all cores and -2 all but one. `None` means one worker for each core.
///
/// A call may request more workers than cores, and so may a scope that the task itself
/// opened. A number set for the enclosing calls is limited to the cores, because the
/// enclosing calls have used it already.
///
/// # Errors
///
/// Fails if the number is zero.
pub(crate) fn workers(n_jobs: Option<&Sourced<i64>>, cores: usize) -> Result<usize, ErrorKind> {
    let Some(setting) = n_jobs else {
        return Ok(cores);
    };
    let workers = match setting.value {
        0 => {
            let why = "is not a number of workers; use 1 or more, or -1 for all cores";
            return Err(setting.invalid("n_jobs", why));
        }
        n if n > 0 => usize::try_from(n).unwrap_or(usize::MAX),
        n => {
            let spared = usize::try_from(n.unsigned_abs() - 1).unwrap_or(usize::MAX);
            cores.saturating_sub(spared).max(1)
        }
    };
    let is_spent = match setting.by {
        SettingSource::Call | SettingSource::Scope => false,
        SettingSource::Enclosing => true,
        SettingSource::Variable(_) => is_nested(),
    };
    Ok(if is_spent {
        workers.min(cores)
    } else {
        workers
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn by_call(n: i64, cores: usize) -> Result<usize, ErrorKind> {
        workers(Some(&Sourced::new(n, SettingSource::Call)), cores)
    }

    #[test]
    fn n_jobs_counts_as_in_joblib() {
        assert_eq!(workers(None, 4), Ok(4));
        assert_eq!(by_call(3, 4), Ok(3));
        assert_eq!(by_call(-1, 4), Ok(4));
        assert_eq!(by_call(-2, 4), Ok(3));
        assert_eq!(by_call(-4, 4), Ok(1));
        assert_eq!(by_call(-10, 2), Ok(1));
        assert_eq!(by_call(i64::MIN, 4), Ok(1));
    }

    #[test]
    fn a_call_may_ask_for_more_workers_than_cores() {
        assert_eq!(by_call(64, 2), Ok(64));
        assert_eq!(
            workers(Some(&Sourced::new(64, SettingSource::Scope)), 2),
            Ok(64)
        );
    }

    #[test]
    fn zero_is_refused_with_its_source() {
        let Err(ErrorKind::InvalidSetting(text)) =
            workers(Some(&Sourced::new(0, SettingSource::Scope)), 4)
        else {
            panic!("0 was accepted");
        };
        assert_eq!(
            text,
            "n_jobs = 0 (set by joblib::config()) is not a number of workers; \
             use 1 or more, or -1 for all cores"
        );
    }

    #[test]
    fn a_call_in_a_task_has_the_share_of_its_worker() {
        let share = enter(share(8, 3));
        assert_eq!(cores(), Ok(2));
        assert!(is_nested());
        {
            let _inner = enter(super::share(2, 16));
            assert_eq!(cores(), Ok(1));
        }
        assert_eq!(cores(), Ok(2));
        drop(share);
        assert!(!is_nested());
    }

    #[test]
    fn what_was_said_for_outer_calls_does_not_exceed_the_share() {
        let _share = enter(2);
        for by in [
            SettingSource::Enclosing,
            SettingSource::Variable("JOBLIB_RS_N_JOBS"),
        ] {
            assert_eq!(workers(Some(&Sourced::new(8, by)), 2), Ok(2));
            assert_eq!(workers(Some(&Sourced::new(1, by)), 2), Ok(1));
        }
    }

    #[test]
    fn a_variable_counts_in_full_outside_of_tasks() {
        let setting = Sourced::new(8, SettingSource::Variable("JOBLIB_RS_N_JOBS"));
        assert_eq!(workers(Some(&setting), 2), Ok(8));
    }

    #[test]
    fn a_share_ends_with_a_panic() {
        let unwound = std::panic::catch_unwind(|| {
            let _share = enter(1);
            panic!("on purpose");
        });
        assert!(unwound.is_err());
        assert!(!is_nested());
    }
}
