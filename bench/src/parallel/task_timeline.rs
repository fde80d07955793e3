//! The tasks of one call, seen from the clock that they all read: how soon the
//! second worker is at work, and how long a worker waits from task to task.

use super::JOBS;
use crate::Result;
use crate::table::median;

/// The worker of a task, and the seconds at which it began and ended.
pub(crate) type Turn = (u32, f64, f64);

/// Calls that are watched; what a wake-up takes differs from one to the next.
const CALLS: usize = 5;

/// Medians of the seconds from the first task of any worker to the first of
/// the last worker, and of those between two tasks of one worker.
pub(crate) fn measure(call: impl Fn() -> Result<Vec<Turn>>) -> Result<[f64; 2]> {
    let (mut arrivals, mut waits) = (Vec::new(), Vec::new());
    for _ in 0..CALLS {
        let workers = by_worker(call()?);
        if workers.len() != JOBS {
            return Err(format!("used {} workers instead of {JOBS}", workers.len()).into());
        }
        arrivals.push(workers[JOBS - 1][0].1 - workers[0][0].1);
        waits.extend(workers.iter().flat_map(|turns| between(turns)));
    }
    Ok([median(arrivals), median(waits)])
}

/// The turns of each worker, and the workers, in the order of their beginning.
fn by_worker(mut turns: Vec<Turn>) -> Vec<Vec<Turn>> {
    turns.sort_by(|a, b| a.1.total_cmp(&b.1));
    let mut workers: Vec<Vec<Turn>> = Vec::new();
    for turn in turns {
        match workers.iter_mut().find(|turns| turns[0].0 == turn.0) {
            Some(turns) => turns.push(turn),
            None => workers.push(vec![turn]),
        }
    }
    workers
}

/// The seconds from the end of each turn to the next.
fn between(turns: &[Turn]) -> impl Iterator<Item = f64> {
    turns.windows(2).map(|pair| pair[1].1 - pair[0].2)
}

#[cfg(test)]
mod tests {
    use super::measure;

    #[test]
    fn waits_are_those_within_a_worker() {
        let turns = [(7, 0.0, 1.0), (8, 0.5, 2.0), (7, 1.25, 2.0), (8, 2.25, 3.0)];
        assert_eq!(measure(|| Ok(turns.to_vec())).unwrap(), [0.5, 0.25]);
    }

    #[test]
    fn a_single_worker_is_refused() {
        assert!(measure(|| Ok(vec![(7, 0.0, 1.0), (7, 1.0, 2.0)])).is_err());
    }
}
