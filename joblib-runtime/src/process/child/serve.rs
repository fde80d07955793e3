//! The main loop of a worker: receives frames, runs tasks and sends their outcomes. An
//! error means that the parent is gone or sent an invalid frame; both end the worker.

use std::convert::Infallible;
use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::time::{Duration, Instant};

use super::NO_WORKER;
use super::loaded_function::{LoadedFunction, Refusal};
use super::output::{self, CapturedOutput};
use super::panic;
use super::reply::ReplyWriter;
use super::request::{OpenCall, TaskRequest};
use crate::codec;
use crate::process::frame::{Frame, FrameKind, ProtocolError};
use crate::process::handshake::WorkerEnv;
use crate::process::recv_buffer::{RecvBuffer, RecvOutcome};
use crate::process::task_ring::{IDLE, OPENING, TaskRing, Ticket};
use crate::process::{ContextHooks, binary_id, clock, memfd};
use crate::task::{InstanceError, current, registry_digest, worker};
use crate::wire::{self, MessageReader, MessageWriter};

/// Runs tasks until the parent closes the socket. Returns the exit code of the process.
pub(super) fn serve(socket: OwnedFd, marker: &WorkerEnv, context: &'static ContextHooks) -> i32 {
    panic::watch();
    let Err(error) = serve_frames(socket, marker, context);
    output::flush();
    match error.kind() {
        io::ErrorKind::UnexpectedEof | io::ErrorKind::BrokenPipe => 0,
        _ => NO_WORKER,
    }
}

/// Handles frames until an error ends the loop.
fn serve_frames(
    socket: OwnedFd,
    marker: &WorkerEnv,
    context: &'static ContextHooks,
) -> io::Result<Infallible> {
    let mut inbox = RecvBuffer::default();
    let mut worker = WorkerLoop::greet(socket, marker, context, &mut inbox)?;
    loop {
        worker.next(&mut inbox)?;
    }
}

struct WorkerLoop {
    reply: ReplyWriter,
    function: Option<LoadedFunction>,
    captured: Option<CapturedOutput>,
    /// When the last task ended, unless the worker has waited since.
    ended: Option<u64>,
    /// Whether the last wait was shorter than [`SOON`] and only one frame of tasks has
    /// arrived in this call. If the tasks of a call arrive one after another, a polling
    /// worker would slow down the thread that produces them.
    was_wait_short: bool,
    /// Whether tasks of the current call have arrived.
    has_begun: bool,
}

/// How long a worker polls for the next call without sleeping, if the previous wait was
/// as short. Otherwise each of several calls in quick succession would wait for a
/// worker to wake up.
const SOON: Duration = Duration::from_micros(150);

impl WorkerLoop {
    /// Receives the shared-memory ring and sends the parent the identity of this
    /// process. Fails if this process runs another binary than the parent.
    fn greet(
        socket: OwnedFd,
        marker: &WorkerEnv,
        context: &'static ContextHooks,
        inbox: &mut RecvBuffer,
    ) -> io::Result<WorkerLoop> {
        let ring = loop {
            match inbox.frame()? {
                Some(Frame {
                    kind: FrameKind::TaskRing,
                    fd: Some(fd),
                    ..
                }) => break TaskRing::open(fd)?,
                Some(_) => return Err(ProtocolError.into()),
                None => wait(socket.as_fd(), inbox)?,
            }
        };
        let mut reply = ReplyWriter::new(socket, ring, context);
        let (build, registry) = (binary_id::id(), registry_digest());
        let mut message = build.to_ne_bytes().to_vec();
        message.extend_from_slice(&registry.to_ne_bytes());
        reply.frame(FrameKind::Hello, 0, &message)?;
        if (build, registry) != (marker.build, marker.registry) {
            return Err(io::Error::other(
                "the worker runs another binary than its parent",
            ));
        }
        Ok(WorkerLoop {
            reply,
            function: None,
            captured: None,
            ended: None,
            was_wait_short: false,
            has_begun: false,
        })
    }

