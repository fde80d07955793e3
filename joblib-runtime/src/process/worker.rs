//! A worker as its parent knows it: its process, the ways to it, and the
//! tasks it was given.

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
use crate::guarded_fd::{Guarded, beside_streams};

/// A task's arguments, kept until its outcome is known.
#[derive(Clone, Debug)]
pub(super) enum Payload {
    /// Part of the frame that they were sent in.
    Inline(Arc<Vec<u8>>, Range<usize>),
    /// Memory of their own, and their length.
    Large(Memory, usize),
}

/// A task to be given to a worker.
#[derive(Clone, Debug)]
pub(super) struct QueuedTask {
    /// Its position in the input.
    pub(super) index: usize,
    /// How often it failed.
    pub(super) failures: u32,
    pub(super) cargo: Payload,
}

/// A task that a worker was given.
#[derive(Debug)]
pub(super) struct InFlightTask {
    pub(super) ticket: Ticket,
    pub(super) job: QueuedTask,
}

/// What a worker is started with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct WorkerSetup {
    /// How many threads its libraries use.
    pub(super) threads: usize,
    /// Bytes of stack that its tasks have, where somebody said so.
    pub(super) stack: Option<usize>,
    /// A digest of what it inherits.
    pub(super) inherited: u128,
}

/// A worker process, alive as far as is known. It ends with the value.
pub(super) struct Worker {
    pub(super) process: ChildProcess,
    pub(super) socket: Guarded<OwnedFd>,
    pub(super) board: TaskRing,
    pub(super) inbox: RecvBuffer,
    pub(super) outbox: SendBuffer,
    /// Its queue, in the order of the tickets.
    pub(super) held: VecDeque<InFlightTask>,
    next: Ticket,
    /// Those of its tasks that lie in memory of their own.
    pub(super) large: usize,
    pub(super) setup: WorkerSetup,
    pub(super) started: Instant,
    /// Whether it said who it is.
    pub(super) is_greeted: bool,
    /// Tasks it was given in its life.
    pub(super) given: u64,
    /// Bytes it took up after its first task.
    pub(super) size: Option<u64>,
}

impl Worker {
    /// Starts a worker.
    pub(super) fn start(setup: WorkerSetup) -> io::Result<Worker> {
        let (socket, theirs) = beside_streams(|| {
            socketpair(
                AddressFamily::UNIX,
                SocketType::STREAM,
                SocketFlags::CLOEXEC,
                None,
            )
        })?;
        let (board, fd) = TaskRing::create()?;
        let process = spawn::start(theirs, setup)?;
        let mut worker = Worker {
            process,
            socket: Guarded::new(socket),
            board,
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
        let header = frame::header(FrameKind::Board, true, 0).to_vec();
        let board = Arc::new(Guarded::new(fd));
        worker.outbox.push(Arc::new(header), Some(board));
        Ok(worker)
    }

    /// Whether its descriptors are what they were.
    pub(super) fn is_whole(&self) -> bool {
        self.socket.is_own() && self.process.is_own()
    }

    /// Tells it that there is nothing more for it to do, whoever else holds the socket: a
    /// fork without an exec does.
    pub(super) fn hang_up(&self) {
        // It may have ended by itself.
        let _ = self
            .socket
            .get()
            .map(|socket| shutdown(socket, Shutdown::Both));
    }

    /// Its socket, unless the program has closed it.
    pub(super) fn unproven(&self) -> BorrowedFd<'_> {
        self.socket.unproven().as_fd()
    }

    /// Reads what the socket has.
    pub(super) fn receive(&self, inbox: &mut RecvBuffer) -> io::Result<RecvOutcome> {
        inbox.receive(self.socket.get()?.as_fd(), false)
    }

    /// The number of the next task; the board says that it is on its way.
    pub(super) fn ticket(&mut self) -> Ticket {
        let ticket = self.next;
        self.next += 1;
        self.given += 1;
        self.board.queue(ticket);
        ticket
    }

    /// How many more tickets there are for now.
    pub(super) fn room(&self) -> usize {
        let oldest = self.held.front().map_or(self.next, |held| held.ticket);
        SLOTS - (self.next - oldest) as usize
    }

    /// Gives the worker a task that was sent.
    pub(super) fn hold(&mut self, ticket: Ticket, job: QueuedTask) {
        self.large += usize::from(matches!(job.cargo, Payload::Large(..)));
        self.held.push_back(InFlightTask { ticket, job });
    }

    /// Takes the task off the worker's queue.
    pub(super) fn release(&mut self, ticket: Ticket) -> Option<QueuedTask> {
        let place = self.place(ticket)?;
        let job = self.held.remove(place)?.job;
        self.large -= usize::from(matches!(job.cargo, Payload::Large(..)));
        Some(job)
    }

    /// Whether the task is in the worker's queue.
    pub(super) fn holds(&self, ticket: Ticket) -> bool {
        self.place(ticket).is_some()
    }

    /// Where in its queue the task is, which is mostly in front.
    fn place(&self, ticket: Ticket) -> Option<usize> {
        match self.held.front()?.ticket == ticket {
            true => Some(0),
            false => self
                .held
                .binary_search_by_key(&ticket, |held| held.ticket)
                .ok(),
        }
    }

    /// Takes the last task back, unless it was begun.
    pub(super) fn take_back(&mut self) -> Option<QueuedTask> {
        let ticket = self.held.back()?.ticket;
        if !self.board.revoke(ticket) {
            return None;
        }
        self.given -= 1;
        self.release(ticket)
    }

    /// Writes what the socket takes.
    pub(super) fn flush(&mut self) -> io::Result<()> {
        self.outbox.flush(&self.socket)
    }

    /// Has the worker forget the function that it runs tasks of.
    pub(super) fn close(&mut self) {
        let header = frame::header(FrameKind::Close, false, 0).to_vec();
        self.outbox.push(Arc::new(header), None);
        // What the socket does not take goes with the next call.
        let _ = self.flush();
    }

    /// Bytes of memory that it takes up.
    pub(super) fn resident(&self) -> Option<u64> {
        let path = format!("/proc/{}/statm", self.process.pid());
        let text = std::fs::read_to_string(path).ok()?;
        let pages: u64 = text.split(' ').nth(1)?.parse().ok()?;
        Some(pages * rustix::param::page_size() as u64)
    }
}
