//! Byte buffers that are aligned for numbers of every kind.

/// The alignment of the largest number type.
const ALIGNMENT: usize = align_of::<u128>();

/// A byte buffer whose start is aligned for every number type. Its address does not
/// change.
#[derive(Debug)]
pub(super) struct AlignedBytes {
    buffer: Vec<u8>,
    start: usize,
}

impl AlignedBytes {
    /// Aligns `bytes`. Most allocators return aligned memory, in which case nothing is
    /// copied.
    pub(super) fn new(bytes: Vec<u8>) -> Self {
        AlignedBytes::aligned_to(ALIGNMENT, bytes)
    }

    fn aligned_to(alignment: usize, mut buffer: Vec<u8>) -> Self {
        let gap = |buffer: &Vec<u8>| buffer.as_ptr().addr().wrapping_neg() % alignment;
        let mut start = gap(&buffer);
        if start > 0 {
            let len = buffer.len();
            buffer.reserve_exact(alignment);
            start = gap(&buffer);
            buffer.resize(len + start, 0);
            buffer.copy_within(..len, start);
        }
        AlignedBytes { buffer, start }
    }

    pub(super) fn bytes(&self) -> &[u8] {
        &self.buffer[self.start..]
    }

    pub(super) fn bytes_mut(&mut self) -> &mut [u8] {
        &mut self.buffer[self.start..]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_the_same_and_aligned_whatever_their_number() {
        for alignment in [1, ALIGNMENT, 4096, 1 << 20] {
            for len in 0..100 {
                let bytes: Vec<u8> = (0..len).collect();
                let mut aligned = AlignedBytes::aligned_to(alignment, bytes.clone());
                assert_eq!(aligned.bytes(), bytes);
                assert_eq!(aligned.bytes_mut(), bytes);
                assert_eq!(aligned.bytes().as_ptr().addr() % alignment, 0);
            }
        }
    }
}
