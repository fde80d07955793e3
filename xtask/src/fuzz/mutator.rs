//! Mutates valid bytes so that they are almost valid.

use crate::random::Random;

/// Edge cases of lengths and counts.
const EDGES: [u64; 10] = [
    0,
    1,
    15,
    16,
    255,
    1 << 20,
    1 << 32,
    u64::MAX / 16,
    i64::MAX as u64,
    u64::MAX,
];

/// The maximal length of an input.
const LONGEST: usize = 8 << 10;

/// An endless sequence of mutated seeds.
pub(crate) struct Mutator<'s> {
    seeds: &'s [Vec<u8>],
    random: Random,
}

impl<'s> Mutator<'s> {
    pub(crate) fn new(seeds: &'s [Vec<u8>], random: Random) -> Mutator<'s> {
        Mutator { seeds, random }
    }

    /// Returns a seed with up to six mutations.
    pub(crate) fn next(&mut self) -> Vec<u8> {
        let mut bytes = self.seed().to_vec();
        for _ in 0..=self.random.below(6) {
            self.change(&mut bytes);
        }
        bytes.truncate(LONGEST);
        bytes
    }

    fn seed(&mut self) -> &'s [u8] {
        &self.seeds[self.random.below(self.seeds.len())]
    }

    fn change(&mut self, bytes: &mut Vec<u8>) {
        let at = self.random.below(bytes.len() + 1);
        match self.random.below(7) {
            0 => bytes.truncate(at),
            1 => bytes
                .splice(at..at, [self.random.below(256) as u8; 3])
                .for_each(drop),
            2 => self.repeat(at, bytes),
            3 => {
                let seed = self.seed();
                let from = self.random.below(seed.len() + 1);
                bytes.truncate(at);
                bytes.extend_from_slice(&seed[from..]);
            }
            4 => self.number(at, bytes),
            _ => {
                if let Some(byte) = bytes.get_mut(at) {
                    *byte ^= 1 << self.random.below(8);
                }
            }
        }
    }

    /// Repeats a part of the bytes at `at`.
    fn repeat(&mut self, at: usize, bytes: &mut Vec<u8>) {
        let from = self.random.below(at + 1);
        let part = bytes[from..at].to_vec();
        bytes.splice(at..at, part).for_each(drop);
    }

    /// Overwrites bytes with a number, mostly at an aligned offset.
    fn number(&mut self, at: usize, bytes: &mut [u8]) {
        let at = if self.random.below(4) == 0 {
            at
        } else {
            at / 8 * 8 + 1
        };
        let number = EDGES[self.random.below(EDGES.len())].to_le_bytes();
        let width = [1, 2, 4, 8][self.random.below(4)];
        let place = bytes.iter_mut().skip(at).zip(&number[..width]);
        place.for_each(|(byte, new)| *byte = *new);
    }
}
