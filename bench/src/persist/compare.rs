//! The comparison: measures every value and work with every peer in turn, in several
//! rounds.

use std::path::{Path, PathBuf};
use std::time::Duration;

use tempfile::TempDir;

use super::HALF;
use super::contestant::{Contestant, DURABLE, FILES, LZ4, ZSTD};
use super::task::{Cores, Task, Value, Work};
use crate::Result;
use crate::rounds::{finish_in_time, in_turns, spawn};
use crate::table::Unit::{Bytes, Seconds};
use crate::table::{Cell, Table, Unit, cells, legend};

const ROUNDS: usize = 5;

/// The time limit of a process.
const PATIENCE: Duration = Duration::from_secs(60);

/// A file system in memory, so that the disk is not measured.
const MEMORY: &str = "/dev/shm";

/// A row: its title, the work, and the unit.
type Row = (&'static str, Work, Unit);

/// Maps and sets of 10⁶ numbers and strings.
const BY_KEYS: [(Value, [Row; 4]); 4] = [
    (
        Value::Tree,
        [
            ("BTreeMap<u64, f64>: dump", Work::Dump, Seconds),
            ("BTreeMap<u64, f64>: load", Work::Load, Seconds),
            (
                "BTreeMap<u64, f64>: memory of dump",
                Work::DumpMemory,
                Bytes,
            ),
            (
                "BTreeMap<u64, f64>: memory of load",
                Work::LoadMemory,
                Bytes,
            ),
        ],
    ),
    (
        Value::Hashed,
        [
            ("HashMap<u64, u32>: dump", Work::Dump, Seconds),
            ("HashMap<u64, u32>: load", Work::Load, Seconds),
            ("HashMap<u64, u32>: memory of dump", Work::DumpMemory, Bytes),
            ("HashMap<u64, u32>: memory of load", Work::LoadMemory, Bytes),
        ],
    ),
    (
        Value::Set,
        [
            ("BTreeSet<u64>: dump", Work::Dump, Seconds),
            ("BTreeSet<u64>: load", Work::Load, Seconds),
            ("BTreeSet<u64>: memory of dump", Work::DumpMemory, Bytes),
            ("BTreeSet<u64>: memory of load", Work::LoadMemory, Bytes),
        ],
    ),
    (
        Value::Names,
        [
            ("BTreeMap<String, u64>: dump", Work::Dump, Seconds),
            ("BTreeMap<String, u64>: load", Work::Load, Seconds),
            (
                "BTreeMap<String, u64>: memory of dump",
                Work::DumpMemory,
                Bytes,
            ),
            (
                "BTreeMap<String, u64>: memory of load",
                Work::LoadMemory,
                Bytes,
            ),
        ],
    ),
];

/// Measures everything and renders the tables.
pub(crate) fn all(python: &Path) -> Result<String> {
    let (memory, disk) = (PathBuf::from(MEMORY), std::env::temp_dir());
    let quick = match memory.is_dir() {
        true => memory,
        false => disk.clone(),
    };
    let tables = [
        files(python, &quick),
        durable(python, &disk),
        compressed("zstd, level 3", ZSTD, python, &quick),
        compressed("lz4", LZ4, python, &quick),
    ];
    Ok(format!(
        "{}\nFiles are in {}, those written with the default durability in {}. {}",
        tables.join("\n"),
        quick.display(),
        disk.display(),
        legend(ROUNDS)?
    ))
}

fn files(python: &Path, place: &Path) -> String {
    let mut contest = Contest::new("", FILES, python, place);
    contest.rows(
        Value::Array,
        [
            ("array of 100 MB: dump", Work::Dump, Seconds),
            ("array: load", Work::Load, Seconds),
            ("array: open", Work::Open, Seconds),
            ("array: memory of dump", Work::DumpMemory, Bytes),
            ("array: memory of load", Work::LoadMemory, Bytes),
        ],
    );
    contest.rows(
        Value::Gibibyte,
        [
            ("array of 1 GiB: dump", Work::Dump, Seconds),
            ("array of 1 GiB: open", Work::Open, Seconds),
        ],
    );
    contest.rows(
        Value::Model,
        [
            ("struct of 160 MiB: dump", Work::Dump, Seconds),
            ("struct: load", Work::Load, Seconds),
            ("struct: open", Work::Open, Seconds),
            ("struct: memory of dump", Work::DumpMemory, Bytes),
            ("struct: memory of load", Work::LoadMemory, Bytes),
        ],
    );
    contest.rows(
        Value::Map,
        [
            ("map of 10⁶: dump", Work::Dump, Seconds),
            ("map: load", Work::Load, Seconds),
            ("map: memory of dump", Work::DumpMemory, Bytes),
            ("map: memory of load", Work::LoadMemory, Bytes),
        ],
    );
    contest.rows(
        Value::Rows,
        [
            ("rows of 3 f32, 100 MB: dump", Work::Dump, Seconds),
            ("rows: load", Work::Load, Seconds),
            ("rows: memory of load", Work::LoadMemory, Bytes),
        ],
    );
    contest.rows(
        Value::Points,
        [
            ("structs of 3 f32, 100 MB: dump", Work::Dump, Seconds),
            ("structs of 3 f32: load", Work::Load, Seconds),
            ("structs of 3 f32: memory of load", Work::LoadMemory, Bytes),
        ],
    );
    contest.rows(
        Value::Mixed,
        [
            (
                "structs of u8, f64, u32, 3 f32, 100 MB: dump",
                Work::Dump,
                Seconds,
            ),
            ("structs of u8, f64, u32, 3 f32: load", Work::Load, Seconds),
            (
                "structs of u8, f64, u32, 3 f32: memory of load",
                Work::LoadMemory,
                Bytes,
            ),
        ],
    );
    for (value, rows) in BY_KEYS {
        contest.rows(value, rows);
    }
    contest.rows(
        Value::Records,
        [
            ("10⁵ structs: dump", Work::Dump, Seconds),
            ("10⁵ structs: load", Work::Load, Seconds),
            ("10⁵ structs: memory of dump", Work::DumpMemory, Bytes),
            ("10⁵ structs: memory of load", Work::LoadMemory, Bytes),
        ],
    );
    contest.table.render()
}

fn durable(python: &Path, place: &Path) -> String {
    let mut contest = Contest::new("default durability", DURABLE, python, place);
    contest.rows(
        Value::Array,
        [("array of 100 MB: dump", Work::Dump, Seconds)],
    );
    contest.rows(
        Value::Model,
        [("struct of 160 MiB: dump", Work::Dump, Seconds)],
    );
    contest.rows(Value::Map, [("map of 10⁶: dump", Work::Dump, Seconds)]);
    contest.rows(Value::Records, [("10⁵ structs: dump", Work::Dump, Seconds)]);
    contest.table.render()
}

fn compressed(
    corner: &'static str,
    contestants: &'static [Contestant],
    python: &Path,
    place: &Path,
) -> String {
    let mut contest = Contest::new(corner, contestants, python, place);
    contest.cores = Cores::One;
    contest.rows(
        Value::Array,
        [
            ("array of 100 MB, one core: dump", Work::Dump, Seconds),
            ("one core: load", Work::Load, Seconds),
        ],
    );
    contest.cores = Cores::All;
    contest.rows(
        Value::Array,
        [
            ("all cores: dump", Work::Dump, Seconds),
            ("all cores: load", Work::Load, Seconds),
        ],
    );
    contest.table.render()
}

/// Peers, and the table of their measurements so far.
struct Contest<'a> {
    contestants: &'static [Contestant],
    python: &'a Path,
    /// The directory of the files.
    place: &'a Path,
    cores: Cores,
    table: Table,
}

