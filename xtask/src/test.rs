//! `cargo xtask test`: runs every check, one section after another, and prints a
//! summary at the end.

mod edited;
mod main_job;
mod printed;
mod tree;

use std::fmt;
use std::time::{Duration, Instant};

use crate::features::{LIGHT, OTHERS};
use crate::shell::{Result, announced, cargo, deny_rustdoc_warnings, root};

struct Section {
    name: &'static str,
    run: fn() -> Result,
}

/// All sections, cheapest first.
///
/// The test sections pass the same features throughout, so that nothing is built twice.
/// `cargo xtask heavy` checks what takes long to build: the peers of `joblib-bench` and the
/// heavy features.
const SECTIONS: &[Section] = &[
    Section {
        name: "format",
        run: format,
    },
    Section {
        name: "clippy",
        run: clippy,
    },
    Section {
        name: "documentation",
        run: documentation,
    },
    Section {
        name: "tests",
        run: tests,
    },
    Section {
        name: "documented examples",
        run: || step(&on_tested("test", &["--doc"])),
    },
    Section {
        name: "accepted and refused programs",
        run: programs,
    },
    Section {
        name: "faults of a cache, short form",
        run: || crate::faults::memo(crate::faults::SHORT),
    },
    Section {
        name: "fuzzing, short form",
        run: || crate::fuzz::short(crate::fuzz::SHORT),
    },
    Section {
        name: "faults of workers, short form",
        run: || crate::faults::parallel::run(crate::faults::parallel::SHORT),
    },
    Section {
        name: "faults of files, short form",
        run: || crate::faults::persist::run(crate::faults::persist::SHORT),
    },
    Section {
        name: "main job, twice",
        run: main_job::run,
    },
    Section {
        name: "main job, edited",
        run: edited::run,
    },
];

enum Outcome {
    Passed(Duration),
    Failed(Duration),
    NotRun,
}

/// Runs the sections whose names contain `filter`, up to the first that fails.
pub(crate) fn run(filter: &str) -> Result {
    if !SECTIONS.iter().any(|section| section.name.contains(filter)) {
        return Err(format!("no section name contains {filter:?}").into());
    }
    let before = tree::state();
    let mut outcomes = Vec::new();
    let mut failure = None;
    for section in SECTIONS {
        if failure.is_some() || !section.name.contains(filter) {
            outcomes.push((section.name, Outcome::NotRun));
            continue;
        }
        println!("\n== {}", section.name);
        let start = Instant::now();
        let outcome = match (section.run)() {
            Ok(()) => Outcome::Passed(start.elapsed()),
            Err(error) => {
                failure = Some(error);
                Outcome::Failed(start.elapsed())
            }
        };
        outcomes.push((section.name, outcome));
    }
    summarize(&outcomes);
    failure.map_or_else(|| tree::unchanged_since(before), Err)
}

fn summarize(outcomes: &[(&str, Outcome)]) {
    println!("\n== summary");
    for (name, outcome) in outcomes {
        println!("{name:<32} {outcome}");
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Passed(time) => write!(f, "passed {:>6.1} s", time.as_secs_f64()),
            Self::Failed(time) => write!(f, "FAILED {:>6.1} s", time.as_secs_f64()),
            Self::NotRun => write!(f, "not run"),
        }
    }
}

fn step(args: &[&str]) -> Result {
    announced(cargo().args(args))
}

fn format() -> Result {
    step(&["fmt", "--all", "--check"])?;
    // These packages are not members of the workspace.
    for package in ["docs/book/html", "fuzz"] {
        let manifest = root().join(package).join("Cargo.toml");
        let args = ["fmt", "--check", "--manifest-path"];
        announced(cargo().args(args).arg(manifest))?;
    }
    Ok(())
}

fn clippy() -> Result {
    let args = ["clippy", "--workspace", "--all-targets", LIGHT, OTHERS];
    let args = args.iter().chain(&PEERS_EXCLUDED).chain(&HEAVY_EXCLUDED);
    announced(cargo().args(args).args(["--", "--deny", "warnings"]))
}

fn documentation() -> Result {
    let args = ["doc", "--workspace", "--no-deps", LIGHT, OTHERS];
    let mut command = cargo();
    command.args(args).args(PEERS_EXCLUDED).args(HEAVY_EXCLUDED);
    announced(deny_rustdoc_warnings(&mut command))
}

const PEERS_EXCLUDED: [&str; 2] = ["--exclude", "joblib-bench"];

const HEAVY_EXCLUDED: [&str; 2] = ["--exclude", "heavy-tests"];

fn tests() -> Result {
    // A test loads this library. `cargo test` does not build an example unless it is
    // named, and builds a named one as a test program.
    step(&on_tested("build", &["--example", "plugin"]))?;
    step(&on_tested("test", &["--lib", "--bins", "--tests"]))
}

/// Returns arguments that make cargo build or test everything except the peers, the heavy
/// features and the programs of `ui-tests`, which have their own section.
fn on_tested<'a>(command: &'a str, targets: &[&'a str]) -> Vec<&'a str> {
    let mut args = vec![command, "--workspace", LIGHT, OTHERS];
    args.extend(PEERS_EXCLUDED);
    args.extend(HEAVY_EXCLUDED);
    args.extend(["--exclude", "ui-tests"]);
    args.extend(targets);
    args
}

fn programs() -> Result {
    // `joblib` is named as well, so that it is not built with fewer features.
    let args = ["test", "--package", "ui-tests", "--package", "joblib"];
    let tests = [LIGHT, "--test", "ui", "--test", "pass_*"];
    step(&[&args[..], &tests].concat())
}
