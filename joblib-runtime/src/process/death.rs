//! A worker as the system sees it: a process that can be ended, and what it
//! ended of.

use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags};
use rustix::io::Errno;
use rustix::process::{
    Pid, PidfdFlags, Signal, WaitId, WaitIdOptions, pidfd_open, pidfd_send_signal, waitid,
};

use super::{descendants, memory, ready, reaper};
use crate::descriptor::beside_streams;
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
        let known = known.ok_or(io::ErrorKind::NotFound)?;
        let fd = beside_streams(|| pidfd_open(known, PidfdFlags::empty()))?;
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

    /// Has the system end it; whether this process may ask for that.
    pub(super) fn kill(&self) -> bool {
        let sent = pidfd_send_signal(&self.fd, Signal::KILL);
        // It may have ended by itself.
        matches!(sent, Ok(()) | Err(Errno::SRCH))
    }

    /// Has the system end it, and before it the programs that its tasks started.
    pub(super) fn kill_with_programs(&self) -> bool {
        descendants::end(self.pid, self.fd());
        self.kill()
    }

    /// Waits for one that was to be killed. Where that was not allowed, nothing says when
    /// it ends.
    pub(super) fn wait_after(&mut self, was_killed: bool) -> Death {
        match was_killed {
            true => self.wait(),
            false => self
                .ended_within(Duration::ZERO)
                .unwrap_or(Death::OutOfReach),
        }
    }

    /// Waits until it ends; nothing if that takes longer than `limit`.
    pub(super) fn ended_within(&mut self, limit: Duration) -> Option<Death> {
        let until = Instant::now().checked_add(limit);
        let left = || until.map(|until| until.saturating_duration_since(Instant::now()));
        loop {
            let mut fds = [PollFd::new(&self.fd, PollFlags::IN)];
            let is_known = ready::wait(&mut fds, left());
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
        let options = WaitIdOptions::EXITED | WaitIdOptions::NOHANG | WaitIdOptions::NOWAIT;
        let status = waitid(WaitId::PidFd(self.fd.as_fd()), options);
        // Who is no child any more was asked by somebody else.
        !matches!(status, Ok(None) | Err(Errno::INTR))
    }

    /// Waits until it ends.
    pub(super) fn wait(&mut self) -> Death {
        if let Some(death) = self.death {
            return death;
        }
        let status = loop {
            match waitid(WaitId::PidFd(self.fd.as_fd()), WaitIdOptions::EXITED) {
                Err(Errno::INTR) => {}
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
        if self.death.is_some() {
            return;
        }
        if self.kill() {
            self.wait();
        } else if let Ok(fd) = self.fd.try_clone() {
            let pid = self.pid;
            reaper::wait_for(Process {
                pid,
                fd,
                death: None,
            });
        }
    }
}

fn killed(signal: i32) -> Death {
    if signal == libc::SIGKILL && memory::has_run_out() {
        return Death::OutOfMemory;
    }
    Death::Killed(signal)
}
