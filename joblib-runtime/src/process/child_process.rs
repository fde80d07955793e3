//! A worker as a child of this process: kills it, waits for it and determines how it
//! ended.

use std::io;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd};
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags};
use rustix::fs::{FsWord, fstatfs};
use rustix::io::Errno;
use rustix::process::{
    Pid, PidfdFlags, Signal, WaitId, WaitIdOptions, WaitIdStatus, kill_process, pidfd_open,
    pidfd_send_signal, waitid,
};

use super::{descendants, oom, ready, reaper};
use crate::guarded_fd::{Guarded, above_standard_streams};
use crate::outcome::WorkerExit;

/// The magic number of the proc file system, where old kernels keep process
/// descriptors: `PID_FS_MAGIC` in linux/magic.h.
const PROCESSES: FsWord = 0x5049_4446;

/// A child of this process that no other code waits for. Dropping it kills the child.
#[derive(Debug)]
pub(super) struct ChildProcess {
    pid: u32,
    fd: Guarded<OwnedFd>,
    /// How the process ended, once that is known.
    death: Option<WorkerExit>,
}

impl ChildProcess {
    /// Wraps the child `pid`, which must not have been waited for.
    pub(super) fn new(pid: u32) -> io::Result<ChildProcess> {
        Ok(ChildProcess {
            pid,
            fd: open(pid)?,
            death: None,
        })
    }

    pub(super) fn pid(&self) -> u32 {
        self.pid
    }

