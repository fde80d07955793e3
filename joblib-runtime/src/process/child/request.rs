//! Parses the requests of a parent; `serve` executes them.

use std::io;

use super::loaded_function::FunctionRequest;
use crate::codec;
use crate::process::frame::{ProtocolError, split_record};
use crate::process::task_ring::Ticket;

/// A request to load the function whose tasks follow.
#[derive(Debug)]
pub(in crate::process) struct OpenCall<'b> {
    /// The number of the call.
    pub(in crate::process) number: u64,
    pub(in crate::process) call: FunctionRequest,
    /// The shared argument, if it is part of the frame.
    pub(in crate::process) shared: &'b [u8],
    /// The length of the shared argument, if it is in a separate memory file.
    pub(in crate::process) mapped: usize,
}

impl<'b> OpenCall<'b> {
    pub(in crate::process) fn read(mut body: &'b [u8]) -> io::Result<OpenCall<'b>> {
        let ([number, ..], call) = split_record(&mut body)?;
        let call = codec::decode(call).map_err(io::Error::other)?;
        let ([.., mapped], shared) = split_record(&mut body)?;
        Ok(OpenCall {
            number,
            call,
            shared,
            mapped: length(mapped)?,
        })
    }
}

/// A request to run a task.
#[derive(Debug)]
pub(in crate::process) struct TaskRequest<'b> {
    pub(in crate::process) ticket: Ticket,
    pub(in crate::process) index: usize,
    /// The arguments, if they are part of the frame.
    pub(in crate::process) message: &'b [u8],
    /// The length of the arguments, if they are in a separate memory file.
    pub(in crate::process) mapped: usize,
}

impl<'b> TaskRequest<'b> {
    /// Splits the next task off the front of `body`.
    pub(in crate::process) fn split(body: &mut &'b [u8]) -> Result<TaskRequest<'b>, ProtocolError> {
        let ([ticket, index, _, mapped], message) = split_record(body)?;
        // Tickets are counted from 0. The ring stores `ticket + 1`, which would
        // overflow for the last one.
        if ticket == Ticket::MAX {
            return Err(ProtocolError);
        }
        Ok(TaskRequest {
            ticket,
            index: length(index)?,
            message,
            mapped: length(mapped)?,
        })
    }
}

fn length(number: u64) -> Result<usize, ProtocolError> {
    usize::try_from(number).map_err(|_| ProtocolError)
}
