//! Sends bytes through a socket in chunks and decodes them as frames.

use std::io::{self, IoSlice};
use std::os::fd::{AsFd, OwnedFd};

use rustix::net::{AddressFamily, SendFlags, SocketFlags, SocketType, socketpair};

use crate::process::frame::{Frame, ProtocolError};
use crate::process::memfd;
use crate::process::recv_buffer::{RecvBuffer, RecvOutcome};
use crate::process::send_buffer::send;
use crate::wire::MessageWriter;

/// Flag in the mode byte: a descriptor accompanies the first bytes.
pub(super) const WITH_FD: u8 = 1 << 7;

/// Maximum length of the input; more bytes reveal nothing new.
const MOST: usize = 1 << 16;

/// Passes the frames in `data` to `take` until one is rejected. The first byte is the
/// mode of the transfer: the logarithm of the chunk size, and whether a descriptor is
/// sent.
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
    // Many small chunks only take time.
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

/// Returns a sealed memory file, as used for large messages.
pub(super) fn memory() -> io::Result<OwnedFd> {
    let mut message = MessageWriter::new();
    message.numbers(&[7_u64; 512]);
    memfd::create(&message)
}
