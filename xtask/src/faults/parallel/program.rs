//! Runs this program with other arguments, with a time limit, and checks that none of
//! its processes survives it.

use std::fs::File;
use std::io::{Read, Seek};
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process_group};

use super::children;
use crate::shell::Result;

/// How a program ended.
pub(super) struct Ended {
    pub(super) status: ExitStatus,
    /// The output of the program.
    pub(super) output: String,
}

/// Runs this program with the arguments `args`, in its own process group.
///
/// # Errors
///
/// Fails if it takes longer than `limit`, or if a process of the group outlives it by
/// as long.
pub(super) fn run(args: &[&str], limit: Duration) -> Result<Ended> {
    // The output goes to a file, so that nothing has to read it while the program runs.
    let mut file = tempfile::tempfile()?;
    let mut command = Command::new(std::env::current_exe()?);
    command.arg("faults").args(args).process_group(0);
    command.stdin(Stdio::null()).stdout(file.try_clone()?);
    let mut program = command.stderr(file.try_clone()?).spawn()?;
    let status = wait(&mut program, limit);
    let group = program.id();
    let left = children::await_end(&children::in_group(group), limit);
    if status.is_err() || left.is_err() {
        end(&mut program);
    }
    let output = read(&mut file)?;
    match (status, left) {
        (Ok(status), Ok(_)) => Ok(Ended { status, output }),
        (Err(error), _) | (_, Err(error)) => {
            Err(format!("{error}; the output was {output:?}").into())
        }
    }
}

fn wait(program: &mut Child, limit: Duration) -> Result<ExitStatus> {
    let start = Instant::now();
    while start.elapsed() < limit {
        if let Some(status) = program.try_wait()? {
            return Ok(status);
        }
        std::thread::sleep(Duration::from_millis(1));
    }
    Err(format!("it still runs after {limit:?}").into())
}

/// Ends the program and all processes of its group.
fn end(program: &mut Child) {
    let group = Pid::from_child(program);
    // Processes that have ended cannot be killed, so the error is ignored.
    let _ = kill_process_group(group, Signal::KILL);
    let _ = program.wait();
}

fn read(file: &mut File) -> Result<String> {
    let mut bytes = Vec::new();
    file.rewind()?;
    file.read_to_end(&mut bytes)?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}
