//! The timeline of the tasks of one call, by a clock that all processes share: the
//! delay until the second worker starts, and the gaps between the tasks of a worker.

use super::JOBS;
use crate::Result;
use crate::table::median;

/// The pid of a worker, and the seconds at which its task began and ended.
pub(crate) type Turn = (u32, f64, f64);

/// The number of recorded calls. The duration of a wake-up varies between calls.
const CALLS: usize = 5;

/// Returns the median seconds between the first task of the first worker and that of
/// the last worker, and between two tasks of one worker.
pub(crate) fn measure(call: impl Fn() -> Result<Vec<Turn>>) -> Result<[f64; 2]> {
    let (mut arrivals, mut waits) = (Vec::new(), Vec::new());
    for _ in 0..CALLS {
        let workers = by_worker(call()?);
        if workers.len() != JOBS {
            return Err(format!("expected {JOBS} workers, found {}", workers.len()).into());
        }
        arrivals.push(workers[JOBS - 1][0].1 - workers[0][0].1);
        waits.extend(workers.iter().flat_map(|turns| between(turns)));
    }
    Ok([median(arrivals), median(waits)])
}

/// Groups the turns by worker, ordered by start time.
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

/// Returns the seconds between the end of each turn and the start of the next.
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
