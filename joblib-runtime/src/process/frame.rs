//! Frames, as both sides write and read them: a header of 16 bytes and a body
//! padded to as many, so that numbers lie aligned wherever a frame is read.

use std::collections::VecDeque;
use std::os::fd::OwnedFd;

/// What all positions in the stream are multiples of.
pub(super) const ALIGNMENT: usize = 16;

/// Bytes of a frame before its body.
pub(super) const HEADER: usize = 16;

/// Bytes of a task or a result before its message.
pub(super) const RECORD: usize = 32;

/// A body may declare no more.
const LIMIT: u64 = 1 << 32;

/// The frame is accompanied by a descriptor.
const WITH_FD: u32 = 1 << 31;

/// What a frame says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub(super) enum FrameKind {
    /// To the worker: the claim board, as a descriptor.
    Board = 1,
    /// To the worker: the function that the tasks after it run.
    Open,
    /// To the worker: tasks to be run.
    Tasks,
    /// To the worker: the function is not needed any longer.
    Close,
    /// From the worker: who it is.
    Hello,
    /// From the worker: look at the board.
    Bell,
    /// From the worker: the function cannot be run.
    Refused,
    /// From the worker: what else happened there.
    News,
    /// From the worker: a task returned.
    Returned,
    /// From the worker: a task panicked.
    Panicked,
    /// From the worker: a task's arguments or its result cannot travel.
    Stuck,
    /// From what should be a worker: why it is none.
    GaveUp,
}

const KINDS: [FrameKind; 12] = [
    FrameKind::Board,
    FrameKind::Open,
    FrameKind::Tasks,
    FrameKind::Close,
    FrameKind::Hello,
    FrameKind::Bell,
    FrameKind::Refused,
    FrameKind::News,
    FrameKind::Returned,
    FrameKind::Panicked,
    FrameKind::Stuck,
    FrameKind::GaveUp,
];

/// A frame as it was read.
#[derive(Debug)]
pub(super) struct Frame<'b> {
    pub(super) kind: FrameKind,
    pub(super) body: &'b [u8],
    pub(super) fd: Option<OwnedFd>,
}

/// Bytes that are no frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct ProtocolError;

/// Begins a frame in `out`; [`finish`] ends it.
pub(super) fn start(out: &mut Vec<u8>) -> usize {
    let at = out.len();
    out.extend_from_slice(&[0; HEADER]);
    at
}

/// Ends the frame that began at `at`.
pub(super) fn finish(out: &mut Vec<u8>, at: usize, kind: FrameKind, has_fd: bool) {
    pad(out);
    let len = (out.len() - at - HEADER) as u64;
    out[at..][..HEADER].copy_from_slice(&header(kind, has_fd, len));
}

/// A frame's header.
pub(super) fn header(kind: FrameKind, has_fd: bool, len: u64) -> [u8; HEADER] {
    let fd = if has_fd { WITH_FD } else { 0 };
    let mut header = [0; HEADER];
    header[..4].copy_from_slice(&(kind as u32 | fd).to_ne_bytes());
    header[8..].copy_from_slice(&len.to_ne_bytes());
    header
}

/// Appends zeros up to the next aligned position.
pub(super) fn pad(out: &mut Vec<u8>) {
    out.resize(out.len().next_multiple_of(ALIGNMENT), 0);
}

/// What stands before the message of a task or of a result: four numbers.
pub(super) fn record(numbers: [u64; 4]) -> [u8; RECORD] {
    let mut bytes = [0; RECORD];
    for (place, number) in bytes.chunks_exact_mut(8).zip(numbers) {
        place.copy_from_slice(&number.to_ne_bytes());
    }
    bytes
}

/// Takes what stands before a message, the message of the length that its
/// third number says, and the padding, off the front of `body`.
pub(super) fn split_record<'b>(body: &mut &'b [u8]) -> Result<([u64; 4], &'b [u8]), ProtocolError> {
    let (bytes, rest) = body.split_at_checked(RECORD).ok_or(ProtocolError)?;
    let mut numbers = [0; 4];
    for (number, place) in numbers.iter_mut().zip(bytes.chunks_exact(8)) {
        *number = u64::from_ne_bytes(place.try_into().map_err(|_| ProtocolError)?);
    }
    let len = usize::try_from(numbers[2]).map_err(|_| ProtocolError)?;
    let message = rest.get(..len).ok_or(ProtocolError)?;
    *body = rest
        .get(len.next_multiple_of(ALIGNMENT)..)
        .ok_or(ProtocolError)?;
    Ok((numbers, message))
}

