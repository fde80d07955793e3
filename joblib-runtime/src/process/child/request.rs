//! What a parent's frames ask of a worker, read without doing any of it.

use std::io;

use super::super::frame::{ProtocolError, split_record};
use super::super::task_ring::Ticket;
use super::loaded_function::FunctionRequest;
use crate::codec;

/// The function to run tasks of.
#[derive(Debug)]
pub(in crate::process) struct OpenCall<'b> {
    /// The number of the call.
    pub(in crate::process) number: u64,
    pub(in crate::process) call: FunctionRequest,
    /// What all tasks share, where it comes with the frame.
    pub(in crate::process) shared: &'b [u8],
    /// Its length, where it lies in memory of its own.
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

/// A task to be run.
#[derive(Debug)]
pub(in crate::process) struct TaskRequest<'b> {
    pub(in crate::process) ticket: Ticket,
    pub(in crate::process) index: usize,
    /// Its arguments, where they come with the frame.
    pub(in crate::process) message: &'b [u8],
    /// Their length, where they lie in memory of their own.
    pub(in crate::process) mapped: usize,
}

impl<'b> TaskRequest<'b> {
    /// Takes the next task off the front of `body`.
    pub(in crate::process) fn split(body: &mut &'b [u8]) -> Result<TaskRequest<'b>, ProtocolError> {
        let ([ticket, index, _, mapped], message) = split_record(body)?;
        // Tickets are counted from 0; the board has no word for the last.
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