    /// Returns a descriptor that becomes readable when the process ends. The program
    /// may have closed it.
    pub(super) fn get_unchecked(&self) -> BorrowedFd<'_> {
        self.fd.get_unchecked().as_fd()
    }

    /// Whether the descriptor is still ours, that is, the program did not close it.
    pub(super) fn is_unchanged(&self) -> bool {
        self.fd.is_unchanged()
    }

    /// Returns the process descriptor, reopened if the program closed it. No other code
    /// waits for the child, so its process ID is not reused.
    fn fd(&mut self) -> io::Result<BorrowedFd<'_>> {
        if !self.refers_to_it() {
            match self.query_status(WaitIdOptions::EXITED | WaitIdOptions::NOWAIT) {
                Ok(_) => self.fd = open(self.pid)?,
                Err(error) => return Err(error.into()),
            }
        }
        Ok(self.fd.get_unchecked().as_fd())
    }

    /// Whether the descriptor refers to the process. Since Linux 6.9 each process
    /// descriptor has an inode of its own; older kernels use one inode for all of them
    /// and for some other files.
    fn refers_to_it(&self) -> bool {
        if !self.fd.is_unchanged() {
            return false;
        }
        if fstatfs(self.get_unchecked()).is_ok_and(|about| about.f_type == PROCESSES) {
            return true;
        }
        let path = format!("/proc/self/fdinfo/{}", self.fd.get_unchecked().as_raw_fd());
        let info = std::fs::read_to_string(path).unwrap_or_default();
        let mut pids = info.lines().filter_map(|line| line.strip_prefix("Pid:"));
        // Without `/proc` the check of the inode has to suffice.
        info.is_empty() || pids.any(|pid| pid.trim().parse() == Ok(self.pid))
    }

    /// Queries the status of the child without a descriptor and without blocking.
    fn query_status(&self, options: WaitIdOptions) -> rustix::io::Result<Option<WaitIdStatus>> {
        let pid = to_pid(self.pid).ok_or(Errno::CHILD)?;
        waitid(WaitId::Pid(pid), options | WaitIdOptions::NOHANG)
    }

    /// Sends SIGKILL. Returns whether this process had the right to.
    pub(super) fn kill(&mut self) -> bool {
        let pid = self.pid;
        let sent = match self.fd() {
            Ok(fd) => pidfd_send_signal(fd, Signal::KILL),
            // No descriptors are left, or the process is not a child of this one.
            Err(_) => match self.query_status(WaitIdOptions::EXITED | WaitIdOptions::NOWAIT) {
                Ok(None) => to_pid(pid).map_or(Ok(()), |pid| kill_process(pid, Signal::KILL)),
                _ => Ok(()),
            },
        };
        // It may have ended by itself.
        matches!(sent, Ok(()) | Err(Errno::SRCH))
    }

    /// Kills the programs that its tasks started, and then the process itself.
    pub(super) fn kill_with_programs(&mut self) -> bool {
        let pid = self.pid;
        if let Ok(fd) = self.fd() {
            descendants::end(pid, fd);
        }
        self.kill()
    }

    /// Waits for a process after an attempt to kill it. If that was not allowed, it
    /// does not block, since the process may run on indefinitely.
    pub(super) fn wait_after(&mut self, was_killed: bool) -> WorkerExit {
        match was_killed {
            true => self.wait(),
            false => self
                .ended_within(Duration::ZERO)
                .unwrap_or(WorkerExit::OutOfReach),
        }
    }

    /// Waits until the process ends, for at most `limit`. Returns `None` after that.
    pub(super) fn ended_within(&mut self, limit: Duration) -> Option<WorkerExit> {
        let until = Instant::now().checked_add(limit);
        let left = || until.map(|until| until.saturating_duration_since(Instant::now()));
        loop {
            let fd = self.fd();
            let mut fds: Vec<_> = fd.iter().map(|fd| PollFd::new(fd, PollFlags::IN)).collect();
            let is_known = match fds.is_empty() {
                true => ready::pause(left()),
                false => ready::wait(&mut fds, left()),
            };
            let has_ended = match is_known {
                true => !fds[0].revents().is_empty(),
                false => self.has_ended(),
            };
            if has_ended {
                return Some(self.wait());
            }
            if left().is_some_and(|left| left.is_zero()) {
                return None;
            }
        }
    }

    /// Whether the process has ended. Its status stays available to `wait`.
    fn has_ended(&self) -> bool {
        let status = self.query_status(WaitIdOptions::EXITED | WaitIdOptions::NOWAIT);
        // If it is not a child of this process, other code has already waited for it.
        !matches!(status, Ok(None) | Err(Errno::INTR))
    }

    /// Waits until the process ends.
    pub(super) fn wait(&mut self) -> WorkerExit {
        if let Some(death) = self.death {
            return death;
        }
        let status = loop {
            let number = to_pid(self.pid).map(WaitId::Pid);
            let by = self.fd().ok().map(WaitId::PidFd).or(number);
            match by.map(|by| waitid(by, WaitIdOptions::EXITED)) {
                Some(Err(Errno::INTR)) => {}
                status => break status.and_then(Result::ok).flatten(),
            }
        };
        // Without a status, other code has already waited for it.
        let death = status.map_or(WorkerExit::Unknown, |status| {
            match (status.exit_status(), status.terminating_signal()) {
                (Some(code), _) => WorkerExit::Exited(code),
                (None, Some(signal)) => killed(signal),
                (None, None) => WorkerExit::Unknown,
            }
        });
        self.death = Some(death);
        death
    }
}

impl Drop for ChildProcess {
    fn drop(&mut self) {
        if self.death.is_some() {
            return;
        }
        if self.kill() {
            self.wait();
        } else if let Ok(process) = ChildProcess::new(self.pid) {
            reaper::wait_for(process);
        }
    }
}

fn to_pid(pid: u32) -> Option<Pid> {
    i32::try_from(pid).ok().and_then(Pid::from_raw)
}

/// Opens a descriptor for a child that was not waited for.
fn open(pid: u32) -> io::Result<Guarded<OwnedFd>> {
    let known = to_pid(pid).ok_or(io::ErrorKind::NotFound)?;
    let fd = above_standard_streams(|| pidfd_open(known, PidfdFlags::empty()))?;
    Ok(Guarded::new(fd))
}

fn killed(signal: i32) -> WorkerExit {
    if signal == libc::SIGKILL && oom::has_run_out() {
        return WorkerExit::OutOfMemory;
    }
    WorkerExit::Killed(signal)
}
