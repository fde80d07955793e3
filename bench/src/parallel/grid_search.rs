//! Compares the example `grid_search` with the same search in Python, as whole programs
//! with cold caches.

use std::cell::OnceCell;
use std::path::Path;
use std::process::Command;

use super::task::timed;
use super::{HALF, JOBS};
use crate::Result;
use crate::rounds::{in_turns, output, spawn};
use crate::table::{Cell, Table, Unit};

/// A way of running the search.
#[derive(Clone, Copy)]
enum Way {
    /// The example with this backend and this number of jobs.
    Example(&'static str, usize),
    Python,
}

const WAYS: [(&str, Way); 4] = [
    ("processes", Way::Example("processes", JOBS)),
    ("threads", Way::Example("threads", JOBS)),
    ("one job", Way::Example("sequential", 1)),
    ("scikit-learn and joblib (Python)", Way::Python),
];

/// Measures the seconds of each way, from start to end.
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

/// Searches in an empty directory. Fails unless the best setting equals the first one,
/// which is stored in `found`.
fn search(way: Way, programs: (&Path, &Path), found: &OnceCell<String>) -> Result<f64> {
    let directory = tempfile::tempdir()?;
    let mut command = command(way, programs);
    command.current_dir(&directory);
    let (seconds, stdout) = timed(|| output(spawn(command)?));
    let setting = best(&stdout?).ok_or("the output does not name the best setting")?;
    let expected = found.get_or_init(|| setting.clone());
    if setting == *expected {
        Ok(seconds)
    } else {
        Err(format!("expected the setting {expected}, found {setting}").into())
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
            // Let OpenBLAS choose its number of threads itself.
            command
                .env_remove("OPENBLAS_CORETYPE")
                .env_remove("OPENBLAS_L2_SIZE");
            command
        }
    }
}

/// Returns the setting in a line like `best: SETTING: 99 % right`.
fn best(stdout: &str) -> Option<String> {
    let line = stdout
        .lines()
        .find_map(|line| line.strip_prefix("best: "))?;
    let (setting, _) = line.rsplit_once(": ")?;
    Some(setting.to_owned())
}
