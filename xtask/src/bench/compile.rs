//! `cargo xtask bench compile`: measures what the annotations cost to compile, compared
//! with `#[derive(Serialize)]` and with no annotations.

mod generate;

use std::path::PathBuf;
use std::time::Instant;

use self::generate::Crate;
use crate::document::write_section;
use crate::shell::{Result, cargo, root, succeed, target};

/// Number of measured pairs. The table reports the median of each side.
const ROUNDS: usize = 5;

/// How a crate is compiled.
#[derive(Clone, Copy)]
struct Way {
    title: &'static str,
    command: &'static str,
    incremental: bool,
}

const WAYS: &[Way] = &[
    Way {
        title: "check, from scratch",
        command: "check",
        incremental: false,
    },
    Way {
        title: "check, again",
        command: "check",
        incremental: true,
    },
    Way {
        title: "debug build, from scratch",
        command: "build",
        incremental: false,
    },
    Way {
        title: "debug build, again",
        command: "build",
        incremental: true,
    },
];

/// Measures, prints the table, and writes it to the document if `write` is set.
pub(crate) fn run(write: bool) -> Result {
    let many = compare(
        "1,000 annotated functions",
        &generate::annotated(1_000),
        "1,000 structs with `#[derive(Serialize)]`",
        &generate::serialized(1_000),
    )?;
    let large = compare(
        "30,000 lines, one function annotated",
        &generate::large("large-annotated", true),
        "30,000 lines, none",
        &generate::large("large-plain", false),
    )?;
    let reaching = compare(
        "1,000 functions that reach 1,000 impls, annotated",
        &generate::reaching("reaching-annotated", 1_000, true),
        "none annotated",
        &generate::reaching("reaching-plain", 1_000, false),
    )?;
    let table = format!("{many}\n{large}\n{reaching}");
    println!("{table}");
    if write {
        write_section(&root().join("docs/performance.md"), "bench compile", &table)?;
    }
    Ok(())
}

/// Renders one table: compiles both crates alternately, in every way.
fn compare(title: &str, ours: &Crate, beside: &str, theirs: &Crate) -> Result<String> {
    let (ours, theirs) = (ours.write(&home())?, theirs.write(&home())?);
    let mut table = format!(
        "| {title} | annotated | {beside} | ratio | difference |\n|---|---:|---:|---:|---:|\n"
    );
    for way in WAYS {
        let mut times = (Vec::new(), Vec::new());
        for round in 0..=ROUNDS {
            let pair = (compile(&ours, *way, round)?, compile(&theirs, *way, round)?);
            // The first round also builds the dependencies, so it is not measured.
            if round > 0 {
                times.0.push(pair.0);
                times.1.push(pair.1);
            }
        }
        let (ours, theirs) = (median(times.0), median(times.1));
        table += &format!(
            "| {} | {ours:.2} s | {theirs:.2} s | {:.2} | {:+.2} s |\n",
            way.title,
            ours / theirs,
            ours - theirs
        );
    }
    Ok(table)
}

/// Edits one file, compiles, and returns the seconds that the compilation took.
fn compile(manifest: &PathBuf, way: Way, round: usize) -> Result<f64> {
    generate::edit(manifest, round)?;
    let mut command = cargo();
    command
        .args([way.command, "--quiet", "--manifest-path"])
        .arg(manifest)
        .env("CARGO_TARGET_DIR", home().join("target"))
        .env("CARGO_INCREMENTAL", if way.incremental { "1" } else { "0" });
    let start = Instant::now();
    succeed(&mut command)?;
    Ok(start.elapsed().as_secs_f64())
}

fn home() -> PathBuf {
    target().join("bench-compile")
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
