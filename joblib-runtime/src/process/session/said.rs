//! What a worker's frame says, read without a look at the call: whether the
//! worker may say it, and has the task it speaks of, is for the session.

use std::os::fd::OwnedFd;

use memmap2::Mmap;

use super::super::board::Ticket;
use super::super::child::{Refusal, Told};
use super::super::frame::{Frame, Garbled, Kind, split_record};
use super::super::large;
use crate::codec;
use crate::parallel::{ErrorKind, Panic};
use crate::wire::Reader;

/// What a frame says.
#[derive(Debug)]
pub(in crate::process) enum Said<'b> {
    /// Which binary the worker is, and which functions it knows.
    Hello(&'b [u8]),
    /// Look at the board.
    Bell,
    /// What else happened there.
    News(&'b [u8]),
    /// The function of the call of that number cannot be run.
    Refused(u64, ErrorKind),
    /// Why it is no worker.
    GaveUp(String),
    /// A task ended.
    Ended(Ended<'b>),
}

/// How a task ended.
#[derive(Debug)]
pub(in crate::process) struct Ended<'b> {
    pub(in crate::process) ticket: Ticket,
    pub(in crate::process) nanos: u64,
    /// What it printed to standard output and to standard error, if that was
    /// asked for.
    pub(in crate::process) printed: Option<(&'b [u8], &'b [u8])>,
    kind: Kind,
    inline: &'b [u8],
    map: Option<Mmap>,
}

impl<'b> Said<'b> {
    pub(in crate::process) fn read(frame: Frame<'b>) -> Result<Said<'b>, Garbled> {
        let mut body = frame.body;
        Ok(match frame.kind {
            Kind::Hello => Said::Hello(split_record(&mut body)?.1),
            Kind::Bell => Said::Bell,
            Kind::News => Said::News(split_record(&mut body)?.1),
            Kind::Refused => refused(body)?,
            Kind::GaveUp => Said::GaveUp(gave_up(body)?),
            Kind::Returned | Kind::Panicked | Kind::Stuck => Said::Ended(Ended::read(frame)?),
            Kind::Board | Kind::Open | Kind::Tasks | Kind::Close => return Err(Garbled),
        })
    }
}

fn gave_up(mut body: &[u8]) -> Result<String, Garbled> {
    let (_, why) = split_record(&mut body)?;
    Ok(String::from_utf8_lossy(why).into_owned())
}

fn refused(mut body: &[u8]) -> Result<Said<'_>, Garbled> {
    let ([call, ..], message) = split_record(&mut body)?;
    let refusal = codec::decode(message).map_err(|_| Garbled)?;
    let failure = match refusal {
        Refusal::Travel(why) => ErrorKind::Transport(why),
        Refusal::Panicked(told) => ErrorKind::Panicked(panic(told)),
        Refusal::Initializer(told) => ErrorKind::InitializerPanicked(panic(told)),
    };
    Ok(Said::Refused(call, failure))
}

impl<'b> Ended<'b> {
    fn read(frame: Frame<'b>) -> Result<Ended<'b>, Garbled> {
        let mut body = frame.body;
        let ([ticket, nanos, _, mapped], inline) = split_record(&mut body)?;
        let map = frame.fd.map(|fd| map(fd, mapped)).transpose()?;
        let printed = match body.is_empty() {
            true => None,
            false => {
                let ([out, _, _, _], printed) = split_record(&mut body)?;
                Some(printed.split_at_checked(out as usize).ok_or(Garbled)?)
            }
        };
        Ok(Ended {
            ticket,
            nanos,
            printed,
            kind: frame.kind,
            inline,
            map,
        })
    }

    /// The result, or why there is none.
    pub(in crate::process) fn outcome(&self) -> Result<Reader<'_>, ErrorKind> {
        let mut reader = Reader::new(self.map.as_deref().unwrap_or(self.inline));
        match self.kind {
            Kind::Returned => Ok(reader),
            Kind::Panicked => {
                let told = reader.value().unwrap_or_default();
                Err(ErrorKind::Panicked(panic(told)))
            }
            _ => Err(ErrorKind::Transport(reader.value().unwrap_or_default())),
        }
    }
}

fn map(fd: OwnedFd, len: u64) -> Result<Mmap, Garbled> {
    let len = usize::try_from(len).map_err(|_| Garbled)?;
    large::mapped(fd, len).map_err(|_| Garbled)
}

fn panic((message, location, backtrace): Told) -> Panic {
    Panic {
        message,
        location,
        backtrace,
    }
}
