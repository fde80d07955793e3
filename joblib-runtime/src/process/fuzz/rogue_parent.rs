//! A worker whose parent sends arbitrary bytes.

use std::io::{self, IoSlice};
use std::os::fd::{AsFd, AsRawFd};
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::net::{RecvFlags, SendFlags, recv};

use super::stream;
use crate::outcome::WorkerExit;
use crate::process::inherited;
use crate::process::send_buffer::{SendBuffer, send};
use crate::process::worker::{Worker, WorkerSetup};

/// A worker that was asleep in this number of consecutive checks is considered idle.
const IDLE_CHECKS: u32 = 3;

/// A worker that receives arbitrary bytes. It ends when the value is dropped.
pub struct RogueParent(Worker);

impl RogueParent {
    /// Starts a worker. With `has_ring`, it gets the task ring, which it needs before
    /// it accepts any other frame.
    ///
    /// # Errors
    ///
    /// Fails if the process cannot be started.
    pub fn start(has_ring: bool) -> io::Result<RogueParent> {
        let mut worker = Worker::start(WorkerSetup {
            threads: 1,
            stack: None,
            inherited: inherited::digest(),
        })?;
        match has_ring {
            true => worker.flush()?,
            false => worker.outbox = SendBuffer::default(),
        }
        Ok(RogueParent(worker))
    }

    /// Queues tasks with these tickets in the task ring of the worker.
    pub fn queue(&self, tickets: std::ops::Range<u64>) {
        tickets.for_each(|ticket| self.0.ring.queue(ticket));
    }

    /// Sends `bytes`, with a memory file next to the first byte if `has_memory`, and
    /// discards the replies. Returns whether the worker received all of them within
    /// `limit`.
    ///
    /// # Errors
    ///
    /// Fails if the memory file cannot be created.
    pub fn send(&self, mut bytes: &[u8], has_memory: bool, limit: Duration) -> io::Result<bool> {
        let end = Instant::now() + limit;
        let mut memory = has_memory.then(stream::memory).transpose()?;
        while !bytes.is_empty() && Instant::now() < end {
            let fds: Vec<_> = memory.iter().map(|fd| fd.as_fd()).collect();
            let socket = self.0.get_unchecked();
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

    /// Whether, within `limit`, the worker ends or has read all data and waits for
    /// more.
    pub fn is_done_within(&mut self, limit: Duration) -> bool {
        let end = Instant::now() + limit;
        let mut idle_checks = 0;
        while Instant::now() < end {
            if self.0.process.ended_within(Duration::ZERO).is_some() {
                return true;
            }
            // It may sleep for a moment between reading bytes and allocating memory for
            // those that they announce.
            let waits = self.unread() == Some(0) && self.is_asleep();
            idle_checks = if waits { idle_checks + 1 } else { 0 };
            if idle_checks == IDLE_CHECKS {
                return true;
            }
            self.wait();
            self.drain();
        }
        false
    }

    /// Returns the peak memory of the worker in bytes, while it is alive.
    pub fn peak(&self) -> Option<u64> {
        let path = format!("/proc/{}/status", self.0.process.pid());
        let text = std::fs::read_to_string(path).ok()?;
        let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
        let kib: u64 = line.trim().strip_suffix(" kB")?.parse().ok()?;
        Some(kib << 10)
    }

    /// Closes the socket. Returns how the worker ended, if it did so within `limit`.
    pub fn end(self, limit: Duration) -> Option<WorkerExit> {
        let Worker {
            mut process,
            socket,
            ..
        } = self.0;
        drop(socket);
        process.ended_within(limit)
    }

    /// Returns the number of bytes that were sent but not yet read.
    fn unread(&self) -> Option<i32> {
        let mut bytes = 0;
        // SAFETY: the descriptor is open, and the pointer is valid for the number that
        // the system writes.
        let done = unsafe {
            libc::ioctl(
                self.0.get_unchecked().as_raw_fd(),
                libc::TIOCOUTQ,
                &mut bytes,
            )
        };
        (done == 0).then_some(bytes)
    }

    /// Whether all threads of the worker sleep.
    fn is_asleep(&self) -> bool {
        let tasks = std::fs::read_dir(format!("/proc/{}/task", self.0.process.pid()));
        let tasks = tasks.into_iter().flatten().flatten();
        let stats = tasks.map(|task| std::fs::read_to_string(task.path().join("stat")));
        stats.into_iter().flatten().all(|stat| {
            let rest = stat.rsplit(") ").next();
            rest.is_some_and(|rest| rest.starts_with('S'))
        })
    }

    /// Waits for a moment, or until the worker sends data.
    fn wait(&self) {
        let mut fds = [PollFd::from_borrowed_fd(
            self.0.get_unchecked(),
            PollFlags::IN,
        )];
        let moment = Timespec::try_from(Duration::from_millis(1)).ok();
        let _ = poll(&mut fds, moment.as_ref());
    }

    fn drain(&self) {
        let mut bytes = [0_u8; 4096];
        let flags = RecvFlags::DONTWAIT;
        while recv(self.0.get_unchecked(), &mut bytes, flags).is_ok_and(|(len, _)| len > 0) {}
    }
}
