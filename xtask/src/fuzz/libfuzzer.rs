//! Builds the programs of the package `joblib-fuzz` with the instrumentation of
//! libFuzzer, and runs them on the seeds.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use joblib_runtime::fuzz::Target;

use super::target_directory;
use crate::shell::{Result, cargo, command_line, output, root, succeed};

/// How long to run a target.
#[derive(Clone, Copy)]
pub(crate) enum Effort {
    Runs(u64),
    Seconds(u64),
}

/// The flags that cargo-fuzz also passes, except for the sanitizer: that needs a
/// nightly compiler, and these work with any.
const COVERAGE: [&str; 6] = [
    "--cfg=fuzzing",
    "-Cpasses=sancov-module",
    "-Cllvm-args=-sanitizer-coverage-level=4",
    "-Cllvm-args=-sanitizer-coverage-inline-8bit-counters",
    "-Cllvm-args=-sanitizer-coverage-pc-table",
    "-Ccodegen-units=1",
];

/// Reports both operands of every comparison to libFuzzer, which takes longer than many
/// decoders.
const COMPARISONS: &str = "-Cllvm-args=-sanitizer-coverage-trace-compares";

/// Builds the programs of `targets` and returns their directory.
pub(super) fn build(targets: &[&Target], traced: bool) -> Result<PathBuf> {
    let mut flags = COVERAGE.to_vec();
    let mut directory = target_directory();
    match traced {
        true => flags.push(COMPARISONS),
        false => directory.push("untraced"),
    }
    let host = host()?;
    let mut command = cargo();
    command
        .args(["build", "--release", "--manifest-path"])
        .arg(root().join("fuzz/Cargo.toml"))
        .arg("--target-dir")
        .arg(&directory)
        // With an explicit target, cargo does not pass the flags to build scripts.
        .args(["--target", &host])
        .env("CARGO_ENCODED_RUSTFLAGS", flags.join("\x1f"));
    for target in targets {
        command.args(["--bin", target.name]);
    }
    succeed(&mut command)
        .map_err(|error| format!("{error}; libFuzzer needs a C++ compiler such as g++"))?;
    Ok(directory.join(host).join("release"))
}

/// Runs one of the programs in `programs` and returns the last line of its output.
pub(super) fn run(target: &Target, programs: &Path, effort: Effort) -> Result<String> {
    let directory = target_directory();
    let corpus = directory.join("corpus").join(target.name);
    let artifacts = directory.join("artifacts").join(target.name);
    fs::create_dir_all(&corpus)?;
    fs::create_dir_all(&artifacts)?;
    for (number, seed) in (target.seeds)().iter().enumerate() {
        fs::write(corpus.join(format!("seed-{number}")), seed)?;
    }
    let mut command = Command::new(programs.join(target.name));
    command
        .arg(&corpus)
        .arg(format!("-artifact_prefix={}/", artifacts.display()))
        .args(["-max_len=8192", "-timeout=10", "-rss_limit_mb=1024"])
        .arg(match effort {
            Effort::Runs(runs) => format!("-runs={runs}"),
            Effort::Seconds(seconds) => format!("-max_total_time={seconds}"),
        });
    let ended = command.stdout(Stdio::inherit()).output()?;
    let text = String::from_utf8_lossy(&ended.stderr);
    let last = |word: &str| text.lines().rev().find(|line| line.contains(word));
    match (ended.status.success(), last("Done ")) {
        (true, Some(done)) => {
            let reached = last(" cov: ").and_then(|line| line.split(" corp: ").next());
            let reached = reached.and_then(|line| line.split("cov: ").nth(1));
            let reached = reached
                .unwrap_or("?")
                .trim()
                .replace(" ft: ", " branches, features ");
            Ok(format!("{done}, {reached}"))
        }
        _ => Err(format!("{text}\n{}: {}", command_line(&command), ended.status).into()),
    }
}

/// Returns the target triple of this machine.
fn host() -> Result<String> {
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let text = output(Command::new(rustc).arg("-vV"))?;
    let host = text.lines().find_map(|line| line.strip_prefix("host: "));
    Ok(host
        .ok_or("the output of rustc does not name a host")?
        .to_owned())
}
