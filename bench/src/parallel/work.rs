//! The works that a peer does in its own process. They are encoded as command-line
//! arguments, so that peers in other languages can read them too.

use std::str::FromStr;
use std::time::Duration;

use crate::{Result, program};

/// What is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Work {
    /// Tasks that do almost nothing: seconds per task.
    NoOps,
    /// The same with one job.
    OneJob,
    /// Tasks of about a microsecond: seconds per task.
    Micros,
    /// The same on the backend `Rayon`: the time as a multiple of that of rayon.
    Pairs,
    /// Calls of one task each, on running workers: seconds per call.
    Single,
    /// The first call of a process, with one task for each worker: seconds.
    Cold,
    /// One task in a hundred takes a thousand times longer: the time as a multiple of
    /// the shortest possible time.
    Tail,
    /// A large array for all tasks: seconds of the first call, seconds of a later one,
    /// seconds within a call from worker to worker and from task to task, bytes of all
    /// processes, bytes of the workers.
    Shared,
    /// The same array in memory that workers map: seconds of a later call, bytes of all
    /// processes.
    Held,
    /// A stream with a slow consumer: seconds per task in addition to the waiting,
    /// bytes by which the processes grow.
    SlowConsumer,
    /// The same with a slow input.
    SlowProducer,
}

/// One measurement.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Load {
    pub(crate) work: Work,
    /// A number of tasks that takes a reasonable time.
    pub(crate) tasks: u64,
    /// The time that the slow side of a stream takes per task.
    pub(crate) slow: Duration,
}

const NAMES: [(Work, &str); 11] = [
    (Work::NoOps, "no-ops"),
    (Work::OneJob, "one-job"),
    (Work::Micros, "micros"),
    (Work::Pairs, "pairs"),
    (Work::Single, "single"),
    (Work::Cold, "cold"),
    (Work::Tail, "tail"),
    (Work::Shared, "shared"),
    (Work::Held, "held"),
    (Work::SlowConsumer, "slow-consumer"),
    (Work::SlowProducer, "slow-producer"),
];

impl Load {
    pub(crate) const fn new(work: Work, tasks: u64) -> Self {
        Self::slowed(work, tasks, Duration::ZERO)
    }

    pub(crate) const fn slowed(work: Work, tasks: u64, slow: Duration) -> Self {
        Self { work, tasks, slow }
    }

    /// Parses the arguments that [`Load::args`] returns.
    pub(crate) fn parse(args: &[&str]) -> Result<Self> {
        let &[work, tasks, slow] = args else {
            return Err(format!("expected three arguments of a load, found {args:?}").into());
        };
        Ok(Self {
            work: work.parse()?,
            tasks: tasks.parse()?,
            slow: Duration::from_nanos(slow.parse()?),
        })
    }

    /// Returns the load as command-line arguments.
    pub(crate) fn args(&self) -> [String; 3] {
        let name = NAMES.iter().find(|(work, _)| *work == self.work);
        [
            name.map_or("", |(_, name)| name).to_owned(),
            self.tasks.to_string(),
            self.slow.as_nanos().to_string(),
        ]
    }
}

impl FromStr for Work {
    type Err = String;

    fn from_str(word: &str) -> std::result::Result<Self, String> {
        program::work_named(word, &NAMES)
    }
}
