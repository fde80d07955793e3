//! Parses the frames of workers. The session validates that a worker may send them and
//! that it holds the tasks that they refer to.

use std::os::fd::OwnedFd;

use memmap2::Mmap;

use crate::codec;
use crate::outcome::{ErrorKind, Panic};
use crate::process::child::{PanicInfo, Refusal};
use crate::process::frame::{Frame, FrameKind, ProtocolError, split_record};
use crate::process::memfd;
use crate::process::task_ring::Ticket;
use crate::wire::MessageReader;

/// A parsed frame.
#[derive(Debug)]
pub(in crate::process) enum WorkerMessage<'b> {
    /// The identity of the worker's binary and registry.
    Hello(&'b [u8]),
    /// The task ring has new frames.
    Wake,
    /// Events of the context.
    Events(&'b [u8]),
    /// The function of the call with this number cannot run.
    Refused(u64, ErrorKind),
    /// The reason why the process cannot be a worker.
    StartFailed(String),
    /// A task ended.
    Ended(TaskEnd<'b>),
}

/// The end of a task.
#[derive(Debug)]
pub(in crate::process) struct TaskEnd<'b> {
    pub(in crate::process) ticket: Ticket,
    pub(in crate::process) nanos: u64,
    /// Its standard output and standard error, if output is captured.
    pub(in crate::process) printed: Option<(&'b [u8], &'b [u8])>,
    kind: FrameKind,
    inline: &'b [u8],
    map: Option<Mmap>,
}

impl<'b> WorkerMessage<'b> {
    pub(in crate::process) fn read(frame: Frame<'b>) -> Result<WorkerMessage<'b>, ProtocolError> {
        let mut body = frame.body;
        Ok(match frame.kind {
            FrameKind::Hello => WorkerMessage::Hello(split_record(&mut body)?.1),
            FrameKind::Wake => WorkerMessage::Wake,
            FrameKind::Events => WorkerMessage::Events(split_record(&mut body)?.1),
            FrameKind::Refused => refused(body)?,
            FrameKind::StartFailed => WorkerMessage::StartFailed(start_failed(body)?),
            FrameKind::Returned | FrameKind::Panicked | FrameKind::TransportError => {
                WorkerMessage::Ended(TaskEnd::read(frame)?)
            }
            FrameKind::TaskRing | FrameKind::Open | FrameKind::Tasks | FrameKind::Close => {
                return Err(ProtocolError);
            }
        })
    }
}

fn start_failed(mut body: &[u8]) -> Result<String, ProtocolError> {
    let (_, why) = split_record(&mut body)?;
    Ok(String::from_utf8_lossy(why).into_owned())
}

fn refused(mut body: &[u8]) -> Result<WorkerMessage<'_>, ProtocolError> {
    let ([call, ..], message) = split_record(&mut body)?;
    let refusal = codec::decode(message).map_err(|_| ProtocolError)?;
    let failure = match refusal {
        Refusal::Transport(why) => ErrorKind::Transport(why),
        Refusal::Panicked(report) => ErrorKind::Panicked(panic(report)),
        Refusal::Initializer(report) => ErrorKind::InitializerPanicked(panic(report)),
    };
    Ok(WorkerMessage::Refused(call, failure))
}

impl<'b> TaskEnd<'b> {
    fn read(frame: Frame<'b>) -> Result<TaskEnd<'b>, ProtocolError> {
        let mut body = frame.body;
        let ([ticket, nanos, _, mapped], inline) = split_record(&mut body)?;
        let map = frame.fd.map(|fd| map(fd, mapped)).transpose()?;
        let printed = match body.is_empty() {
            true => None,
            false => {
                let ([out, _, _, _], printed) = split_record(&mut body)?;
                Some(
                    printed
                        .split_at_checked(out as usize)
                        .ok_or(ProtocolError)?,
                )
            }
        };
        Ok(TaskEnd {
            ticket,
            nanos,
            printed,
            kind: frame.kind,
            inline,
            map,
        })
    }

    /// Returns the result, or the failure.
    pub(in crate::process) fn outcome(&self) -> Result<MessageReader<'_>, ErrorKind> {
        let mut reader = MessageReader::new(self.map.as_deref().unwrap_or(self.inline));
        match self.kind {
            FrameKind::Returned => Ok(reader),
            FrameKind::Panicked => {
                let report = reader.value().unwrap_or_default();
                Err(ErrorKind::Panicked(panic(report)))
            }
            _ => Err(ErrorKind::Transport(reader.value().unwrap_or_default())),
        }
    }
}

fn map(fd: OwnedFd, len: u64) -> Result<Mmap, ProtocolError> {
    let len = usize::try_from(len).map_err(|_| ProtocolError)?;
    memfd::map_sealed(fd, len).map_err(|_| ProtocolError)
}

fn panic((message, location, backtrace): PanicInfo) -> Panic {
    Panic {
        message,
        location,
        backtrace,
    }
}
