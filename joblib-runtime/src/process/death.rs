//! A worker as the system sees it: a process that can be ended, and what it
//! ended of.

use std::fs;
use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::path::PathBuf;
use std::sync::Mutex;
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::process::{
    Pid, PidfdFlags, Signal, WaitId, WaitIdOptions, pidfd_open, pidfd_send_signal, waitid,
};

use crate::parallel::Death;

/// A child of this process that nobody else waits for. It ends with the value.
#[derive(Debug)]
pub(super) struct Process {
    pid: u32,
    fd: OwnedFd,
    /// What it ended of, once that is known.
    death: Option<Death>,
}

impl Process {
    /// The child `pid`, which was not waited for.
    pub(super) fn new(pid: u32) -> io::Result<Process> {
        let known = i32::try_from(pid).ok().and_then(Pid::from_raw);
        let fd = pidfd_open(known.ok_or(io::ErrorKind::NotFound)?, PidfdFlags::empty())?;
        Ok(Process {
            pid,
            fd,
            death: None,
        })
    }

    pub(super) fn pid(&self) -> u32 {
        self.pid
    }

    /// Becomes readable when the process ends.
    pub(super) fn fd(&self) -> BorrowedFd<'_> {
        self.fd.as_fd()
    }

    pub(super) fn kill(&self) {
        // It may have ended by itself.
        let _ = pidfd_send_signal(&self.fd, Signal::KILL);
    }

    /// Waits until it ends; nothing if that takes longer than `limit`.
    pub(super) fn ended_within(&mut self, limit: Duration) -> Option<Death> {
        let timeout = Timespec::try_from(limit).ok();
        let mut fds = [PollFd::new(&self.fd, PollFlags::IN)];
        match poll(&mut fds, timeout.as_ref()) {
            Ok(1..) => Some(self.wait()),
            _ => None,
        }
    }

    /// Waits until it ends.
    pub(super) fn wait(&mut self) -> Death {
        if let Some(death) = self.death {
            return death;
        }
        let status = loop {
            match waitid(WaitId::PidFd(self.fd.as_fd()), WaitIdOptions::EXITED) {
                Err(rustix::io::Errno::INTR) => {}
                status => break status.ok().flatten(),
            }
        };
        // Where there is no status, somebody else had it.
        let death = status.map_or(Death::Reaped, |status| {
            match (status.exit_status(), status.terminating_signal()) {
                (Some(code), _) => Death::Exited(code),
                (None, Some(signal)) => killed(signal),
                (None, None) => Death::Reaped,
            }
        });
        self.death = Some(death);
        death
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        if self.death.is_none() {
            self.kill();
            self.wait();
        }
    }
}

fn killed(signal: i32) -> Death {
    if signal == libc::SIGKILL && has_memory_run_out() {
        return Death::OutOfMemory;
    }
    Death::Killed(signal)
}

/// How often memory ran out in this control group, as last seen.
static SEEN: Mutex<Option<u64>> = Mutex::new(None);

/// Takes note of how often memory ran out so far.
pub(super) fn note_memory() {
    *lock() = count();
}

/// Whether memory ran out since the last look.
fn has_memory_run_out() -> bool {
    let mut seen = lock();
    let now = count();
    let is_more = matches!((*seen, now), (Some(seen), Some(now)) if now > seen);
    *seen = now;
    is_more
}

fn lock() -> std::sync::MutexGuard<'static, Option<u64>> {
    SEEN.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
}

fn count() -> Option<u64> {
    let groups = fs::read_to_string("/proc/self/cgroup").ok()?;
    groups.lines().find_map(count_of)
}

/// The count of a line of `/proc/self/cgroup`: number, controllers and path.
fn count_of(line: &str) -> Option<u64> {
    let mut fields = line.splitn(3, ':').skip(1);
    let (controllers, path) = (fields.next()?, fields.next()?.trim_start_matches('/'));
    let (root, file) = match controllers {
        "" => ("/sys/fs/cgroup", "memory.events"),
        _ if controllers.split(',').any(|name| name == "memory") => {
            ("/sys/fs/cgroup/memory", "memory.oom_control")
        }
        _ => return None,
    };
    // In a container the group may be mounted as the root.
    let mut places = [PathBuf::from(root).join(path), PathBuf::from(root)].into_iter();
    let text = places.find_map(|place| fs::read_to_string(place.join(file)).ok())?;
    oom_kills(&text)
}

fn oom_kills(text: &str) -> Option<u64> {
    let mut lines = text.lines();
    lines.find_map(|line| line.strip_prefix("oom_kill ")?.trim().parse().ok())
}

#[cfg(test)]
mod tests {
    use super::oom_kills;

    #[test]
    fn kills_are_counted_in_either_hierarchy() {
        let unified = "low 0\nhigh 0\nmax 3\noom 2\noom_kill 1\noom_group_kill 0\n";
        assert_eq!(oom_kills(unified), Some(1));
        let old = "oom_kill_disable 0\nunder_oom 0\noom_kill 7\n";
        assert_eq!(oom_kills(old), Some(7));
        assert_eq!(oom_kills("under_oom 0\n"), None);
    }
}
