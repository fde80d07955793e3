//! Bytes that lie where numbers of any kind can.

/// What the largest number is aligned to.
const ALIGNMENT: usize = align_of::<u128>();

/// Bytes whose first is aligned as every number is. They stay where they are.
#[derive(Debug)]
pub(super) struct AlignedBytes {
    room: Vec<u8>,
    start: usize,
}

impl AlignedBytes {
    /// The same bytes. Allocators tend to put them where they can stay.
    pub(super) fn new(bytes: Vec<u8>) -> Self {
        AlignedBytes::to(ALIGNMENT, bytes)
    }

    fn to(alignment: usize, mut room: Vec<u8>) -> Self {
        let gap = |room: &Vec<u8>| room.as_ptr().addr().wrapping_neg() % alignment;
        let mut start = gap(&room);
        if start > 0 {
            let len = room.len();
            room.reserve_exact(alignment);
            start = gap(&room);
            room.resize(len + start, 0);
            room.copy_within(..len, start);
        }
        AlignedBytes { room, start }
    }

    pub(super) fn bytes(&self) -> &[u8] {
        &self.room[self.start..]
    }

    pub(super) fn bytes_mut(&mut self) -> &mut [u8] {
        &mut self.room[self.start..]
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
                let mut aligned = AlignedBytes::to(alignment, bytes.clone());
                assert_eq!(aligned.bytes(), bytes);
                assert_eq!(aligned.bytes_mut(), bytes);
                assert_eq!(aligned.bytes().as_ptr().addr() % alignment, 0);
            }
        }
    }
}
