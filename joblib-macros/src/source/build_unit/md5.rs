//! MD5, the default hash of source files in rustc's metadata.

use std::f64::consts::TAU;

const SHIFTS: [[u32; 4]; 4] = [
    [7, 12, 17, 22],
    [5, 9, 14, 20],
    [4, 11, 16, 23],
    [6, 10, 15, 21],
];

/// Returns the digest of `bytes`.
pub(in crate::source) fn digest(bytes: &[u8]) -> [u8; 16] {
    let sines = sines();
    let mut state = [0x6745_2301, 0xefcd_ab89, 0x98ba_dcfe, 0x1032_5476];
    let (blocks, rest) = bytes.as_chunks::<64>();
    for block in blocks {
        add(&mut state, block, &sines);
    }
    let mut end = rest.to_vec();
    end.push(0x80);
    end.resize(end.len().next_multiple_of(64), 0);
    if rest.len() >= 56 {
        end.resize(128, 0);
    }
    let at = end.len() - 8;
    let bits = (bytes.len() as u64).wrapping_mul(8);
    end[at..].copy_from_slice(&bits.to_le_bytes());
    for block in end.as_chunks::<64>().0 {
        add(&mut state, block, &sines);
    }
    let mut digest = [0; 16];
    for (word, place) in state.iter().zip(digest.as_chunks_mut::<4>().0) {
        *place = word.to_le_bytes();
    }
    digest
}

/// The constants of the algorithm: `2^32 * |sin(i)|`.
fn sines() -> [u32; 64] {
    std::array::from_fn(|i| (((i + 1) as f64 % TAU).sin().abs() * 4_294_967_296.0) as u32)
}

fn add(state: &mut [u32; 4], block: &[u8; 64], sines: &[u32; 64]) {
    let mut words = [0; 16];
    for (word, bytes) in words.iter_mut().zip(block.as_chunks::<4>().0) {
        *word = u32::from_le_bytes(*bytes);
    }
    let [mut a, mut b, mut c, mut d] = *state;
    for i in 0..64 {
        let (mixed, at) = match i / 16 {
            0 => ((b & c) | (!b & d), i),
            1 => ((d & b) | (!d & c), (5 * i + 1) % 16),
            2 => (b ^ c ^ d, (3 * i + 5) % 16),
            _ => (c ^ (b | !d), (7 * i) % 16),
        };
        let sum = a
            .wrapping_add(mixed)
            .wrapping_add(sines[i])
            .wrapping_add(words[at]);
        a = d;
        d = c;
        c = b;
        b = b.wrapping_add(sum.rotate_left(SHIFTS[i / 16][i % 4]));
    }
    for (word, sum) in state.iter_mut().zip([a, b, c, d]) {
        *word = word.wrapping_add(sum);
    }
}

#[cfg(test)]
mod tests {
    fn hex(text: &str) -> String {
        let digest = super::digest(text.as_bytes());
        digest.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    #[test]
    fn digests_are_those_of_the_standard() {
        assert_eq!(hex(""), "d41d8cd98f00b204e9800998ecf8427e");
        assert_eq!(hex("abc"), "900150983cd24fb0d6963f7d28e17f72");
        assert_eq!(
            hex("12345678901234567890123456789012345678901234567890123456789012345678901234567890"),
            "57edf4a22be3c955ac49da2e2107b67a"
        );
        // From 56 bytes on the length is in a separate block.
        assert_eq!(hex(&"a".repeat(56)), "3b0c8ac703f828b04c6c197006d17218");
        assert_eq!(hex(&"a".repeat(64)), "014842d480b571495a4a0363793f7367");
    }
}
