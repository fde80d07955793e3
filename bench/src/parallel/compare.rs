//! The comparison: measures every work with every peer in turn, in several rounds.

use std::path::Path;
use std::time::Duration;

use super::HALF;
use super::contestant::{Contestant, PROCESSES, THREADS};
use super::grid_search;
use super::work::{Load, Work};
use crate::Result;
use crate::rounds::{finish_in_time, in_turns, spawn};
use crate::table::{Cell, Table, Unit, cells, legend};

/// The number of rounds of short works.
const ROUNDS: usize = 5;

/// The number of rounds of long works.
const FEW: usize = 3;

/// The time limit of a process.
const PATIENCE: Duration = Duration::from_secs(60);

/// Measures everything and renders the tables.
pub(crate) fn all(python: &Path, grid_search: &Path) -> Result<String> {
    let tables = [
        threads(python),
        processes(python),
        grid_search::compare(python, grid_search),
    ];
    Ok(format!("{}\n{}", tables.join("\n"), legend(ROUNDS)?))
}

fn threads(python: &Path) -> String {
    use Unit::{Seconds, Times};
    let mut contest = Contest::new("threads", THREADS, python);
    contest.rows(Work::Micros, ROUNDS, [("1 µs tasks, a task", Seconds)]);
    contest.rows(
        Work::Pairs,
        ROUNDS,
        [("1 µs tasks on `Rayon`, times rayon", Times)],
    );
    contest.rows(Work::NoOps, ROUNDS, [("no-ops, a task", Seconds)]);
    contest.rows(Work::OneJob, ROUNDS, [("no-ops, one job, a task", Seconds)]);
    contest.rows(
        Work::Tail,
        FEW,
        [("uneven, times the best possible", Times)],
    );
    contest.stream_rows();
    contest.table.render()
}

fn processes(python: &Path) -> String {
    use Unit::{Bytes, Seconds, Times};
    let mut contest = Contest::new("processes", PROCESSES, python);
    contest.rows(Work::NoOps, ROUNDS, [("no-ops, a task", Seconds)]);
    contest.rows(Work::Single, ROUNDS, [("one task, a call", Seconds)]);
    contest.rows(Work::Cold, ROUNDS, [("first call of a process", Seconds)]);
    contest.rows(
        Work::Tail,
        FEW,
        [("uneven, times the best possible", Times)],
    );
    contest.rows(
        Work::Shared,
        FEW,
        [
            ("1 GiB for all tasks, first call", Seconds),
            ("1 GiB, later call", Seconds),
            ("1 GiB, second worker after the first", Seconds),
            ("1 GiB, from task to task of a worker", Seconds),
            ("1 GiB, memory of all processes", Bytes),
            ("1 GiB, memory of the workers", Bytes),
        ],
    );
    contest.rows(
        Work::Held,
        FEW,
        [
            ("1 GiB in a `joblib::Shared`, later call", Seconds),
            ("its memory of all processes", Bytes),
        ],
    );
    contest.stream_rows();
    contest.table.render()
}

/// Peers, and the table of their measurements so far.
struct Contest<'a> {
    contestants: &'static [Contestant],
    python: &'a Path,
    table: Table,
}

impl<'a> Contest<'a> {
    fn new(corner: &str, contestants: &'static [Contestant], python: &'a Path) -> Self {
        let titles = contestants.iter().map(|contestant| contestant.title);
        Self {
            contestants,
            python,
            table: Table::new(corner, titles),
        }
    }

    /// Measures a work. Each of the resulting numbers is a row.
    fn rows<const N: usize>(&mut self, work: Work, rounds: usize, titles: [(&str, Unit); N]) {
        eprintln!("measuring: {}", titles[0].0);
        let rows = in_turns(self.contestants, rounds, |contestant| {
            contestant
                .load(work)
                .map_or([const { Cell::Absent }; N], |load| {
                    self.measure(contestant, load)
                })
        });
        for ((title, unit), row) in titles.into_iter().zip(rows) {
            self.table.row(title, unit, row);
        }
    }

    fn measure<const N: usize>(&self, contestant: &Contestant, load: &Load) -> [Cell; N] {
        let command = HALF.command(contestant.program, self.python, &load.args());
        match command.and_then(spawn) {
            Ok(child) => finish_in_time(child, PATIENCE),
            Err(error) => cells(Err(error)),
        }
    }

    /// Measures streams.
    fn stream_rows(&mut self) {
        for (work, title) in [
            (Work::SlowConsumer, "stream, slow consumer, a task"),
            (Work::SlowProducer, "stream, slow input, a task"),
        ] {
            self.rows(
                work,
                1,
                [(title, Unit::Seconds), ("its growth", Unit::Bytes)],
            );
        }
    }
}
