//! Kills processes that write to, read from and limit one directory, at random moments.

use std::path::Path;
use std::process::{Child, Stdio};
use std::time::Duration;

use super::{Load, check, worker};
use crate::shell::Result;

const PROCESSES: usize = 4;

/// After this many kills, all processes are killed and the cache is checked.
const ROUND: u64 = 25;

pub(super) fn run(load: Load) -> Result<String> {
    let dir = tempfile::tempdir()?;
    let mut seed = 0x9E37_79B9_7F4A_7C15;
    let mut kills = 0;
    while kills < load.kills {
        let mut running = (0..PROCESSES)
            .map(|_| start(dir.path(), &mut seed))
            .collect::<Result<Vec<_>>>()?;
        let round = (|| {
            for _ in 0..ROUND {
                let pause = next(&mut seed) % 20_000;
                std::thread::sleep(Duration::from_micros(pause));
                let victim = next(&mut seed) as usize % PROCESSES;
                end(&mut running[victim])?;
                check::is_right(dir.path())?;
                running[victim] = start(dir.path(), &mut seed)?;
            }
            Ok(())
        })();
        let ended = running.iter_mut().map(end).fold(Ok(()), Result::and);
        round.and(ended)?;
        kills += ROUND + PROCESSES as u64;
        let store = check::is_sound(dir.path())?;
        check::is_clean(dir.path(), &store)?;
    }
    Ok(format!(
        "{kills} kills of {PROCESSES} processes on one directory"
    ))
}

fn start(dir: &Path, seed: &mut u64) -> Result<Child> {
    let seed = next(seed).to_string();
    let mut command = worker(dir, &["mix", &seed])?;
    Ok(command.stdin(Stdio::null()).spawn()?)
}

/// Kills a process and fails if it has already ended by itself.
fn end(child: &mut Child) -> Result {
    let ended = child.try_wait()?;
    child.kill()?;
    child.wait()?;
    match ended {
        Some(status) => Err(format!("a process ended by itself: {status}").into()),
        None => Ok(()),
    }
}

/// Marsaglia's xorshift.
fn next(state: &mut u64) -> u64 {
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    *state
}
