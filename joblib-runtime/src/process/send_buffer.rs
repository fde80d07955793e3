//! A queue of frames to be written to a socket, with their descriptors.

use std::collections::VecDeque;
use std::io::{self, IoSlice};
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::sync::Arc;

use rustix::net::{SendAncillaryBuffer, SendAncillaryMessage, SendFlags, sendmsg};

use super::memfd::Memory;
use crate::guarded_fd::Guarded;

/// Maximum number of chunks that are written at once.
const GATHERED: usize = 16;

/// Complete frames, and the descriptor that accompanies the first byte.
#[derive(Debug)]
struct SendChunk {
    bytes: Arc<Vec<u8>>,
    fd: Option<Memory>,
}

/// The data that was not written yet.
#[derive(Debug, Default)]
pub(super) struct SendBuffer {
    chunks: VecDeque<SendChunk>,
    /// The number of bytes of the first chunk that were written.
    written: usize,
}

impl SendBuffer {
    pub(super) fn push(&mut self, bytes: Arc<Vec<u8>>, fd: Option<Memory>) {
        self.chunks.push_back(SendChunk { bytes, fd });
    }

    pub(super) fn is_empty(&self) -> bool {
        self.chunks.is_empty()
    }

    /// Writes as much as `socket` accepts without blocking. If the other end is gone,
    /// the data is discarded; the reader detects that.
    pub(super) fn flush(&mut self, socket: &Guarded<OwnedFd>) -> io::Result<()> {
        if self.chunks.is_empty() {
            return Ok(());
        }
        let socket = socket.get()?.as_fd();
        while !self.chunks.is_empty() {
            match self.send(socket) {
                Ok(sent) => self.advance(sent),
                Err(rustix::io::Errno::INTR) => {}
                Err(rustix::io::Errno::AGAIN) => break,
                Err(rustix::io::Errno::PIPE | rustix::io::Errno::CONNRESET) => {
                    self.chunks.clear();
                    self.written = 0;
                }
                Err(error) => return Err(error.into()),
            }
        }
        Ok(())
    }

    fn send(&self, socket: BorrowedFd<'_>) -> rustix::io::Result<usize> {
        let is_new = |place: usize| place > 0 || self.written == 0;
        let mut slices = [IoSlice::new(&[]); GATHERED];
        let mut count = 0;
        let mut fd = None;
        for (place, chunk) in self.chunks.iter().take(GATHERED).enumerate() {
            let own = chunk.fd.as_ref().filter(|_| is_new(place));
            if place > 0 && own.is_some() {
                break;
            }
            fd = fd.or(own);
            let start = if place == 0 { self.written } else { 0 };
            slices[place] = IoSlice::new(&chunk.bytes[start..]);
            count += 1;
        }
        let fd = fd
            .map(|fd| fd.get().map_err(|_| rustix::io::Errno::BADF))
            .transpose()?;
        let fds: Vec<BorrowedFd<'_>> = fd.into_iter().map(AsFd::as_fd).collect();
        send(socket, &slices[..count], &fds, SendFlags::DONTWAIT)
    }

    fn advance(&mut self, mut sent: usize) {
        while let Some(first) = self.chunks.front() {
            let left = first.bytes.len() - self.written;
            if sent < left {
                self.written += sent;
                return;
            }
            sent -= left;
            self.written = 0;
            self.chunks.pop_front();
        }
    }
}

/// Sends `slices`, with `fds` next to their first byte.
pub(super) fn send(
    socket: BorrowedFd<'_>,
    slices: &[IoSlice<'_>],
    fds: &[BorrowedFd<'_>],
    flags: SendFlags,
) -> rustix::io::Result<usize> {
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
    let mut control = SendAncillaryBuffer::new(&mut space);
    if !fds.is_empty() {
        control.push(SendAncillaryMessage::ScmRights(fds));
    }
    sendmsg(socket, slices, &mut control, flags | SendFlags::NOSIGNAL)
}

/// Sends all of `bytes`, with `fd` next to the first byte. Blocks if necessary.
pub(super) fn send_all(
    socket: BorrowedFd<'_>,
    mut bytes: &[u8],
    fd: Option<BorrowedFd<'_>>,
) -> io::Result<()> {
    let mut fds = fd.as_slice();
    while !bytes.is_empty() {
        match send(socket, &[IoSlice::new(bytes)], fds, SendFlags::empty()) {
            Ok(sent) => {
                bytes = &bytes[sent..];
                fds = &[];
            }
            Err(rustix::io::Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}
