//! The example `grid_search` beside the same search in Python, as whole
//! programs with cold caches.

use std::cell::OnceCell;
use std::path::Path;
use std::process::Command;

use super::task::timed;
use super::{HALF, JOBS};
use crate::Result;
use crate::rounds::{in_turns, output, spawn};
use crate::table::{Cell, Table, Unit};

/// A way of searching.
#[derive(Clone, Copy)]
enum Way {
    /// The example, on the backend of this name.
    Example(&'static str, usize),
    Python,
}

const WAYS: [(&str, Way); 4] = [
    ("processes", Way::Example("processes", JOBS)),
    ("threads", Way::Example("threads", JOBS)),
    ("one job", Way::Example("sequential", 1)),
    ("scikit-learn and joblib (Python)", Way::Python),
];

/// Seconds of each way, from start to end.
pub(crate) fn compare(python: &Path, example: &Path) -> String {
    eprintln!("measuring: grid_search");
    let (programs, found) = ((python, example), OnceCell::new());
    let [row] = in_turns(&WAYS, 1, |(_, way)| {
        [Cell::from(search(*way, programs, &found))]
    });
    let mut table = Table::new("grid_search", WAYS.iter().map(|(title, _)| *title));
    table.row("18 settings, 5 folds", Unit::Seconds, row);
    table.render()
}

/// Searches in an empty directory. All ways must find the same setting, the
/// first of them in `found`.
fn search(way: Way, programs: (&Path, &Path), found: &OnceCell<String>) -> Result<f64> {
    let directory = tempfile::tempdir()?;
    let mut command = command(way, programs);
    command.current_dir(&directory);
    let (seconds, said) = timed(|| output(spawn(command)?));
    let setting = best(&said?).ok_or("says nothing of the best setting")?;
    let expected = found.get_or_init(|| setting.clone());
    if setting == *expected {
        Ok(seconds)
    } else {
        Err(format!("found {setting} instead of {expected}").into())
    }
}

fn command(way: Way, (python, example): (&Path, &Path)) -> Command {
    match way {
        Way::Example(backend, jobs) => {
            let mut command = Command::new(example);
            command.args(["--backend", backend, "--jobs", &jobs.to_string()]);
            command
        }
        Way::Python => {
            let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
            let mut command = Command::new(python);
            command
                .arg(HALF.python_program("grid_search.py"))
                .arg(root.join("examples/data/digits.csv"))
                .arg(JOBS.to_string());
            // OpenBLAS is to choose what suits the machine by itself.
            command
                .env_remove("OPENBLAS_CORETYPE")
                .env_remove("OPENBLAS_L2_SIZE");
            command
        }
    }
}

/// The setting in a line like `best: SETTING: 99 % right`.
fn best(said: &str) -> Option<String> {
    let line = said.lines().find_map(|line| line.strip_prefix("best: "))?;
    let (setting, _) = line.rsplit_once(": ")?;
    Some(setting.to_owned())
}
