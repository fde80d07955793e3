//! Memoization side by side with its peers, on the same work.
//!
//! `cargo xtask bench memo` runs this as `joblib-bench compare PYTHON`. Every
//! single measurement is a process of its own, started as `joblib-bench work
//! PEER TASK…` in the directory of the peer's cache.

mod compare;
mod peer;
mod peers;
mod run;
mod table;
mod task;

use std::error::Error;
use std::path::Path;
use std::process::ExitCode;

use task::Task;

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
    match words[..] {
        ["compare", python] => {
            println!("{}", compare::all(Path::new(python))?);
            Ok(())
        }
        ["work", peer, ref task @ ..] => {
            println!("{:e}", peers::measure(peer, &Task::parse(task)?)?);
            Ok(())
        }
        _ => Err("usage: joblib-bench compare PYTHON | work PEER TASK ENTRIES START SHARE".into()),
    }
}