    /// Handles the next frame, or receives more data.
    fn next(&mut self, inbox: &mut RecvBuffer) -> io::Result<()> {
        match inbox.frame()? {
            Some(frame) => self.handle_frame(frame),
            None => self.refill(inbox),
        }
    }

    fn refill(&mut self, inbox: &mut RecvBuffer) -> io::Result<()> {
        match inbox.receive(self.reply.socket.get()?.as_fd(), false)? {
            RecvOutcome::Some => Ok(()),
            RecvOutcome::End => Err(io::ErrorKind::UnexpectedEof.into()),
            RecvOutcome::Nothing => {
                output::flush();
                self.ended = None;
                self.reply.wake_parent_if_awaited();
                let since = Instant::now();
                let socket = self.reply.socket.get()?.as_fd();
                if !self.was_wait_short || !poll_briefly(socket, inbox, since)? {
                    wait(socket, inbox)?;
                }
                self.was_wait_short = since.elapsed() < SOON;
                Ok(())
            }
        }
    }

    fn handle_frame(&mut self, frame: Frame<'_>) -> io::Result<()> {
        match frame.kind {
            FrameKind::Tasks => {
                self.was_wait_short &= !std::mem::replace(&mut self.has_begun, true);
                self.run_all(frame.body, frame.fd)
            }
            FrameKind::Open => self.open(frame.body, frame.fd),
            FrameKind::Close => {
                self.close();
                Ok(())
            }
            _ => Err(ProtocolError.into()),
        }
    }

    fn close(&mut self) {
        let _ = panic::catch_panic(|| self.function = None);
        self.captured = None;
    }

    fn open(&mut self, body: &[u8], fd: Option<OwnedFd>) -> io::Result<()> {
        // Keep the mappings of the last function: the next function often gets the same
        // data.
        let _mapped = wire::mapped();
        self.close();
        self.has_begun = false;
        self.reply.ring.note_running(OPENING, clock::nanos());
        let opening = OpenCall::read(body)?;
        if opening.call.captures {
            self.captured = Some(CapturedOutput::new()?);
        }
        let fd = fd.map(|fd| (fd, opening.mapped));
        let _worker = worker::enter(self.reply.ring.worker_index(), opening.call.workers);
        match LoadedFunction::open(opening.call, opening.shared, fd, self.reply.context) {
            Ok(function) => self.function = Some(function),
            Err(refusal) => self.refuse(opening.number, &refusal)?,
        }
        self.reply.ring.note_running(IDLE, 0);
        Ok(())
    }

    fn refuse(&mut self, call: u64, refusal: &Refusal) -> io::Result<()> {
        let mut message = Vec::new();
        codec::encode(refusal, &mut message).map_err(io::Error::other)?;
        self.reply.frame(FrameKind::Refused, call, &message)
    }

    fn run_all(&mut self, mut body: &[u8], mut fd: Option<OwnedFd>) -> io::Result<()> {
        // If the function was refused, the call fails and its remaining tasks are not
        // needed.
        while self.function.is_some() && !body.is_empty() {
            let TaskRequest {
                ticket,
                index,
                message,
                mapped,
            } = TaskRequest::split(&mut body)?;
            let start = *self.ended.get_or_insert_with(clock::nanos);
            self.reply.ring.note_running(ticket + 1, start);
            if !self.reply.ring.claim(ticket) {
                match self.reply.ring.was_revoked(ticket) {
                    true => continue,
                    // Skipping it would leave a task that no worker runs.
                    false => return Err(ProtocolError.into()),
                }
            }
            match fd.take() {
                None => self.run(ticket, index, message, start)?,
                Some(fd) => match memfd::map_sealed(fd, mapped) {
                    Ok(map) => self.run(ticket, index, &map, start)?,
                    Err(error) => self.stuck(ticket, start, &error.to_string())?,
                },
            }
            let now = clock::nanos();
            self.ended = Some(now);
            self.reply.wake_parent_at(now);
        }
        self.reply.ring.note_running(IDLE, 0);
        Ok(())
    }

