//! Many processes request one missing key at once.

use std::fs;
use std::path::Path;
use std::process::{Child, Command};
use std::time::Duration;

use super::worker::COMPUTED;
use super::{Load, worker};
use crate::shell::{Result, succeed};

const PROCESSES: usize = 64;

pub(super) fn run(load: Load) -> Result<String> {
    for _ in 0..load.stampedes {
        for kills_holder in [false, true] {
            stampede(kills_holder)?;
        }
    }
    Ok(format!(
        "{} times {PROCESSES} processes computed a key once, and as often once more after a kill",
        load.stampedes
    ))
}

fn stampede(kills_holder: bool) -> Result {
    let dir = tempfile::tempdir()?;
    let mut running = (0..PROCESSES)
        .map(|_| Ok(worker(dir.path(), &["slow"])?.spawn()?))
        .collect::<Result<Vec<Child>>>()?;
    let holder = if kills_holder {
        Some(kill_first(dir.path())?)
    } else {
        None
    };
    let mut failed = None;
    for child in &mut running {
        let status = child.wait()?;
        if !status.success() && Some(child.id()) != holder {
            failed = Some(status);
        }
    }
    if let Some(status) = failed {
        return Err(format!("a caller ended with {status}").into());
    }
    let computed = computed(dir.path()).len();
    if computed == 1 + usize::from(kills_holder) {
        Ok(())
    } else {
        Err(format!("computed {computed} times; lock holder killed: {kills_holder}").into())
    }
}

/// Kills the process that computes the key and returns its pid.
fn kill_first(dir: &Path) -> Result<u32> {
    let holder = loop {
        if let Some(first) = computed(dir).first() {
            break first.parse::<u32>()?;
        }
        std::thread::sleep(Duration::from_millis(5));
    };
    succeed(Command::new("kill").arg("-KILL").arg(holder.to_string()))?;
    Ok(holder)
}

fn computed(dir: &Path) -> Vec<String> {
    let text = fs::read_to_string(dir.join(COMPUTED)).unwrap_or_default();
    // The last line may be incomplete.
    let whole = text
        .split_inclusive('\n')
        .filter(|line| line.ends_with('\n'));
    whole.map(|line| line.trim().to_owned()).collect()
}
