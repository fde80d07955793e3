//! Sends the replies of a worker: through the shared-memory ring if they fit, otherwise
//! through the socket.

use std::io::{self, IoSlice};
use std::os::fd::{AsFd, OwnedFd};

use rustix::net::SendFlags;

use crate::guarded_fd::Guarded;
use crate::process::frame::{self, FrameKind, HEADER, RECORD};
use crate::process::send_buffer::{send, send_all};
use crate::process::task_ring::{TaskRing, Ticket};
use crate::process::{ContextHooks, clock, memfd};
use crate::wire::MessageWriter;

/// The minimum time between two wake-ups of a sleeping parent while the worker has more
/// tasks, in nanoseconds.
const WAKE_INTERVAL: u64 = 100_000;

/// The worker's end of the connection to its parent.
pub(in crate::process) struct ReplyWriter {
    pub(super) socket: Guarded<OwnedFd>,
    pub(super) ring: TaskRing,
    pub(super) context: &'static ContextHooks,
    buffer: Vec<u8>,
    last_wake: u64,
}

/// The standard output and the standard error of a task.
pub(in crate::process) type Printed = [Vec<u8>; 2];

impl ReplyWriter {
    pub(in crate::process) fn new(
        socket: OwnedFd,
        ring: TaskRing,
        context: &'static ContextHooks,
    ) -> ReplyWriter {
        ReplyWriter {
            socket: Guarded::new(socket),
            ring,
            context,
            buffer: Vec::new(),
            last_wake: 0,
        }
    }

    /// Sends the outcome of a task that took `nanos`.
    pub(in crate::process) fn task(
        &mut self,
        kind: FrameKind,
        ticket: Ticket,
        nanos: u64,
        message: &MessageWriter<'_>,
        printed: Option<Printed>,
    ) -> io::Result<()> {
        let fd = match message.len() {
            len if len < memfd::THRESHOLD => None,
            // If no descriptors are left, the message is sent inline.
            _ => memfd::create(message).ok(),
        };
        self.clear();
        self.events();
        let start = frame::start(&mut self.buffer);
        let (inline, mapped) = match fd {
            None => (message.len(), 0),
            Some(_) => (0, message.len()),
        };
        let numbers = [ticket, nanos, inline as u64, mapped as u64];
        self.buffer.extend_from_slice(&frame::record(numbers));
        if fd.is_none() {
            message.append_to(&mut self.buffer);
            frame::pad(&mut self.buffer);
        }
        if let Some([out, err]) = printed {
            let len = out.len() + err.len();
            let numbers = [out.len() as u64, err.len() as u64, len as u64, 0];
            self.buffer.extend_from_slice(&frame::record(numbers));
            self.buffer.extend_from_slice(&out);
            self.buffer.extend_from_slice(&err);
            frame::pad(&mut self.buffer);
        }
        frame::finish(&mut self.buffer, start, kind, fd.is_some());
        if fd.is_none() && self.ring.put(&[&self.buffer]) {
            return Ok(());
        }
        send_all(
            self.socket.get()?.as_fd(),
            &self.buffer,
            fd.as_ref().map(AsFd::as_fd),
        )
    }

    /// Sends a frame with one message about the call `call`.
    pub(in crate::process) fn frame(
        &mut self,
        kind: FrameKind,
        call: u64,
        message: &[u8],
    ) -> io::Result<()> {
        self.clear();
        self.message(kind, call, message);
        send_all(self.socket.get()?.as_fd(), &self.buffer, None)
    }

    /// Adds the pending events. They precede the result, so that the parent has handled
    /// them when it handles the result.
    fn events(&mut self) {
        if let Some(events) = (self.context.take_events)() {
            self.message(FrameKind::Events, 0, &events);
        }
    }

    fn message(&mut self, kind: FrameKind, call: u64, message: &[u8]) {
        let start = frame::start(&mut self.buffer);
        let numbers = [call, 0, message.len() as u64, 0];
        self.buffer.extend_from_slice(&frame::record(numbers));
        self.buffer.extend_from_slice(message);
        frame::finish(&mut self.buffer, start, kind, false);
    }

    fn clear(&mut self) {
        self.buffer.clear();
        // Do not hold the memory of a large result forever.
        self.buffer.shrink_to(2 * memfd::THRESHOLD);
        self.buffer.reserve(HEADER + RECORD);
    }

    /// Wakes the parent if it sleeps and was not woken within the [`WAKE_INTERVAL`] interval
    /// before `now`.
    pub(super) fn wake_parent_at(&mut self, now: u64) {
        if now.saturating_sub(self.last_wake) >= WAKE_INTERVAL && self.ring.is_awaited() {
            self.last_wake = now;
            self.wake_parent();
        }
    }

    /// Wakes the parent if it sleeps.
    pub(super) fn wake_parent_if_awaited(&mut self) {
        if self.ring.is_awaited() {
            self.last_wake = clock::nanos();
            self.wake_parent();
        }
    }

    fn wake_parent(&self) {
        let bell = frame::header(FrameKind::Wake, false, 0);
        // If the socket is full, the parent already has data to wake up for.
        if let Ok(socket) = self.socket.get() {
            let _ = send(
                socket.as_fd(),
                &[IoSlice::new(&bell)],
                &[],
                SendFlags::DONTWAIT,
            );
        }
    }
}
