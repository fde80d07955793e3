//! Compares parallel calls with their peers: in threads, in processes, and in a whole
//! program.

mod compare;
mod contestant;
mod grid_search;
mod memory;
mod processes;
mod stream;
mod task;
mod task_timeline;
mod threads;
mod work;

use std::path::Path;

use self::work::Load;
use crate::Result;
use crate::program::Half;

/// The name of this half on the command line and of its folder of Python programs.
const HALF: Half = Half("parallel");

/// The number of concurrent tasks, except where there is only one.
const JOBS: usize = 2;

/// Measures all peers and renders the tables. `grid_search` is the program of that
/// example.
pub(crate) fn compare(python: &Path, grid_search: &Path) -> Result<String> {
    compare::all(python, grid_search)
}

/// Does the work in this process with the peer called `peer`.
pub(crate) fn work(peer: &str, load: &[&str]) -> Result<String> {
    let load = Load::parse(load)?;
    let numbers = match peer {
        "threads" => threads::measure::<threads::Joblib>(&load),
        "loop" => threads::measure::<threads::Loop>(&load),
        "rayon" => threads::measure::<threads::Rayon>(&load),
        "chili" => threads::measure::<threads::Chili>(&load),
        "processes" => processes::measure::<processes::Joblib>(&load),
        "procspawn" => processes::measure::<processes::Procspawn>(&load),
        _ => Err(format!("unknown peer {peer:?}").into()),
    }?;
    let args: Vec<String> = numbers.iter().map(|number| format!("{number:e}")).collect();
    Ok(args.join(" "))
}
