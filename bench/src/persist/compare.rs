//! The comparison: measures every value and work with every peer in turn, in several
//! rounds.

use std::path::{Path, PathBuf};
use std::time::Duration;

use tempfile::TempDir;

use super::HALF;
use super::contestant::{Contestant, DURABLE, FILES, LZ4, ZSTD};
use super::task::Work::{Dump, DumpMemory, Load, LoadMemory, Open};
use super::task::{Cores, Task, Value, Work};
use crate::Result;
use crate::rounds::{finish_in_time, in_turns, spawn};
use crate::table::{Cell, Table, Unit, cells, legend};

const ROUNDS: usize = 5;

/// The time limit of a process.
const PATIENCE: Duration = Duration::from_secs(60);

/// A file system in memory, so that the disk is not measured.
const MEMORY: &str = "/dev/shm";

/// The works with maps and sets of 10⁶ numbers and strings.
const BY_KEYS: [(Value, &str); 4] = [
    (Value::Tree, "BTreeMap<u64, f64>"),
    (Value::Hashed, "HashMap<u64, u32>"),
    (Value::Set, "BTreeSet<u64>"),
    (Value::Names, "BTreeMap<String, u64>"),
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
        ["array of 100 MB", "array"],
        [Dump, Load, Open, DumpMemory, LoadMemory],
    );
    contest.rows(Value::Gibibyte, ["array of 1 GiB"; 2], [Dump, Open]);
    contest.rows(
        Value::Model,
        ["struct of 160 MiB", "struct"],
        [Dump, Load, Open, DumpMemory, LoadMemory],
    );
    contest.rows(
        Value::Map,
        ["map of 10⁶", "map"],
        [Dump, Load, DumpMemory, LoadMemory],
    );
    contest.rows(
        Value::Rows,
        ["rows of 3 f32, 100 MB", "rows"],
        [Dump, Load, LoadMemory],
    );
    contest.rows(
        Value::Points,
        ["structs of 3 f32, 100 MB", "structs of 3 f32"],
        [Dump, Load, LoadMemory],
    );
    contest.rows(
        Value::Mixed,
        [
            "structs of u8, f64, u32, 3 f32, 100 MB",
            "structs of u8, f64, u32, 3 f32",
        ],
        [Dump, Load, LoadMemory],
    );
    for (value, name) in BY_KEYS {
        contest.rows(value, [name; 2], [Dump, Load, DumpMemory, LoadMemory]);
    }
    contest.rows(
        Value::Records,
        ["10⁵ structs"; 2],
        [Dump, Load, DumpMemory, LoadMemory],
    );
    contest.table.render()
}

fn durable(python: &Path, place: &Path) -> String {
    let mut contest = Contest::new("default durability", DURABLE, python, place);
    contest.rows(Value::Array, ["array of 100 MB"; 2], [Dump]);
    contest.rows(Value::Model, ["struct of 160 MiB"; 2], [Dump]);
    contest.rows(Value::Map, ["map of 10⁶"; 2], [Dump]);
    contest.rows(Value::Records, ["10⁵ structs"; 2], [Dump]);
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
        ["array of 100 MB, one core", "one core"],
        [Dump, Load],
    );
    contest.cores = Cores::All;
    contest.rows(Value::Array, ["all cores"; 2], [Dump, Load]);
    contest.table.render()
}

fn title_and_unit(work: Work) -> (&'static str, Unit) {
    match work {
        Dump => ("dump", Unit::Seconds),
        Load => ("load", Unit::Seconds),
        Open => ("open", Unit::Seconds),
        DumpMemory => ("memory of dump", Unit::Bytes),
        LoadMemory => ("memory of load", Unit::Bytes),
    }
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
    /// file that the others read. There is one file at a time. The first row has the
    /// first name.
    fn rows<const N: usize>(&mut self, value: Value, names: [&str; 2], works: [Work; N]) {
        eprintln!("measuring: {}", names[0]);
        let found = in_turns(
            self.contestants,
            ROUNDS,
            |contestant| match tempfile::tempdir_in(self.place) {
                Ok(home) => works.map(|work| self.cell(contestant, work, value, &home)),
                Err(error) => cells(Err(error.into())),
            },
        );
        for (index, (work, row)) in works.into_iter().zip(found).enumerate() {
            let (name, (title, unit)) = (names[index.min(1)], title_and_unit(work));
            self.table.row(&format!("{name}: {title}"), unit, row);
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
