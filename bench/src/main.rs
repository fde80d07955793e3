//! Memoization and parallel calls side by side with their peers, on the same
//! work.
//!
//! `cargo xtask bench` runs this as `joblib-bench compare HALF …` and gets a
//! table. Every single measurement is a process of its own, started as
//! `joblib-bench work HALF PEER …`.

mod memo;
mod program;
mod rounds;
mod table;

use std::error::Error;
use std::path::Path;
use std::process::ExitCode;

type Result<T = ()> = std::result::Result<T, Box<dyn Error>>;

fn main() -> ExitCode {
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
    let words: Vec<&str> = args.iter().map(String::as_str).collect();
    let said = match words[..] {
        ["compare", "memo", python] => memo::compare(Path::new(python))?,
        ["work", "memo", peer, ref task @ ..] => memo::work(peer, task)?,
        _ => return Err("usage: joblib-bench compare HALF PYTHON | work HALF PEER TASK…".into()),
    };
    println!("{said}");
    Ok(())
}
