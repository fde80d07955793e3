//! The parent's view of a worker: its process, the connection to it, and its tasks.

use std::collections::VecDeque;
use std::io;
use std::ops::Range;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::sync::Arc;
use std::time::Instant;

use rustix::net::{AddressFamily, Shutdown, SocketFlags, SocketType, shutdown, socketpair};

use super::child_process::ChildProcess;
use super::frame::{self, FrameKind};
use super::memfd::Memory;
use super::recv_buffer::{RecvBuffer, RecvOutcome};
use super::send_buffer::SendBuffer;
use super::spawn;
use super::task_ring::{SLOTS, TaskRing, Ticket};
use crate::guarded_fd::{Guarded, above_standard_streams};

/// The arguments of a task, stored until its outcome is known.
#[derive(Clone, Debug)]
pub(super) enum EncodedArgs {
    /// A range of the frame that they were sent in.
    Inline(Arc<Vec<u8>>, Range<usize>),
    /// A separate memory file, and their length.
    Large(Memory, usize),
}

/// A task that can be assigned to a worker.
#[derive(Clone, Debug)]
pub(super) struct QueuedTask {
    /// Its index in the input.
    pub(super) index: usize,
    /// How often it has failed.
    pub(super) failures: u32,
    pub(super) payload: EncodedArgs,
}

/// A task that is assigned to a worker.
#[derive(Debug)]
pub(super) struct InFlightTask {
    pub(super) ticket: Ticket,
    pub(super) job: QueuedTask,
}

/// The parameters that a worker is started with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct WorkerSetup {
    /// The number of threads that its libraries use.
    pub(super) threads: usize,
    /// The stack size of the thread that runs tasks, in bytes, if it is set.
    pub(super) stack: Option<usize>,
    /// The digest of the state that it inherits.
    pub(super) inherited: u128,
}

/// A worker process that is alive as far as is known. It ends when the value is
/// dropped.
pub(super) struct Worker {
    pub(super) process: ChildProcess,
    pub(super) socket: Guarded<OwnedFd>,
    pub(super) ring: TaskRing,
    pub(super) inbox: RecvBuffer,
    pub(super) outbox: SendBuffer,
    /// Its queue, ordered by ticket.
    pub(super) held: VecDeque<InFlightTask>,
    next: Ticket,
    /// The number of its tasks with arguments in memory files.
    pub(super) large: usize,
    pub(super) setup: WorkerSetup,
    pub(super) started: Instant,
    /// Whether it has identified itself.
    pub(super) is_greeted: bool,
    /// The number of tasks that were assigned to it in its lifetime.
    pub(super) given: u64,
    /// Its memory after its first task, in bytes.
    pub(super) size: Option<u64>,
}

impl Worker {
    /// Starts a worker.
    pub(super) fn start(setup: WorkerSetup) -> io::Result<Worker> {
        let (socket, theirs) = above_standard_streams(|| {
            socketpair(
                AddressFamily::UNIX,
                SocketType::STREAM,
                SocketFlags::CLOEXEC,
                None,
            )
        })?;
        let (ring, fd) = TaskRing::create()?;
        let process = spawn::start(theirs, setup)?;
        let mut worker = Worker {
            process,
            socket: Guarded::new(socket),
            ring,
            inbox: RecvBuffer::default(),
            outbox: SendBuffer::default(),
            held: VecDeque::new(),
            next: 0,
            large: 0,
            setup,
            started: Instant::now(),
            is_greeted: false,
            given: 0,
            size: None,
        };
        let header = frame::header(FrameKind::TaskRing, true, 0).to_vec();
        let ring = Arc::new(Guarded::new(fd));
        worker.outbox.push(Arc::new(header), Some(ring));
        Ok(worker)
    }

    /// Whether the program has not closed its descriptors.
    pub(super) fn is_whole(&self) -> bool {
        self.socket.is_unchanged() && self.process.is_unchanged()
    }

    /// Shuts down the connection, which makes the worker end. Closing the socket would
    /// not suffice if another process, such as a fork without an exec, holds it too.
    pub(super) fn hang_up(&self) {
        // The worker may already have ended by itself.
        let _ = self
            .socket
            .get()
            .map(|socket| shutdown(socket, Shutdown::Both));
    }

    /// Returns its socket, which the program may have closed.
    pub(super) fn get_unchecked(&self) -> BorrowedFd<'_> {
        self.socket.get_unchecked().as_fd()
    }

    /// Reads the available bytes of the socket.
    pub(super) fn receive(&self, inbox: &mut RecvBuffer) -> io::Result<RecvOutcome> {
        inbox.receive(self.socket.get()?.as_fd(), false)
    }

    /// Allocates the ticket of the next task and marks it as queued.
    pub(super) fn ticket(&mut self) -> Ticket {
        let ticket = self.next;
        self.next += 1;
        self.given += 1;
        self.ring.queue(ticket);
        ticket
    }

    /// Returns the number of tickets that are available at present.
    pub(super) fn room(&self) -> usize {
        let oldest = self.held.front().map_or(self.next, |held| held.ticket);
        SLOTS - (self.next - oldest) as usize
    }

    /// Adds a task that was sent to the worker's queue.
    pub(super) fn hold(&mut self, ticket: Ticket, job: QueuedTask) {
        self.large += usize::from(matches!(job.payload, EncodedArgs::Large(..)));
        self.held.push_back(InFlightTask { ticket, job });
    }

    /// Removes the task from the worker's queue.
    pub(super) fn release(&mut self, ticket: Ticket) -> Option<QueuedTask> {
        let place = self.place(ticket)?;
        let job = self.held.remove(place)?.job;
        self.large -= usize::from(matches!(job.payload, EncodedArgs::Large(..)));
        Some(job)
    }

    /// Whether the task is in the worker's queue.
    pub(super) fn holds(&self, ticket: Ticket) -> bool {
        self.place(ticket).is_some()
    }

    /// Returns the position of the task in the queue. It is mostly the first.
    fn place(&self, ticket: Ticket) -> Option<usize> {
        match self.held.front()?.ticket == ticket {
            true => Some(0),
            false => self
                .held
                .binary_search_by_key(&ticket, |held| held.ticket)
                .ok(),
        }
    }

    /// Takes back the last task, unless it is already started.
    pub(super) fn take_back(&mut self) -> Option<QueuedTask> {
        let ticket = self.held.back()?.ticket;
        if !self.ring.revoke(ticket) {
            return None;
        }
        self.given -= 1;
        self.release(ticket)
    }

    /// Writes as much as the socket accepts.
    pub(super) fn flush(&mut self) -> io::Result<()> {
        self.outbox.flush(&self.socket)
    }

    /// Makes the worker drop the function of the last call.
    pub(super) fn close(&mut self) {
        let header = frame::header(FrameKind::Close, false, 0).to_vec();
        self.outbox.push(Arc::new(header), None);
        // What the socket does not accept is sent with the next call.
        let _ = self.flush();
    }

    /// Returns its resident memory in bytes.
    pub(super) fn resident(&self) -> Option<u64> {
        let path = format!("/proc/{}/statm", self.process.pid());
        let text = std::fs::read_to_string(path).ok()?;
        let pages: u64 = text.split(' ').nth(1)?.parse().ok()?;
        Some(pages * rustix::param::page_size() as u64)
    }
}