impl<'a> Contest<'a> {
    fn new(
        corner: &str,
        contestants: &'static [Contestant],
        python: &'a Path,
        place: &'a Path,
    ) -> Self {
        Self {
            contestants,
            python,
            place,
            cores: Cores::All,
            table: Table::new(
                corner,
                contestants.iter().map(|contestant| contestant.title),
            ),
        }
    }

    /// Measures works with one value, each of which is a row. The first work writes the
    /// file that the others read. There is one file at a time.
    fn rows<const N: usize>(&mut self, value: Value, rows: [Row; N]) {
        eprintln!("measuring: {}", rows[0].0);
        let found = in_turns(
            self.contestants,
            ROUNDS,
            |contestant| match tempfile::tempdir_in(self.place) {
                Ok(home) => rows.map(|(_, work, _)| self.cell(contestant, work, value, &home)),
                Err(error) => cells(Err(error.into())),
            },
        );
        for ((title, _, unit), row) in rows.into_iter().zip(found) {
            self.table.row(title, unit, row);
        }
    }

    fn cell(&self, contestant: &Contestant, work: Work, value: Value, home: &TempDir) -> Cell {
        if !contestant.does(work, value) {
            return Cell::Absent;
        }
        let task = Task {
            work,
            value,
            cores: self.cores,
        };
        let command = HALF.command(contestant.program, self.python, &task.args());
        let child = command.and_then(|mut command| {
            command.current_dir(home);
            spawn(command)
        });
        let [cell] = match child {
            Ok(child) => finish_in_time(child, PATIENCE),
            Err(error) => cells(Err(error)),
        };
        cell
    }
}
