//! The output of an encoder: a byte buffer and a shape observer.

use std::mem;

use super::ShapeObserver;

/// The bytes and the observer that an encoder writes to.
#[derive(Debug)]
pub(super) struct EncodeBuffer {
    pub(super) out: Vec<u8>,
    pub(super) watch: ShapeObserver,
}

/// A buffer that is moved out of the caller's variables. It is moved back on drop, also
/// after a panic.
pub(super) struct BorrowedBuffer<'a> {
    pub(super) buffer: EncodeBuffer,
    watch: &'a mut ShapeObserver,
    out: &'a mut Vec<u8>,
}

impl<'a> BorrowedBuffer<'a> {
    pub(super) fn new(watch: &'a mut ShapeObserver, out: &'a mut Vec<u8>) -> Self {
        let buffer = EncodeBuffer {
            out: mem::take(out),
            watch: mem::take(watch),
        };
        BorrowedBuffer { buffer, watch, out }
    }
}

impl Drop for BorrowedBuffer<'_> {
    fn drop(&mut self) {
        *self.out = mem::take(&mut self.buffer.out);
        *self.watch = mem::take(&mut self.buffer.watch);
    }
}
