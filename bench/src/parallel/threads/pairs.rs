//! `joblib::par` on the backend `Rayon` beside rayon itself, in one pool: pairs of calls in
//! turns, so that both meet the same load of the machine.

use joblib::backend::Rayon;
use joblib::par;
use rayon::ThreadPoolBuilder;
use rayon::iter::{IntoParallelIterator, ParallelIterator};

use crate::Result;
use crate::parallel::JOBS;
use crate::parallel::task::{check, micro, timed};
use crate::table::median;

/// The number of pairs.
const PAIRS: usize = 201;

/// Returns the median of how many times longer a call takes than rayon.
pub(super) fn measure(tasks: u64) -> Result<Vec<f64>> {
    let pool = ThreadPoolBuilder::new().num_threads(JOBS).build()?;
    let ours = || {
        par(0..tasks)
            .map(micro)
            .backend(Rayon::pool(&pool))
            .collect::<Vec<_>>()
    };
    let theirs = || pool.install(|| (0..tasks).into_par_iter().map(micro).collect::<Vec<_>>());
    let mut ratios = Vec::with_capacity(PAIRS);
    for pair in 0..PAIRS {
        let ((first, one), (second, other)) = match pair % 2 {
            0 => (timed(ours), timed(theirs)),
            _ => {
                let second = timed(theirs);
                (timed(ours), second)
            }
        };
        check(one, other.into_iter())?;
        ratios.push(first / second);
    }
    Ok(vec![median(ratios)])
}
