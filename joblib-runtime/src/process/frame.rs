//! Encodes and decodes frames: a header of 16 bytes and a body that is padded to a
//! multiple of 16 bytes, so that numbers are aligned wherever a frame is read.

use std::collections::VecDeque;
use std::os::fd::OwnedFd;

/// All offsets in the stream are multiples of this.
pub(super) const ALIGNMENT: usize = 16;

/// Size of the header of a frame, in bytes.
pub(super) const HEADER: usize = 16;

/// Size of the record that precedes the message of a task or a result, in bytes.
pub(super) const RECORD: usize = 32;

/// Maximum declared length of a body.
const LIMIT: u64 = 1 << 32;

/// Flag in the header: a descriptor accompanies the frame.
const WITH_FD: u32 = 1 << 31;

/// The kind of a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub(super) enum FrameKind {
    /// To the worker: the task ring, as a descriptor.
    TaskRing = 1,
    /// To the worker: the function of the following tasks.
    Open,
    /// To the worker: tasks to run.
    Tasks,
    /// To the worker: the function is not needed any more.
    Close,
    /// From the worker: the identity of its binary and registry.
    Hello,
    /// From the worker: the task ring has new frames.
    Wake,
    /// From the worker: the function cannot run.
    Refused,
    /// From the worker: events of the context; see [`ContextHooks`](super::ContextHooks).
    Events,
    /// From the worker: a task returned.
    Returned,
    /// From the worker: a task panicked.
    Panicked,
    /// From the worker: the arguments or the result of a task cannot be decoded or
    /// encoded.
    TransportError,
    /// From a process that was started as a worker: the reason why it cannot be one.
    StartFailed,
}

const KINDS: [FrameKind; 12] = [
    FrameKind::TaskRing,
    FrameKind::Open,
    FrameKind::Tasks,
    FrameKind::Close,
    FrameKind::Hello,
    FrameKind::Wake,
    FrameKind::Refused,
    FrameKind::Events,
    FrameKind::Returned,
    FrameKind::Panicked,
    FrameKind::TransportError,
    FrameKind::StartFailed,
];

/// A decoded frame.
#[derive(Debug)]
pub(super) struct Frame<'b> {
    pub(super) kind: FrameKind,
    pub(super) body: &'b [u8],
    pub(super) fd: Option<OwnedFd>,
}

/// The error of bytes that are not a valid frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct ProtocolError;

/// Starts a frame in `out`; [`finish`] completes it.
pub(super) fn start(out: &mut Vec<u8>) -> usize {
    let at = out.len();
    out.extend_from_slice(&[0; HEADER]);
    at
}

/// Completes the frame that starts at `at`.
pub(super) fn finish(out: &mut Vec<u8>, at: usize, kind: FrameKind, has_fd: bool) {
    pad(out);
    let len = (out.len() - at - HEADER) as u64;
    out[at..][..HEADER].copy_from_slice(&header(kind, has_fd, len));
}

/// Encodes the header of a frame.
pub(super) fn header(kind: FrameKind, has_fd: bool, len: u64) -> [u8; HEADER] {
    let fd = if has_fd { WITH_FD } else { 0 };
    let mut header = [0; HEADER];
    header[..4].copy_from_slice(&(kind as u32 | fd).to_ne_bytes());
    header[8..].copy_from_slice(&len.to_ne_bytes());
    header
}

/// Appends zeros up to the next aligned offset.
pub(super) fn pad(out: &mut Vec<u8>) {
    out.resize(out.len().next_multiple_of(ALIGNMENT), 0);
}

/// Encodes the record that precedes the message of a task or a result: four numbers.
pub(super) fn record(numbers: [u64; 4]) -> [u8; RECORD] {
    let mut bytes = [0; RECORD];
    for (place, number) in bytes.chunks_exact_mut(8).zip(numbers) {
        place.copy_from_slice(&number.to_ne_bytes());
    }
    bytes
}

/// Splits a record, its message and the padding off the front of `body`. The third
/// number of the record is the length of the message.
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

/// Splits the next complete frame off the front of `bytes`. Returns it with its size,
/// or the number of bytes that are needed for the next step.
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

/// The result of [`split`].
#[derive(Debug)]
pub(super) enum FrameSplit<'b> {
    /// A frame and its size in bytes.
    Frame(Frame<'b>, usize),
    /// The bytes are incomplete: this number of bytes is needed.
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
            panic!("the frame is complete");
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
            // Mostly small values, so that more than the header is parsed.
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
