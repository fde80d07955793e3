//! `cargo xtask fuzz`: passes mutated bytes to every decoder. Uses libFuzzer, which
//! searches for inputs with new coverage, or in the short form a mutator of its own,
//! which needs no C++ compiler.

mod libfuzzer;
mod mutator;

use std::fs;
use std::panic::catch_unwind;
use std::time::Instant;

use joblib_runtime::fuzz::{TARGETS, Target};

pub(crate) use self::libfuzzer::Effort;
pub(crate) use self::mutator::Mutator;
use crate::random::Random;
use crate::shell::{Result, root, target};

/// Number of inputs of each decoder in the short form.
pub(crate) const SHORT: u64 = 20_000;

/// Runs libFuzzer on the target called `name`, or on each in turn. With `traced`, it
/// observes the operands of comparisons; without, it is faster.
pub(crate) fn run(name: Option<&str>, effort: Effort, traced: bool) -> Result {
    let is_wanted = |target: &&Target| name.is_none_or(|name| name == target.name);
    let wanted: Vec<&Target> = TARGETS.iter().filter(is_wanted).collect();
    if let (Some(name), true) = (name, wanted.is_empty()) {
        let names: Vec<_> = TARGETS.iter().map(|target| target.name).collect();
        let names = names.join(", ");
        return Err(format!("unknown decoder {name:?}; expected one of {names}").into());
    }
    let programs = libfuzzer::build(&wanted, traced)?;
    for target in wanted {
        let report = libfuzzer::run(target, &programs, effort)?;
        println!("{:<18} {report}", target.name);
    }
    Ok(())
}

/// Runs each target on `count` mutated seeds, in this process.
pub(crate) fn short(count: u64) -> Result {
    for target in TARGETS {
        has_program(target)?;
        let start = Instant::now();
        let seeds = (target.seeds)();
        for seed in &seeds {
            once(target, seed)?;
        }
        let mut mutator = Mutator::new(&seeds, Random(count));
        for _ in 0..count {
            once(target, &mutator.next())?;
        }
        println!(
            "{:<18} {} seeds and {count} mutations decoded or rejected ({:.1} s)",
            target.name,
            seeds.len(),
            start.elapsed().as_secs_f64()
        );
    }
    Ok(())
}

/// Fails if the target has no fuzzing program.
fn has_program(target: &Target) -> Result {
    let manifest = fs::read_to_string(root().join("fuzz/Cargo.toml"))?;
    let path = format!("fuzz_targets/{}.rs", target.name);
    let is_there = root().join("fuzz").join(&path).exists();
    if is_there && manifest.contains(&format!("path = {path:?}")) {
        return Ok(());
    }
    Err(format!(
        "{} has no fuzzing program; add fuzz/{path} and list it in fuzz/Cargo.toml",
        target.name
    )
    .into())
}

fn once(target: &Target, bytes: &[u8]) -> Result {
    if catch_unwind(|| (target.run)(bytes)).is_ok() {
        return Ok(());
    }
    let path = target_directory().join(format!("panic-{}", target.name));
    fs::create_dir_all(target_directory())?;
    fs::write(&path, bytes)?;
    Err(format!(
        "{} panicked; the input is in {}",
        target.name,
        path.display()
    )
    .into())
}

/// Returns the directory of the corpora and builds of fuzzing.
fn target_directory() -> std::path::PathBuf {
    target().join("fuzz")
}
