//! The comparison: measures every work with every peer in turn, in several rounds.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Child;
use std::time::{Duration, Instant, SystemTime};

use super::HALF;
use super::peers::{CONTESTANTS, Contestant};
use super::task::{Task, Work};
use crate::Result;
use crate::rounds::{finish, finish_in_time, in_turns, spawn};
use crate::table::{Cell, Table, Unit, legend};

const ROUNDS: usize = 5;

const SMALL: u64 = 1_000;
const LARGE: u64 = 1_000_000;
const NEW: u64 = 10_000;

/// The number of processes that read one cache at the same time, and the delay after
/// which they start: long enough for all of them to be ready.
const READERS: u64 = 4;
const READY: Duration = Duration::from_secs(2);

/// A cache is refilled for every round of halving only if filling takes less than this.
const QUICK: Duration = Duration::from_secs(20);

/// The time limit of halving.
const PATIENCE: Duration = Duration::from_secs(60);

/// Measures everything and renders the table.
pub(crate) fn all(python: &Path) -> Result<String> {
    let home = tempfile::tempdir()?;
    let mut contests = Vec::new();
    for (index, contestant) in CONTESTANTS.iter().enumerate() {
        contests.push(Contest::prepare(
            contestant,
            python,
            home.path().join(index.to_string()),
        )?);
    }
    let mut table = Table::new("", CONTESTANTS.iter().map(|contestant| contestant.title));
    for (title, unit, measure) in ROWS {
        eprintln!("measuring: {title}");
        let [cells] = in_turns(&contests, ROUNDS, |contest| [measure(contest)]);
        table.row(title, *unit, cells);
    }
    table.row(
        "4 processes reading, times the hits of one",
        Unit::Times,
        readers(&contests),
    );
    table.row(
        "drop half of 10⁶",
        Unit::Seconds,
        contests.iter().map(Contest::halve),
    );
    Ok(format!("{}\n{}", table.render(), legend(ROUNDS)?))
}

type Measure = fn(&Contest<'_>) -> Cell;

const ROWS: &[(&str, Unit, Measure)] = &[
    ("hit in memory", Unit::Seconds, |contest| {
        contest.measure(
            contest.contestant.in_memory,
            Task::new(Work::MemoryHit, SMALL),
        )
    }),
    (
        "first hit from disk, 10³ entries",
        Unit::Seconds,
        |contest| contest.measure(contest.holds(SMALL), Task::new(Work::DiskHit, SMALL)),
    ),
    (
        "first hit from disk, 10⁶ entries",
        Unit::Seconds,
        |contest| contest.measure(contest.holds(LARGE), Task::new(Work::DiskHit, LARGE)),
    ),
    (
        "miss, on top of the computation",
        Unit::Seconds,
        |contest| contest.miss(),
    ),
    ("open 10⁶ and hit once", Unit::Seconds, |contest| {
        contest.measure(contest.holds(LARGE), Task::new(Work::Open, LARGE))
    }),
    ("hash 100 MB of `f64`", Unit::Seconds, |contest| {
        contest.measure(contest.contestant.hashes, Task::new(Work::Hash, SMALL))
    }),
];

/// Measures the hits of several processes together, as a multiple of those of one
/// process.
fn readers(contests: &[Contest<'_>]) -> Vec<Cell> {
    eprintln!("measuring: several processes");
    let [cells] = in_turns(contests, ROUNDS, |contest| {
        if !contest.holds(LARGE) {
            return [Cell::Absent];
        }
        let share = contest.hits_per_second(1).and_then(|one| {
            let many = contest.hits_per_second(READERS)?;
            Ok(many / one)
        });
        [Cell::from(share)]
    });
    cells
}

/// A peer with its filled caches.
struct Contest<'a> {
    contestant: &'a Contestant,
    python: &'a Path,
    home: PathBuf,
    filling: Duration,
}

impl<'a> Contest<'a> {
    /// Fills the caches that this peer needs.
    fn prepare(contestant: &'a Contestant, python: &'a Path, home: PathBuf) -> Result<Self> {
        let mut contest = Self {
            contestant,
            python,
            home,
            filling: Duration::ZERO,
        };
        for entries in [SMALL, LARGE] {
            if contest.holds(entries) {
                eprintln!("filling: {} with {entries} entries", contestant.title);
                contest.filling = contest.fill(entries)?;
            }
        }
        Ok(contest)
    }

    fn holds(&self, entries: u64) -> bool {
        entries <= self.contestant.most_entries
    }

    fn directory(&self, entries: u64) -> PathBuf {
        self.home.join(entries.to_string())
    }

    fn fill(&self, entries: u64) -> Result<Duration> {
        let directory = self.emptied(entries)?;
        let start = Instant::now();
        self.run(&Task::new(Work::Miss, entries), &directory)?;
        Ok(start.elapsed())
    }

    fn emptied(&self, entries: u64) -> Result<PathBuf> {
        let directory = self.directory(entries);
        if directory.exists() {
            fs::remove_dir_all(&directory)?;
        }
        fs::create_dir_all(&directory)?;
        Ok(directory)
    }

    fn measure(&self, applies: bool, task: Task) -> Cell {
        if !applies {
            return Cell::Absent;
        }
        let directory = self.directory(task.entries);
        Cell::from(
            fs::create_dir_all(&directory)
                .map_err(Into::into)
                .and_then(|()| self.run(&task, &directory)),
        )
    }

    fn miss(&self) -> Cell {
        let entries = if self.holds(LARGE) { NEW } else { SMALL / 2 };
        if !self.holds(SMALL) {
            return Cell::Absent;
        }
        Cell::from(
            self.emptied(entries)
                .and_then(|directory| self.run(&Task::new(Work::Miss, entries), &directory)),
        )
    }

    fn halve(&self) -> Cell {
        if !self.contestant.shrinks || !self.holds(LARGE) {
            return Cell::Absent;
        }
        eprintln!("measuring: halving {}", self.contestant.title);
        let task = Task::new(Work::Halve, LARGE);
        let mut cell = match self.spawn(&task, &self.directory(LARGE)) {
            Ok(child) => {
                let [cell] = finish_in_time(child, PATIENCE);
                cell
            }
            Err(error) => Cell::Failed(error.to_string()),
        };
        for _ in 1..ROUNDS {
            if cell.is_measured() && self.filling < QUICK {
                let again = self
                    .fill(LARGE)
                    .and_then(|_| self.run(&task, &self.directory(LARGE)));
                cell.extend(Cell::from(again));
            }
        }
        cell
    }

    /// Returns the total hits per second of `processes` processes that read at the same
    /// time.
    fn hits_per_second(&self, processes: u64) -> Result<f64> {
        let start = SystemTime::now() + READY;
        let mut children = Vec::new();
        for process in 0..processes {
            let first = process * LARGE / processes;
            let task = Task {
                start,
                first,
                ..Task::new(Work::DiskHit, LARGE)
            };
            children.push(self.spawn(&task, &self.directory(LARGE))?);
        }
        // Wait for all processes even if one fails.
        let times: Vec<Result<[f64; 1]>> = children.into_iter().map(finish).collect();
        times
            .into_iter()
            .map(|time| time.map(|[time]| 1.0 / time))
            .sum()
    }

    fn run(&self, task: &Task, directory: &Path) -> Result<f64> {
        let [seconds] = finish(self.spawn(task, directory)?)?;
        Ok(seconds)
    }

    fn spawn(&self, task: &Task, directory: &Path) -> Result<Child> {
        let mut command = HALF.command(self.contestant.program, self.python, &task.args())?;
        command.current_dir(directory);
        spawn(command)
    }
}
