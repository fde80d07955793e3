//! Assembles tasks for one worker into frames.

use std::ops::Range;
use std::sync::Arc;

use crate::process::frame::{self, FrameKind};
use crate::process::memfd::{self, Memory};
use crate::process::task_ring::Ticket;
use crate::process::worker::{EncodedArgs, QueuedTask, Worker};
use crate::wire::MessageWriter;

/// A frame of at least this number of bytes accepts no more tasks.
const FULL: usize = 64 << 10;

/// A task whose arguments are in the frame that is being assembled.
struct PendingTask {
    ticket: Ticket,
    index: usize,
    failures: u32,
    range: Range<usize>,
}

/// A batch of tasks that is being assembled for a worker.
pub(super) struct TaskBatch<'w> {
    worker: &'w mut Worker,
    bytes: Vec<u8>,
    tasks: Vec<PendingTask>,
    len: usize,
}

impl QueuedTask {
    /// Whether its arguments can be sent, that is, the program did not close the
    /// descriptor of their memory file.
    pub(super) fn is_whole(&self) -> bool {
        match &self.payload {
            EncodedArgs::Inline(..) => true,
            EncodedArgs::Large(memory, _) => memory.is_unchanged(),
        }
    }
}

impl<'w> TaskBatch<'w> {
    pub(super) fn new(worker: &'w mut Worker) -> TaskBatch<'w> {
        TaskBatch {
            worker,
            bytes: Vec::new(),
            tasks: Vec::new(),
            len: 0,
        }
    }

    /// Returns the number of tasks so far.
    pub(super) fn len(&self) -> usize {
        self.len
    }

    /// Whether further tasks should go to another worker, or wait.
    pub(super) fn is_full(&self) -> bool {
        self.bytes.len() >= FULL || self.worker.large >= super::LARGE
    }

    /// Adds a task with these arguments.
    pub(super) fn add(&mut self, index: usize, message: &MessageWriter<'_>) {
        self.len += 1;
        match shared(message) {
            Some(fd) => self.large(index, 0, fd, message.len()),
            None => self.inline(index, 0, message.len(), |bytes| message.append_to(bytes)),
        }
    }

    /// Adds a task that is already serialized.
    pub(super) fn again(&mut self, job: QueuedTask) {
        self.len += 1;
        let QueuedTask {
            index,
            failures,
            payload,
        } = job;
        match payload {
            EncodedArgs::Large(fd, len) => self.large(index, failures, fd, len),
            EncodedArgs::Inline(bytes, range) => self.inline(index, failures, range.len(), |out| {
                out.extend_from_slice(&bytes[range.clone()]);
            }),
        }
    }

    fn inline(
        &mut self,
        index: usize,
        failures: u32,
        len: usize,
        append: impl FnOnce(&mut Vec<u8>),
    ) {
        if self.bytes.is_empty() {
            frame::start(&mut self.bytes);
        }
        let ticket = self.worker.ticket();
        let record = frame::record([ticket, index as u64, len as u64, 0]);
        self.bytes.extend_from_slice(&record);
        let start = self.bytes.len();
        append(&mut self.bytes);
        let range = start..self.bytes.len();
        frame::pad(&mut self.bytes);
        self.tasks.push(PendingTask {
            ticket,
            index,
            failures,
            range,
        });
    }

    fn large(&mut self, index: usize, failures: u32, fd: Memory, len: usize) {
        self.seal();
        let ticket = self.worker.ticket();
        let mut bytes = Vec::new();
        frame::start(&mut bytes);
        let record = frame::record([ticket, index as u64, 0, len as u64]);
        bytes.extend_from_slice(&record);
        frame::finish(&mut bytes, 0, FrameKind::Tasks, true);
        self.worker.outbox.push(Arc::new(bytes), Some(fd.clone()));
        let payload = EncodedArgs::Large(fd, len);
        let job = QueuedTask {
            index,
            failures,
            payload,
        };
        self.worker.hold(ticket, job);
    }

    /// Completes the current frame and queues it for sending.
    pub(super) fn seal(&mut self) {
        if self.bytes.is_empty() {
            return;
        }
        let mut bytes = std::mem::take(&mut self.bytes);
        frame::finish(&mut bytes, 0, FrameKind::Tasks, false);
        let bytes = Arc::new(bytes);
        for task in self.tasks.drain(..) {
            let job = QueuedTask {
                index: task.index,
                failures: task.failures,
                payload: EncodedArgs::Inline(bytes.clone(), task.range),
            };
            self.worker.hold(task.ticket, job);
        }
        self.worker.outbox.push(bytes, None);
    }
}

/// Serializes a task that is not assigned to a worker yet.
pub(super) fn job(index: usize, message: &MessageWriter<'_>) -> QueuedTask {
    let payload = match shared(message) {
        Some(fd) => EncodedArgs::Large(fd, message.len()),
        None => {
            let mut bytes = Vec::new();
            message.append_to(&mut bytes);
            let range = 0..bytes.len();
            EncodedArgs::Inline(Arc::new(bytes), range)
        }
    };
    QueuedTask {
        index,
        failures: 0,
        payload,
    }
}

/// Copies a large message to a memory file. Returns `None` for small messages, and if
/// no descriptors are left; these are sent inline.
fn shared(message: &MessageWriter<'_>) -> Option<Memory> {
    if message.len() < memfd::THRESHOLD {
        return None;
    }
    memfd::create_shared(message).ok()
}
