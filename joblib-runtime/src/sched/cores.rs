//! Detects how many cores this process may use, from its affinity, its control groups and
//! the batch system that started it.

use std::path::Path;

use super::cgroup::quota;
use crate::fork::OnceComputed;
use crate::outcome::ErrorKind;
use crate::setting::environment::Environment;

/// Set by Slurm in the jobs that it starts.
const SLURM: &str = "SLURM_CPUS_PER_TASK";

/// Returns the number of cores this process may use, at least one. The number is
/// determined at the first call.
///
/// # Errors
///
/// Fails if an environment variable is not a valid number of cores.
pub(crate) fn available() -> Result<usize, ErrorKind> {
    static CORES: OnceComputed<Result<usize, ErrorKind>> = OnceComputed::new();
    let cores = CORES.get_or_init(|| {
        let quota = quota(&|path: &Path| std::fs::read_to_string(path).ok());
        count(by_affinity(), quota, &Environment::of_process())
    });
    cores.clone()
}

/// Returns the smallest of all limits.
fn count(
    affinity: usize,
    quota: Option<usize>,
    environment: &Environment<'_>,
) -> Result<usize, ErrorKind> {
    let slurm = by_slurm(environment)?;
    let limits = [Some(affinity), quota, slurm];
    let least = limits.into_iter().flatten().min();
    Ok(least.unwrap_or(1).max(1))
}

fn by_slurm(environment: &Environment<'_>) -> Result<Option<usize>, ErrorKind> {
    let Some(setting) = environment.text(SLURM) else {
        return Ok(None);
    };
    match setting.value.parse() {
        Ok(cores) if cores > 0 => Ok(Some(cores)),
        _ => Err(setting.invalid(
            SLURM,
            "is not a number of cores; set it to 1 or more, or unset it",
        )),
    }
}

/// Returns the number of processors that the whole process may run on. The calling thread
/// alone may be pinned to fewer.
#[cfg(target_os = "linux")]
fn by_affinity() -> usize {
    use rustix::thread::sched_getaffinity;

    match sched_getaffinity(Some(rustix::process::getpid())) {
        Ok(set) if set.count() > 0 => set.count() as usize,
        // The set is too small for this machine, or the system call is not supported.
        _ => by_system(),
    }
}

#[cfg(not(target_os = "linux"))]
fn by_affinity() -> usize {
    by_system()
}

fn by_system() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with_slurm(value: &str) -> Result<usize, ErrorKind> {
        let lookup = |name: &str| (name == SLURM).then(|| value.into());
        count(8, Some(6), &Environment::fake(&lookup))
    }

    #[test]
    fn the_smallest_limit_counts() {
        let nothing = |_: &str| None;
        let environment = Environment::fake(&nothing);
        assert_eq!(count(8, None, &environment), Ok(8));
        assert_eq!(count(8, Some(3), &environment), Ok(3));
        assert_eq!(count(2, Some(3), &environment), Ok(2));
        assert_eq!(with_slurm("4"), Ok(4));
        assert_eq!(with_slurm("64"), Ok(6));
        assert_eq!(with_slurm(""), Ok(6));
    }

    #[test]
    fn a_bad_variable_is_named_with_its_value() {
        for value in ["0", "-2", "two", "1.5"] {
            let Err(ErrorKind::InvalidSetting(text)) = with_slurm(value) else {
                panic!("{value} was accepted");
            };
            let start = format!("the environment variable SLURM_CPUS_PER_TASK = {value} is not");
            assert!(text.starts_with(&start), "{text}");
        }
    }

    #[test]
    fn this_machine_has_a_core() {
        assert!(by_affinity() >= 1);
        assert!(by_affinity() >= by_system());
    }
}
