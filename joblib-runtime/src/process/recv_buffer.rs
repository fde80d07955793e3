//! The received bytes, aligned, and the descriptors that came with them.

use std::collections::VecDeque;
use std::io::{self, IoSliceMut};
use std::mem::MaybeUninit;
use std::os::fd::{BorrowedFd, OwnedFd};

use rustix::net::{RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, ReturnFlags, recvmsg};

use super::frame::{self, ALIGNMENT, Frame, FrameSplit, ProtocolError};

/// Number of bytes that are read at once.
const CHUNK: usize = 256 << 10;

/// Maximum number of descriptors that wait for their frames; no valid stream exceeds
/// it.
const FDS: usize = 64;

/// A byte buffer that is aligned to [`ALIGNMENT`].
#[derive(Debug, Default)]
pub(super) struct AlignedBuf(Vec<u128>);

impl AlignedBuf {
    /// Grows the buffer to at least `len` bytes and keeps its contents.
    pub(super) fn grow(&mut self, len: usize) {
        let words = len.div_ceil(ALIGNMENT);
        if words > self.0.len() {
            self.0.resize(words, 0);
        }
    }

    pub(super) fn bytes(&self) -> &[u8] {
        bytemuck::must_cast_slice(&self.0)
    }

    pub(super) fn bytes_mut(&mut self) -> &mut [u8] {
        bytemuck::must_cast_slice_mut(&mut self.0)
    }
}

/// The result of reading from the socket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum RecvOutcome {
    /// More bytes arrived, or may have.
    Some,
    /// No bytes are available at present.
    Nothing,
    /// The other end is closed; no more bytes follow.
    End,
}

/// Bytes that arrived but were not consumed yet. A frame starts at the first byte.
#[derive(Debug, Default)]
pub(super) struct RecvBuffer {
    buffer: AlignedBuf,
    start: usize,
    end: usize,
    /// The known size of the frame at `start`.
    needs: usize,
    fds: VecDeque<OwnedFd>,
}

impl RecvBuffer {
    /// Reads once from `socket`; unless `waits`, only what is available.
    pub(super) fn receive(
        &mut self,
        socket: BorrowedFd<'_>,
        waits: bool,
    ) -> io::Result<RecvOutcome> {
        self.make_room();
        let flags = if waits {
            RecvFlags::CMSG_CLOEXEC
        } else {
            RecvFlags::CMSG_CLOEXEC | RecvFlags::DONTWAIT
        };
        let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(FDS))];
        let mut control = RecvAncillaryBuffer::new(&mut space);
        let free = &mut self.buffer.bytes_mut()[self.end..];
        let message = match recvmsg(socket, &mut [IoSliceMut::new(free)], &mut control, flags) {
            Ok(message) => message,
            Err(rustix::io::Errno::AGAIN) => return Ok(RecvOutcome::Nothing),
            Err(rustix::io::Errno::INTR) => return Ok(RecvOutcome::Some),
            Err(rustix::io::Errno::CONNRESET) => return Ok(RecvOutcome::End),
            Err(error) => return Err(error.into()),
        };
        for ancillary in control.drain() {
            if let RecvAncillaryMessage::ScmRights(fds) = ancillary {
                self.fds.extend(fds);
            }
        }
        // The descriptors did not fit, or the descriptor table of the process is full.
        if message.flags.contains(ReturnFlags::CTRUNC) || self.fds.len() > FDS {
            return Err(io::Error::other("a descriptor could not be received"));
        }
        self.end += message.bytes;
        Ok(match message.bytes {
            0 => RecvOutcome::End,
            _ => RecvOutcome::Some,
        })
    }

    /// Moves the remaining bytes to the front and makes room behind them. The room
    /// depends on the declared length of the frame, but is limited by the number of
    /// bytes that arrived.
    fn make_room(&mut self) {
        if self.start > 0 {
            self.buffer.bytes_mut().copy_within(self.start..self.end, 0);
            self.end -= self.start;
            self.start = 0;
        }
        let wanted = self.needs.min(2 * self.end);
        self.buffer
            .grow((self.end + CHUNK / 4).max(wanted).max(CHUNK));
    }

    /// Asserts that a declared length allocates no memory before the bytes arrive.
    #[cfg(feature = "fuzz")]
    pub(super) fn holds_no_more_than(&self, arrived: usize) {
        assert!(self.buffer.bytes().len() <= CHUNK + CHUNK / 4 + 2 * arrived);
    }

    /// Returns the next complete frame.
    pub(super) fn frame(&mut self) -> Result<Option<Frame<'_>>, ProtocolError> {
        let bytes = &self.buffer.bytes()[self.start..self.end];
        match frame::split(bytes, &mut self.fds)? {
            FrameSplit::Frame(frame, taken) => {
                self.start += taken;
                self.needs = 0;
                Ok(Some(frame))
            }
            FrameSplit::Needs(needs) => {
                self.needs = needs;
                Ok(None)
            }
        }
    }
}