    fn run(&mut self, ticket: Ticket, index: usize, message: &[u8], start: u64) -> io::Result<()> {
        let WorkerLoop {
            reply,
            function,
            captured,
            ..
        } = self;
        let Some(function) = function else {
            return Ok(());
        };
        let mut sent = None;
        let current = current::enter(function.call.seed, index);
        let worker = worker::enter(reply.ring.worker_index(), function.call.workers);
        let ran = panic::catch_panic(|| {
            (function.instance())(&mut MessageReader::trusting(message), &mut |result| {
                let printed = captured.as_mut().map(CapturedOutput::take);
                end(&reply.ring, ticket);
                let nanos = clock::nanos() - start;
                sent = Some(reply.task(FrameKind::Returned, ticket, nanos, result, printed));
            })
        });
        drop((current, worker));
        match (sent, ran) {
            (Some(sent), _) => sent,
            (None, Ok(Ok(()))) => self.stuck(ticket, start, "the function returned no result"),
            (None, Ok(Err(error))) => self.stuck(ticket, start, &stuck_text(&error)),
            (None, Err(report)) => self.fail(FrameKind::Panicked, ticket, start, &report),
        }
    }

    fn stuck(&mut self, ticket: Ticket, start: u64, why: &str) -> io::Result<()> {
        self.fail(FrameKind::TransportError, ticket, start, &why)
    }

    fn fail(
        &mut self,
        kind: FrameKind,
        ticket: Ticket,
        start: u64,
        why: &impl serde::Serialize,
    ) -> io::Result<()> {
        let printed = self.captured.as_mut().map(CapturedOutput::take);
        end(&self.reply.ring, ticket);
        let mut message = MessageWriter::new();
        message.value(why).map_err(io::Error::other)?;
        let nanos = clock::nanos() - start;
        self.reply.task(kind, ticket, nanos, &message, printed)
    }
}

fn stuck_text(error: &InstanceError) -> String {
    error.to_string()
}

/// Marks the task as finished. If it exceeded its time limit, its result is discarded
/// and the parent kills this process if it has the right to; otherwise the process
/// exits here.
fn end(ring: &TaskRing, ticket: Ticket) {
    if ring.finish(ticket) {
        return;
    }
    // The task is not condemned, so other code has overwritten the ring and no state is
    // reliable.
    if !ring.is_condemned(ticket) {
        std::process::abort();
    }
    // The parent may lack the right to kill this process. SAFETY: ends the process
    // without running any of its code.
    unsafe { libc::_exit(NO_WORKER) }
}

/// Polls the socket for at most [`SOON`]. Returns whether data arrived.
fn poll_briefly(
    socket: BorrowedFd<'_>,
    inbox: &mut RecvBuffer,
    since: Instant,
) -> io::Result<bool> {
    while since.elapsed() < SOON {
        std::thread::yield_now();
        match inbox.receive(socket, false)? {
            RecvOutcome::Some => return Ok(true),
            RecvOutcome::End => return Err(io::ErrorKind::UnexpectedEof.into()),
            RecvOutcome::Nothing => {}
        }
    }
    Ok(false)
}

fn wait(socket: BorrowedFd<'_>, inbox: &mut RecvBuffer) -> io::Result<()> {
    match inbox.receive(socket, true)? {
        RecvOutcome::End => Err(io::ErrorKind::UnexpectedEof.into()),
        _ => Ok(()),
    }
}

impl From<ProtocolError> for io::Error {
    fn from(_: ProtocolError) -> io::Error {
        io::Error::new(io::ErrorKind::InvalidData, "invalid frame")
    }
}
