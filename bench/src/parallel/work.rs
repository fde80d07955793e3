//! What can be asked of a peer in a process of its own, as words on a command
//! line, so that peers in other languages understand it too.

use std::str::FromStr;
use std::time::Duration;

use crate::Result;

/// What is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Work {
    /// Tasks of next to nothing: seconds a task.
    NoOps,
    /// The same with one job.
    OneJob,
    /// Tasks of about a microsecond: seconds a task.
    Micros,
    /// Calls of one task each, on workers that are there: seconds a call.
    Single,
    /// The first call of a process, of a task for each worker: seconds.
    Cold,
    /// One task in a hundred a thousand times longer: how many times the
    /// shortest time that is possible.
    Tail,
    /// A large array for all tasks: seconds of the first call, seconds of a
    /// later one, seconds within a call from worker to worker and from task to
    /// task, bytes of all processes, bytes of the workers.
    Shared,
    /// The same array, held in memory that workers map: seconds of a later
    /// call, bytes of all processes.
    Held,
    /// A stream whose consumer is slow: seconds a task on top of the waiting,
    /// bytes by which the processes grow.
    SlowConsumer,
    /// The same with a slow input.
    SlowProducer,
}

/// One measurement.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Load {
    pub(crate) work: Work,
    /// As many as take a reasonable time.
    pub(crate) tasks: u64,
    /// What the slow side of a stream takes for each of them.
    pub(crate) slow: Duration,
}

const NAMES: [(Work, &str); 10] = [
    (Work::NoOps, "no-ops"),
    (Work::OneJob, "one-job"),
    (Work::Micros, "micros"),
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

    /// Reads what [`Load::words`] wrote.
    pub(crate) fn parse(words: &[&str]) -> Result<Self> {
        let &[work, tasks, slow] = words else {
            return Err(format!("a load has three words, not {words:?}").into());
        };
        Ok(Self {
            work: work.parse()?,
            tasks: tasks.parse()?,
            slow: Duration::from_nanos(slow.parse()?),
        })
    }

    /// The load as words of a command line.
    pub(crate) fn words(&self) -> [String; 3] {
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
        let found = NAMES.iter().find(|(_, name)| *name == word);
        found
            .map(|(work, _)| *work)
            .ok_or_else(|| format!("no such work: {word:?}"))
    }
}
