//! What a writer writes to: bytes and a watch of the caller's.

use std::mem;

use super::Watch;

/// What is written to.
#[derive(Debug)]
pub(super) struct Page {
    pub(super) out: Vec<u8>,
    pub(super) watch: Watch,
}

/// A page of what is the caller's, which is given back when it is dropped,
/// after a panic too.
pub(super) struct Lent<'a> {
    pub(super) page: Page,
    watch: &'a mut Watch,
    out: &'a mut Vec<u8>,
}

impl<'a> Lent<'a> {
    pub(super) fn new(watch: &'a mut Watch, out: &'a mut Vec<u8>) -> Self {
        let page = Page {
            out: mem::take(out),
            watch: mem::take(watch),
        };
        Lent { page, watch, out }
    }
}

impl Drop for Lent<'_> {
    fn drop(&mut self) {
        *self.out = mem::take(&mut self.page.out);
        *self.watch = mem::take(&mut self.page.watch);
    }
}
