//! The peers in the comparison. The first is joblib.

use std::time::Duration;

use super::work::{Load, Work};
use crate::program::Program;

/// A peer, and the work that it can do in reasonable time.
pub(crate) struct Contestant {
    /// The header of its column.
    pub(crate) title: &'static str,
    pub(crate) program: Program,
    loads: &'static [Load],
}

impl Contestant {
    const fn new(title: &'static str, program: Program) -> Self {
        Self {
            title,
            program,
            loads: &[],
        }
    }

    const fn loads(self, loads: &'static [Load]) -> Self {
        Self { loads, ..self }
    }

    /// Returns the amount of the work to measure, or `None` if the peer does not
    /// support it.
    pub(crate) fn load(&self, work: Work) -> Option<&Load> {
        self.loads.iter().find(|load| load.work == work)
    }
}

/// 1 GiB of numbers.
const GIBIBYTE: u64 = 1 << 27;

/// Enough tasks for every worker to receive long ones.
const UNEVEN: u64 = 10_000;

const fn nanos(nanos: u64) -> Duration {
    Duration::from_nanos(nanos)
}

/// The peers that run tasks in threads.
pub(crate) const THREADS: &[Contestant] = &[
    Contestant::new("joblib", Program::Rust("threads")).loads(&[
        Load::new(Work::Micros, 500_000),
        Load::new(Work::Pairs, 10_000),
        Load::new(Work::NoOps, 10_000_000),
        Load::new(Work::OneJob, 10_000_000),
        Load::new(Work::Tail, UNEVEN),
        Load::slowed(Work::SlowConsumer, 100_000_000, nanos(100)),
        Load::slowed(Work::SlowProducer, 100_000_000, nanos(100)),
    ]),
    Contestant::new("plain loop", Program::Rust("loop")).loads(&[
        Load::new(Work::Micros, 500_000),
        Load::new(Work::NoOps, 10_000_000),
        Load::new(Work::OneJob, 10_000_000),
    ]),
    Contestant::new("rayon", Program::Rust("rayon")).loads(&[
        Load::new(Work::Micros, 500_000),
        Load::new(Work::NoOps, 10_000_000),
        Load::new(Work::OneJob, 10_000_000),
        Load::new(Work::Tail, UNEVEN),
    ]),
    Contestant::new("chili", Program::Rust("chili")).loads(&[
        Load::new(Work::Micros, 500_000),
        Load::new(Work::NoOps, 10_000_000),
        Load::new(Work::OneJob, 10_000_000),
        Load::new(Work::Tail, UNEVEN),
    ]),
    Contestant::new(
        "joblib (Python), threading",
        Program::Python("joblib_threading.py"),
    )
    .loads(&[
        Load::new(Work::Micros, 10_000),
        Load::new(Work::NoOps, 10_000),
        Load::new(Work::OneJob, 100_000),
        Load::new(Work::Tail, UNEVEN),
        Load::slowed(Work::SlowConsumer, 5_000, nanos(300_000)),
        Load::slowed(Work::SlowProducer, 5_000, nanos(300_000)),
    ]),
];

/// The peers that run tasks in processes.
pub(crate) const PROCESSES: &[Contestant] = &[
    Contestant::new("joblib", Program::Rust("processes")).loads(&[
        Load::new(Work::NoOps, 1_000_000),
        Load::new(Work::Single, 5_000),
        Load::new(Work::Cold, 1),
        Load::new(Work::Shared, GIBIBYTE),
        Load::new(Work::Held, GIBIBYTE),
        Load::new(Work::Tail, UNEVEN),
        Load::slowed(Work::SlowConsumer, 10_000_000, nanos(1_000)),
        Load::slowed(Work::SlowProducer, 10_000_000, nanos(1_000)),
    ]),
    Contestant::new("procspawn", Program::Rust("procspawn")).loads(&[
        Load::new(Work::NoOps, 10_000),
        Load::new(Work::Single, 5_000),
        Load::new(Work::Cold, 1),
        Load::new(Work::Tail, UNEVEN),
    ]),
    Contestant::new("joblib (Python), loky", Program::Python("joblib_loky.py")).loads(&[
        Load::new(Work::NoOps, 20_000),
        Load::new(Work::Single, 50),
        Load::new(Work::Cold, 1),
        Load::new(Work::Shared, GIBIBYTE),
        Load::new(Work::Tail, UNEVEN),
        Load::slowed(Work::SlowConsumer, 2_000, nanos(1_000_000)),
        Load::slowed(Work::SlowProducer, 2_000, nanos(1_000_000)),
    ]),
    Contestant::new(
        "joblib (Python), multiprocessing",
        Program::Python("joblib_multiprocessing.py"),
    )
    .loads(&[
        Load::new(Work::NoOps, 20_000),
        Load::new(Work::Single, 500),
        Load::new(Work::Cold, 1),
        Load::new(Work::Shared, GIBIBYTE),
        Load::new(Work::Tail, UNEVEN),
    ]),
    Contestant::new("`Pool.map`", Program::Python("pool_map.py")).loads(&[
        Load::new(Work::NoOps, 1_000_000),
        Load::new(Work::Single, 2_000),
        Load::new(Work::Cold, 1),
        Load::new(Work::Shared, GIBIBYTE),
        Load::new(Work::Tail, UNEVEN),
    ]),
    Contestant::new("`Pool.imap`", Program::Python("pool_imap.py")).loads(&[
        Load::new(Work::NoOps, 1_000_000),
        Load::new(Work::Single, 2_000),
        Load::new(Work::Cold, 1),
        Load::new(Work::Tail, UNEVEN),
        Load::slowed(Work::SlowConsumer, 200_000, nanos(10_000)),
        Load::slowed(Work::SlowProducer, 200_000, nanos(10_000)),
    ]),
    Contestant::new("mpire", Program::Python("mpire_pool.py")).loads(&[
        Load::new(Work::NoOps, 50_000),
        Load::new(Work::Single, 500),
        Load::new(Work::Cold, 1),
        Load::new(Work::Shared, GIBIBYTE),
        Load::new(Work::Tail, UNEVEN),
        Load::slowed(Work::SlowConsumer, 20_000, nanos(100_000)),
        Load::slowed(Work::SlowProducer, 20_000, nanos(100_000)),
    ]),
];
