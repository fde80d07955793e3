//! A worker as the system sees it: a process that can be ended, and what it
//! ended of.

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
use crate::guarded_fd::{Guarded, beside_streams};
use crate::outcome::WorkerExit;

/// The file system of processes, `PID_FS_MAGIC` of linux/magic.h.
const PROCESSES: FsWord = 0x5049_4446;

/// A child of this process that nobody else waits for. It ends with the value.
#[derive(Debug)]
pub(super) struct ChildProcess {
    pid: u32,
    fd: Guarded<OwnedFd>,
    /// What it ended of, once that is known.
    death: Option<WorkerExit>,
}

impl ChildProcess {
    /// The child `pid`, which was not waited for.
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

    /// Becomes readable when the process ends, unless the program has closed it.
    pub(super) fn unproven(&self) -> BorrowedFd<'_> {
        self.fd.unproven().as_fd()
    }

    /// Whether the program did not close the descriptor.
    pub(super) fn is_own(&self) -> bool {
        self.fd.is_own()
    }

    /// What refers to the process; opened anew if the program closed it. Nobody else waits
    /// for the child, so its number stays its own.
    fn fd(&mut self) -> io::Result<BorrowedFd<'_>> {
        if !self.refers_to_it() {
            match self.asked(WaitIdOptions::EXITED | WaitIdOptions::NOWAIT) {
                Ok(_) => self.fd = open(self.pid)?,
                Err(error) => return Err(error.into()),
            }
        }
        Ok(self.fd.unproven().as_fd())
    }

    /// Whether the descriptor refers to the process. Since Linux 6.9 each process is a file
    /// of its own; before, all of its kind, and of some others, are one.
    fn refers_to_it(&self) -> bool {
        if !self.fd.is_own() {
            return false;
        }
        if fstatfs(self.unproven()).is_ok_and(|about| about.f_type == PROCESSES) {
            return true;
        }
        let path = format!("/proc/self/fdinfo/{}", self.fd.unproven().as_raw_fd());
        let said = std::fs::read_to_string(path).unwrap_or_default();
        let mut pids = said.lines().filter_map(|line| line.strip_prefix("Pid:"));
        // Where there is no `/proc` the file has to do.
        said.is_empty() || pids.any(|pid| pid.trim().parse() == Ok(self.pid))
    }

    /// What the system says of the child, without a descriptor and without waiting.
    fn asked(&self, options: WaitIdOptions) -> rustix::io::Result<Option<WaitIdStatus>> {
        let pid = known(self.pid).ok_or(Errno::CHILD)?;
        waitid(WaitId::Pid(pid), options | WaitIdOptions::NOHANG)
    }

    /// Has the system end it; whether this process may ask for that.
    pub(super) fn kill(&mut self) -> bool {
        let pid = self.pid;
        let sent = match self.fd() {
            Ok(fd) => pidfd_send_signal(fd, Signal::KILL),
            // There are no descriptors left, or it is no child any more.
            Err(_) => match self.asked(WaitIdOptions::EXITED | WaitIdOptions::NOWAIT) {
                Ok(None) => known(pid).map_or(Ok(()), |pid| kill_process(pid, Signal::KILL)),
                _ => Ok(()),
            },
        };
        // It may have ended by itself.
        matches!(sent, Ok(()) | Err(Errno::SRCH))
    }

    /// Has the system end it, and before it the programs that its tasks started.
    pub(super) fn kill_with_programs(&mut self) -> bool {
        let pid = self.pid;
        if let Ok(fd) = self.fd() {
            descendants::end(pid, fd);
        }
        self.kill()
    }

    /// Waits for one that was to be killed. Where that was not allowed, nothing says when
    /// it ends.
    pub(super) fn wait_after(&mut self, was_killed: bool) -> WorkerExit {
        match was_killed {
            true => self.wait(),
            false => self
                .ended_within(Duration::ZERO)
                .unwrap_or(WorkerExit::OutOfReach),
        }
    }

    /// Waits until it ends; nothing if that takes longer than `limit`.
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

    /// Whether it has ended; what of is still there to be asked for.
    fn has_ended(&self) -> bool {
        let status = self.asked(WaitIdOptions::EXITED | WaitIdOptions::NOWAIT);
        // Who is no child any more was asked by somebody else.
        !matches!(status, Ok(None) | Err(Errno::INTR))
    }

    /// Waits until it ends.
    pub(super) fn wait(&mut self) -> WorkerExit {
        if let Some(death) = self.death {
            return death;
        }
        let status = loop {
            let number = known(self.pid).map(WaitId::Pid);
            let by = self.fd().ok().map(WaitId::PidFd).or(number);
            match by.map(|by| waitid(by, WaitIdOptions::EXITED)) {
                Some(Err(Errno::INTR)) => {}
                status => break status.and_then(Result::ok).flatten(),
            }
        };
        // Where there is no status, somebody else had it.
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

fn known(pid: u32) -> Option<Pid> {
    i32::try_from(pid).ok().and_then(Pid::from_raw)
}

/// What refers to a child that was not waited for.
fn open(pid: u32) -> io::Result<Guarded<OwnedFd>> {
    let known = known(pid).ok_or(io::ErrorKind::NotFound)?;
    let fd = beside_streams(|| pidfd_open(known, PidfdFlags::empty()))?;
    Ok(Guarded::new(fd))
}

fn killed(signal: i32) -> WorkerExit {
    if signal == libc::SIGKILL && oom::has_run_out() {
        return WorkerExit::OutOfMemory;
    }
    WorkerExit::Killed(signal)
}
