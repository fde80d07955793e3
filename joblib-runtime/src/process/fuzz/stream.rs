//! Bytes that arrive through a socket, in pieces, as frames.

use std::io::{self, IoSlice};
use std::os::fd::{AsFd, OwnedFd};

use rustix::net::{AddressFamily, SendFlags, SocketFlags, SocketType, socketpair};

use super::super::frame::{Frame, ProtocolError};
use super::super::memfd;
use super::super::recv_buffer::{RecvBuffer, RecvOutcome};
use super::super::send_buffer::send;
use crate::wire::MessageWriter;

/// A descriptor goes with the first bytes.
pub(super) const WITH_FD: u8 = 1 << 7;

/// More bytes at once show nothing.
const MOST: usize = 1 << 16;

/// Hands the frames in `data` to `take` until one is refused. The first byte
/// says how the rest arrives: in pieces of up to two to the power of it, with
/// a descriptor or without.
pub(super) fn each_frame(
    data: &[u8],
    mut take: impl FnMut(Frame<'_>) -> Result<(), ProtocolError>,
) -> io::Result<()> {
    let Some((&mode, bytes)) = data.split_first() else {
        return Ok(());
    };
    let bytes = &bytes[..bytes.len().min(MOST)];
    let (ours, theirs) = socketpair(
        AddressFamily::UNIX,
        SocketType::STREAM,
        SocketFlags::CLOEXEC,
        None,
    )?;
    // Many small pieces only take time.
    let size = (1 << (mode % 16)).max(bytes.len() / 16);
    let mut fd = (mode & WITH_FD != 0).then(memory).transpose()?;
    let mut inbox = RecvBuffer::default();
    let mut arrived = 0;
    for piece in bytes.chunks(size) {
        let fds: Vec<_> = fd.iter().map(|fd| fd.as_fd()).collect();
        let flags = SendFlags::DONTWAIT;
        arrived += send(ours.as_fd(), &[IoSlice::new(piece)], &fds, flags)?;
        fd = None;
        while inbox.receive(theirs.as_fd(), false)? == RecvOutcome::Some {
            while let Some(frame) = inbox.frame()? {
                take(frame)?;
            }
            inbox.holds_no_more_than(arrived);
        }
    }
    Ok(())
}

/// Sealed memory, as large messages lie in.
pub(super) fn memory() -> io::Result<OwnedFd> {
    let mut message = MessageWriter::new();
    message.numbers(&[7_u64; 512]);
    memfd::filled(&message)
}
