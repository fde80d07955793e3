//! Lists the descendants of a process, and checks what a step leaves behind.

use std::fs;
use std::time::{Duration, Instant};

use crate::shell::Result;

/// Returns the running children of `parent`.
pub(super) fn of(parent: u32) -> Vec<u32> {
    let tasks = fs::read_dir(format!("/proc/{parent}/task"));
    let lists = tasks.into_iter().flatten().filter_map(|task| {
        let path = task.ok()?.path().join("children");
        fs::read_to_string(path).ok()
    });
    let pids: Vec<String> = lists.collect();
    let pids = pids.iter().flat_map(|list| list.split_whitespace());
    pids.filter_map(|pid| pid.parse().ok())
        .filter(|&pid| is_running(pid))
        .collect()
}

/// Returns the processes of a group.
pub(super) fn in_group(group: u32) -> Vec<u32> {
    let processes = std::fs::read_dir("/proc").into_iter().flatten().flatten();
    let pids = processes.filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok());
    pids.filter(|pid| {
        let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
        let fields = stat.rsplit(") ").next().unwrap_or_default();
        let of_group = fields.split(' ').nth(2).and_then(|text| text.parse().ok());
        of_group == Some(group)
    })
    .collect()
}

/// Returns whether the process runs. A zombie does not count as running.
pub(super) fn is_running(pid: u32) -> bool {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    let state = stat
        .rsplit(") ")
        .next()
        .and_then(|rest| rest.chars().next());
    state.is_some_and(|state| state != 'Z' && state != 'X')
}

/// Waits until all processes have ended and returns how long that took.
pub(super) fn await_end(pids: &[u32], limit: Duration) -> Result<Duration> {
    let start = Instant::now();
    loop {
        let running: Vec<u32> = pids
            .iter()
            .copied()
            .filter(|&pid| is_running(pid))
            .collect();
        if running.is_empty() {
            return Ok(start.elapsed());
        }
        if start.elapsed() > limit {
            return Err(format!("{running:?} still run after {limit:?}").into());
        }
        std::thread::sleep(Duration::from_micros(200));
    }
}

/// What there was before a step.
pub(super) struct Left {
    descriptors: usize,
}

impl Left {
    pub(super) fn count() -> Result<Left> {
        joblib_runtime::process::end_idle();
        Ok(Left {
            descriptors: descriptors()?,
        })
    }

    /// Fails if there are more children or descriptors than before.
    pub(super) fn compare(&self) -> Result {
        joblib_runtime::process::end_idle();
        let children = of(std::process::id());
        if !children.is_empty() {
            return Err(format!("the processes {children:?} were left behind").into());
        }
        // Some descriptors belong to things that are created once, such as the thread
        // that starts workers.
        let now = descriptors()?;
        if now > self.descriptors + 4 {
            return Err(format!("{} descriptors became {now}", self.descriptors).into());
        }
        Ok(())
    }
}

fn descriptors() -> Result<usize> {
    Ok(fs::read_dir("/proc/self/fd")?.count())
}