/// Takes the next whole frame of `bytes` and says how many bytes it took, or
/// how many there must be for it to be whole.
pub(super) fn split<'b>(
    bytes: &'b [u8],
    fds: &mut VecDeque<OwnedFd>,
) -> Result<FrameSplit<'b>, ProtocolError> {
    let Some((header, rest)) = bytes.split_at_checked(HEADER) else {
        return Ok(FrameSplit::Needs(HEADER));
    };
    let word = u32::from_ne_bytes([header[0], header[1], header[2], header[3]]);
    let len = u64::from_ne_bytes(header[8..].try_into().map_err(|_| ProtocolError)?);
    let number = (word & !WITH_FD).wrapping_sub(1) as usize;
    let kind = *KINDS.get(number).ok_or(ProtocolError)?;
    let is_whole = len <= LIMIT && len.is_multiple_of(ALIGNMENT as u64) && header[4..8] == [0; 4];
    if !is_whole {
        return Err(ProtocolError);
    }
    let len = len as usize;
    let Some(body) = rest.get(..len) else {
        return Ok(FrameSplit::Needs(HEADER + len));
    };
    let fd = match word & WITH_FD {
        0 => None,
        _ => Some(fds.pop_front().ok_or(ProtocolError)?),
    };
    Ok(FrameSplit::Frame(Frame { kind, body, fd }, HEADER + len))
}

/// What [`split`] found.
#[derive(Debug)]
pub(super) enum FrameSplit<'b> {
    /// A frame, and how many bytes it took.
    Frame(Frame<'b>, usize),
    /// Too little: so many bytes are needed.
    Needs(usize),
}

#[cfg(test)]
mod tests {
    use std::collections::VecDeque;

    use super::{
        FrameKind, FrameSplit, HEADER, ProtocolError, finish, record, split, split_record, start,
    };

    fn frame(body: &[u8]) -> Vec<u8> {
        let mut out = Vec::new();
        let at = start(&mut out);
        out.extend_from_slice(body);
        finish(&mut out, at, FrameKind::Tasks, false);
        out
    }

    #[test]
    fn a_frame_comes_back_whole_or_not_at_all() {
        let bytes = frame(&[7; 40]);
        assert_eq!(bytes.len(), HEADER + 48);
        for len in 0..bytes.len() {
            let needs = split(&bytes[..len], &mut VecDeque::new()).unwrap();
            assert!(matches!(needs, FrameSplit::Needs(more) if more > len));
        }
        let FrameSplit::Frame(frame, taken) = split(&bytes, &mut VecDeque::new()).unwrap() else {
            panic!("the frame is whole");
        };
        assert_eq!((frame.kind, taken), (FrameKind::Tasks, bytes.len()));
        assert_eq!(&frame.body[..40], [7; 40]);
    }

    #[test]
    fn what_is_no_header_is_garbled() {
        for (at, byte) in [(0, 99), (4, 1), (3, 0x80), (8, 1), (15, 1)] {
            let mut bytes = frame(&[7; 16]);
            bytes[at] = byte;
            assert_eq!(
                split(&bytes, &mut VecDeque::new()).unwrap_err(),
                ProtocolError
            );
        }
    }

    proptest::proptest! {
        #[test]
        fn any_bytes_are_frames_or_garbled(
            bytes in proptest::collection::vec(proptest::num::u8::ANY, 0..200),
            // Mostly such that more than the header is looked at.
            kind in 0..14_u32,
            len in 0..160_u64,
        ) {
            let mut bytes = bytes;
            let header = [u64::from(kind).to_ne_bytes(), len.to_ne_bytes()].concat();
            bytes.iter_mut().zip(header).for_each(|(place, byte)| *place = byte);
            if let Ok(FrameSplit::Frame(frame, taken)) = split(&bytes, &mut VecDeque::new()) {
                assert!(taken <= bytes.len());
                let mut body = frame.body;
                while !body.is_empty() && split_record(&mut body).is_ok() {}
            }
        }
    }

    #[test]
    fn the_length_of_a_message_is_not_believed() {
        for len in [1, u64::MAX, 1 << 40] {
            let bytes = record([1, 2, len, 0]);
            assert_eq!(split_record(&mut &bytes[..]), Err(ProtocolError));
        }
    }
}
