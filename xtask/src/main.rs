//! Development commands: `cargo xtask help` lists them.

mod bench;
mod book;
mod document;
mod examples;
mod faults;
mod features;
mod fuzz;
mod mutate;
mod random;
mod shell;
mod test;

use std::process::ExitCode;

use shell::Result;

const USAGE: &str = "\
cargo xtask test                     run all checks
cargo xtask test WORDS               run the sections whose names contain WORDS
cargo xtask heavy                    check what has large dependencies: features, examples
cargo xtask book                     make web pages of the book in target/book
cargo xtask bench memo [--write]     compare memoization with its peers
cargo xtask bench parallel [--write] compare parallel calls with their peers
cargo xtask bench persist [--write]  compare files of values with their peers
cargo xtask bench compile [--write]  measure the compile time of the annotations
cargo xtask faults memo [--short]    inject faults into processes, files and system calls of a cache
cargo xtask faults parallel [--short]  end workers and their parents, and check calls
cargo xtask faults persist [--short]  inject faults and power cuts into dumps
cargo xtask fuzz [DECODER] [--runs N | --seconds S] [--untraced]
                                     pass mutated bytes to decoders
cargo xtask fuzz --short             fuzz without libFuzzer, in seconds
cargo xtask mutate [--write]         edit published crates and look for stale answers
cargo xtask mutate CRATE             edit one of them
cargo xtask mutate events [--write]  change builds of published crates and look for stale answers
cargo xtask mutate events CRATE      change builds of one of them

--write writes the tables to docs/performance.md";

#[joblib::main]
fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("xtask: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    match args[..] {
        ["test", ref args @ ..] => test::run(&args.join(" ")),
        ["heavy"] => features::heavy(),
        ["book"] => book::run(),
        ["bench", "memo"] => bench::memo::run(false),
        ["bench", "memo", "--write"] => bench::memo::run(true),
        ["bench", "parallel"] => bench::parallel::run(false),
        ["bench", "parallel", "--write"] => bench::parallel::run(true),
        ["bench", "persist"] => bench::persist::run(false),
        ["bench", "persist", "--write"] => bench::persist::run(true),
        ["bench", "compile"] => bench::compile::run(false),
        ["bench", "compile", "--write"] => bench::compile::run(true),
        ["faults", "memo"] => faults::memo(faults::LONG),
        ["faults", "memo", "--short"] => faults::memo(faults::SHORT),
        ["faults", "parallel"] => faults::parallel::run(faults::parallel::LONG),
        ["faults", "parallel", "--short"] => faults::parallel::run(faults::parallel::SHORT),
        ["faults", "persist"] => faults::persist::run(faults::persist::LONG),
        ["faults", "persist", "--short"] => faults::persist::run(faults::persist::SHORT),
        ["faults", "parent", ref phase @ ..] => faults::parallel::live(phase),
        ["faults", "program", ref seed @ ..] => faults::parallel::live_program(seed),
        ["faults", "refused", ref numbers @ ..] => faults::parallel::live_refused(numbers),
        ["faults", "worker", ref work @ ..] => faults::work(work),
        ["fuzz", "--short"] => fuzz::short(fuzz::SHORT),
        ["fuzz", ref args @ ..] => fuzz_with(args),
        ["mutate"] => mutate::run(None, false),
        ["mutate", "--write"] => mutate::run(None, true),
        ["mutate", "events"] => mutate::events::run(None, false),
        ["mutate", "events", "--write"] => mutate::events::run(None, true),
        ["mutate", "events", name] => mutate::events::run(Some(name), false),
        ["mutate", name] => mutate::run(Some(name), false),
        ["help" | "--help" | "-h"] => {
            println!("{USAGE}");
            Ok(())
        }
        _ => Err(format!(
            "unknown command: {:?}; the commands are:\n{USAGE}",
            args.join(" ")
        )
        .into()),
    }
}

/// Parses which decoder to fuzz (or all), how long, and how.
fn fuzz_with(args: &[&str]) -> Result {
    let number = |text: &str| {
        let number = text.parse();
        number.map_err(|error| format!("invalid number {text:?}: {error}"))
    };
    let (name, effort) = match *args {
        [name, ref effort @ ..] if !name.starts_with("--") => (Some(name), effort),
        ref effort => (None, effort),
    };
    let (effort, traced) = match *effort {
        [ref effort @ .., "--untraced"] => (effort, false),
        ref effort => (effort, true),
    };
    let effort = match *effort {
        [] => fuzz::Effort::Seconds(60),
        ["--runs", runs] => fuzz::Effort::Runs(number(runs)?),
        ["--seconds", seconds] => fuzz::Effort::Seconds(number(seconds)?),
        _ => {
            return Err(
                format!("unknown options of fuzz: {args:?}; the commands are:\n{USAGE}").into(),
            );
        }
    };
    fuzz::run(name, effort, traced)
}
