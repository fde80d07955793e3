//! What a writer writes to: bytes and a watch of the caller's.

use std::mem;

use super::ShapeObserver;

/// What is written to.
#[derive(Debug)]
pub(super) struct EncodeBuffer {
    pub(super) out: Vec<u8>,
    pub(super) watch: ShapeObserver,
}

/// A page of what is the caller's, which is given back when it is dropped,
/// after a panic too.
pub(super) struct BorrowedBuffer<'a> {
    pub(super) page: EncodeBuffer,
    watch: &'a mut ShapeObserver,
    out: &'a mut Vec<u8>,
}

impl<'a> BorrowedBuffer<'a> {
    pub(super) fn new(watch: &'a mut ShapeObserver, out: &'a mut Vec<u8>) -> Self {
        let page = EncodeBuffer {
            out: mem::take(out),
            watch: mem::take(watch),
        };
        BorrowedBuffer { page, watch, out }
    }
}

impl Drop for BorrowedBuffer<'_> {
    fn drop(&mut self) {
        *self.out = mem::take(&mut self.page.out);
        *self.watch = mem::take(&mut self.page.watch);
    }
}
