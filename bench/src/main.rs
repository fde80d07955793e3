//! Compares memoization, parallel calls and files of values with their peers, on the
//! same work.
//!
//! `cargo xtask bench` runs this program as `joblib-bench compare HALF …` and reads a
//! table from its output. Every single measurement runs in its own process, started as
//! `joblib-bench work HALF PEER …`.

mod memo;
mod parallel;
mod persist;
mod program;
mod rounds;
mod status;
mod table;

use std::error::Error;
use std::path::Path;
use std::process::ExitCode;

const USAGE: &str = "\
usage: joblib-bench compare memo PYTHON
       joblib-bench compare parallel PYTHON GRID_SEARCH
       joblib-bench compare persist PYTHON
       joblib-bench work HALF PEER TASK…";

type Result<T = ()> = std::result::Result<T, Box<dyn Error>>;

#[joblib::main]
fn main() -> ExitCode {
    procspawn::init();
    match try_main() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("joblib-bench: {error}");
            ExitCode::FAILURE
        }
    }
}

fn try_main() -> Result {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    let report = match args[..] {
        ["compare", "memo", python] => memo::compare(Path::new(python))?,
        ["compare", "parallel", python, grid_search] => {
            parallel::compare(Path::new(python), Path::new(grid_search))?
        }
        ["compare", "persist", python] => persist::compare(Path::new(python))?,
        ["work", "memo", peer, ref task @ ..] => memo::work(peer, task)?,
        ["work", "parallel", peer, ref load @ ..] => parallel::work(peer, load)?,
        ["work", "persist", peer, ref task @ ..] => persist::work(peer, task)?,
        _ => return Err(USAGE.into()),
    };
    println!("{report}");
    Ok(())
}
