//! Bytes that lie where numbers of any kind can.

/// Bytes whose first is aligned to 16.
#[derive(Debug)]
pub(super) struct Aligned {
    words: Vec<u128>,
    len: usize,
}

impl Aligned {
    pub(super) fn new(bytes: &[u8]) -> Self {
        let mut words = vec![0; bytes.len().div_ceil(size_of::<u128>())];
        let start = words.as_mut_ptr().cast::<u8>();
        // SAFETY: the words are at least as many bytes, and nobody else's.
        unsafe { start.copy_from_nonoverlapping(bytes.as_ptr(), bytes.len()) };
        Aligned {
            words,
            len: bytes.len(),
        }
    }

    pub(super) fn bytes(&self) -> &[u8] {
        // SAFETY: a `u128` has no padding, `u8` no alignment, and there are at
        // least so many bytes.
        unsafe { std::slice::from_raw_parts(self.words.as_ptr().cast(), self.len) }
    }

    pub(super) fn bytes_mut(&mut self) -> &mut [u8] {
        // SAFETY: as above, and every pattern of bytes is a `u128`.
        unsafe { std::slice::from_raw_parts_mut(self.words.as_mut_ptr().cast(), self.len) }
    }
}
