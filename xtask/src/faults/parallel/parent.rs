//! Kills parents, or interrupts them from the terminal, in every phase of a call. All
//! their workers must end.

use std::io::{BufRead, BufReader, Write};
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use joblib::backend::Processes;
use joblib::parallel;
use rustix::process::{Pid, Signal, kill_process, kill_process_group};

use super::{Load, children};
use crate::shell::Result;

/// What a parent is doing when it is ended.
const PHASES: [&str; 5] = ["idle", "busy", "sending", "starting", "streaming"];

/// The time in which workers must end. docs/reliability.md states the guarantee.
const LIMIT: Duration = Duration::from_secs(5);

#[parallel]
fn wait(millis: u64) -> u64 {
    std::thread::sleep(Duration::from_millis(millis));
    millis
}

#[parallel]
fn fill(bytes: usize) -> Vec<u8> {
    vec![7; bytes]
}

/// Runs as a parent in the phase named by `args`, and never returns.
pub(crate) fn run(args: &[&str]) -> Result {
    let &[phase] = args else {
        return Err(format!("unknown phase: {args:?}").into());
    };
    // A shell makes its background processes ignore the signal.
    // SAFETY: this installs no handler.
    unsafe { libc::signal(libc::SIGINT, libc::SIG_DFL) };
    let ready = || {
        println!("ready");
        let _ = std::io::stdout().flush();
    };
    let waiting = |tasks| wait::par(tasks).backend(Processes).n_jobs(2);
    match phase {
        "idle" => {
            waiting([0; 8].into_iter()).for_each(drop);
            ready();
            std::thread::sleep(Duration::from_secs(3_600));
        }
        "busy" => {
            let call = wait::par([1, 1].into_iter().chain([3_600_000; 8]));
            let mut count = 0;
            call.backend(Processes).n_jobs(2).for_each(|_| {
                count += 1;
                if count == 2 {
                    ready();
                }
            });
        }
        "sending" => loop {
            let call = fill::par([8 << 20; 64]).backend(Processes).n_jobs(2);
            let mut is_first = true;
            call.for_each(|_| {
                if std::mem::take(&mut is_first) {
                    ready();
                }
            });
        },
        "starting" => {
            ready();
            waiting([60_000; 8].into_iter()).for_each(drop);
        }
        "streaming" => {
            let call = wait::par(std::iter::repeat(1)).backend(Processes).n_jobs(2);
            let mut stream = call.stream();
            stream.next();
            ready();
            stream.for_each(drop);
        }
        _ => return Err(format!("unknown phase: {phase:?}").into()),
    }
    Ok(())
}

pub(super) fn hunt(load: Load) -> Result<String> {
    let (mut killed, mut interrupted) = (Duration::ZERO, Duration::ZERO);
    for round in 0..load.parents {
        for phase in PHASES {
            let end = |is_kill| once(phase, is_kill, round);
            killed = killed.max(end(true).map_err(|error| format!("{phase}, killed: {error}"))?);
            let end = end(false).map_err(|error| format!("{phase}, interrupted: {error}"))?;
            interrupted = interrupted.max(end);
        }
    }
    let count = load.parents * PHASES.len() as u64;
    Ok(format!(
        "{count} parents killed and as many interrupted in {} phases: their workers were gone \
         after at most {killed:.1?} and {interrupted:.1?}",
        PHASES.len()
    ))
}

/// Returns how long the workers of one parent outlived it.
fn once(phase: &str, is_kill: bool, round: u64) -> Result<Duration> {
    let mut parent = start(phase)?;
    if phase == "starting" {
        std::thread::sleep(Duration::from_micros(round * 373 % 12_000));
    }
    let workers = children::of(parent.id());
    let pid = Pid::from_child(&parent);
    if is_kill {
        kill_process(pid, Signal::KILL)?;
    } else {
        kill_process_group(pid, Signal::INT)?;
    }
    // The process group also contains workers that were just being started.
    let gone = children::await_end(&workers, LIMIT);
    parent.wait()?;
    let gone = gone?;
    let late = children::in_group(parent.id());
    Ok(gone + children::await_end(&late, LIMIT)?)
}

fn start(phase: &str) -> Result<Child> {
    let mut command = Command::new(std::env::current_exe()?);
    command.args(["faults", "parent", phase]);
    let mut parent = command.stdout(Stdio::piped()).process_group(0).spawn()?;
    let output = parent.stdout.take().ok_or("standard output is not piped")?;
    let mut line = String::new();
    BufReader::new(output).read_line(&mut line)?;
    match line.trim() {
        "ready" => Ok(parent),
        other => Err(format!("unexpected output of the parent: {other:?}").into()),
    }
}
