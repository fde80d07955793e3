//! A worker as the system sees it: a process that can be ended, and what it
//! ended of.

use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::process::{
    Pid, PidfdFlags, Signal, WaitId, WaitIdOptions, pidfd_open, pidfd_send_signal, waitid,
};

use super::memory;
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
    if signal == libc::SIGKILL && memory::has_run_out() {
        return Death::OutOfMemory;
    }
    Death::Killed(signal)
}
