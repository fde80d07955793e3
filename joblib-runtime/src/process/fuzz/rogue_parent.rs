//! A worker whose parent says whatever it is told to.

use std::io::{self, IoSlice};
use std::os::fd::{AsFd, AsRawFd};
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::net::{RecvFlags, SendFlags, recv};

use super::super::inherited;
use super::super::send_buffer::{SendBuffer, send};
use super::super::worker::{Worker, WorkerSetup};
use super::stream;
use crate::outcome::WorkerExit;

/// A worker that slept so often when it was looked at does so for longer.
const LOOKS: u32 = 3;

/// A worker that is sent bytes as they are. It ends with the value.
pub struct RogueParent(Worker);

impl RogueParent {
    /// Starts one, and gives it the board that it needs before it takes
    /// anything else, or not even that.
    ///
    /// # Errors
    ///
    /// The system refuses a process.
    pub fn start(has_board: bool) -> io::Result<RogueParent> {
        let mut worker = Worker::start(WorkerSetup {
            threads: 1,
            stack: None,
            inherited: inherited::digest(),
        })?;
        match has_board {
            true => worker.flush()?,
            false => worker.outbox = SendBuffer::default(),
        }
        Ok(RogueParent(worker))
    }

    /// Lets the worker find tasks of these tickets in its queue.
    pub fn queue(&self, tickets: std::ops::Range<u64>) {
        tickets.for_each(|ticket| self.0.board.queue(ticket));
    }

    /// Sends `bytes`, and memory with the first if `has_memory`; passes over
    /// what comes back. Whether the worker took them all within `limit`.
    ///
    /// # Errors
    ///
    /// The system refuses memory.
    pub fn send(&self, mut bytes: &[u8], has_memory: bool, limit: Duration) -> io::Result<bool> {
        let end = Instant::now() + limit;
        let mut memory = has_memory.then(stream::memory).transpose()?;
        while !bytes.is_empty() && Instant::now() < end {
            let fds: Vec<_> = memory.iter().map(|fd| fd.as_fd()).collect();
            let socket = self.0.unproven();
            match send(socket, &[IoSlice::new(bytes)], &fds, SendFlags::DONTWAIT) {
                Ok(sent) => {
                    bytes = &bytes[sent..];
                    memory = None;
                }
                Err(rustix::io::Errno::AGAIN) => self.wait(),
                Err(_) => return Ok(false),
            }
            self.drain();
        }
        Ok(bytes.is_empty())
    }

    /// Whether the worker took everything that was sent and waits for more,
    /// or ended, within `limit`.
    pub fn is_done_within(&mut self, limit: Duration) -> bool {
        let end = Instant::now() + limit;
        let mut looks = 0;
        while Instant::now() < end {
            if self.0.process.ended_within(Duration::ZERO).is_some() {
                return true;
            }
            // It may sleep for a moment between taking bytes and making room
            // for those that they promise.
            let waits = self.unread() == Some(0) && self.is_asleep();
            looks = if waits { looks + 1 } else { 0 };
            if looks == LOOKS {
                return true;
            }
            self.wait();
            self.drain();
        }
        false
    }

    /// Bytes of memory that the worker took up at most, as long as it lives.
    pub fn peak(&self) -> Option<u64> {
        let path = format!("/proc/{}/status", self.0.process.pid());
        let text = std::fs::read_to_string(path).ok()?;
        let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
        let kib: u64 = line.trim().strip_suffix(" kB")?.parse().ok()?;
        Some(kib << 10)
    }

    /// Closes the socket; how the worker ended, if it did within `limit`.
    pub fn end(self, limit: Duration) -> Option<WorkerExit> {
        let Worker {
            mut process,
            socket,
            ..
        } = self.0;
        drop(socket);
        process.ended_within(limit)
    }

    /// What was sent and not yet taken.
    fn unread(&self) -> Option<i32> {
        let mut bytes = 0;
        // SAFETY: the descriptor is open, and the system writes one number.
        let done =
            unsafe { libc::ioctl(self.0.unproven().as_raw_fd(), libc::TIOCOUTQ, &mut bytes) };
        (done == 0).then_some(bytes)
    }

    /// Whether all threads of the worker do.
    fn is_asleep(&self) -> bool {
        let tasks = std::fs::read_dir(format!("/proc/{}/task", self.0.process.pid()));
        let tasks = tasks.into_iter().flatten().flatten();
        let stats = tasks.map(|task| std::fs::read_to_string(task.path().join("stat")));
        stats.into_iter().flatten().all(|stat| {
            let rest = stat.rsplit(") ").next();
            rest.is_some_and(|rest| rest.starts_with('S'))
        })
    }

    /// Waits for a moment, or until the worker says something.
    fn wait(&self) {
        let mut fds = [PollFd::from_borrowed_fd(self.0.unproven(), PollFlags::IN)];
        let moment = Timespec::try_from(Duration::from_millis(1)).ok();
        let _ = poll(&mut fds, moment.as_ref());
    }

    fn drain(&self) {
        let mut bytes = [0_u8; 4096];
        let flags = RecvFlags::DONTWAIT;
        while recv(self.0.unproven(), &mut bytes, flags).is_ok_and(|(len, _)| len > 0) {}
    }
}
