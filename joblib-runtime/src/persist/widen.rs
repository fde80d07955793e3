//! Lossless conversion of numbers to a wider kind.

use super::error::{Error, ErrorKind};
use super::number::NumberKind;

/// Whether every number of kind `from` can be represented as one of kind `to`.
pub(super) fn fits(from: NumberKind, to: NumberKind) -> bool {
    use NumberKind::{BF16, Bool, C32, C64, F16, F32, F64};
    match (from, to) {
        (F16 | BF16, F32 | F64) | (F32, F64) | (C32, C64) => true,
        (F16 | BF16 | F32 | F64 | Bool | C32 | C64, _)
        | (_, F16 | BF16 | F32 | F64 | Bool | C32 | C64) => false,
        (from, to) => from.size() < to.size() && (to.is_signed() || !from.is_signed()),
    }
}

/// Converts the numbers in `bytes` from kind `from` to kind `to`.
pub(super) fn widened(from: NumberKind, to: NumberKind, bytes: &[u8]) -> Result<Vec<u8>, Error> {
    if from == to {
        return Ok(bytes.to_owned());
    }
    if !fits(from, to) {
        let why = format!("{} cannot be widened to {}", from.name(), to.name());
        return Err(Error::damaged("an array", why));
    }
    let count = bytes.len() / from.size();
    let len = count.saturating_mul(to.size());
    let mut out = Vec::new();
    let no_memory = |_| ErrorKind::OutOfMemory { bytes: len as u64 };
    out.try_reserve_exact(len).map_err(no_memory)?;
    for number in bytes.chunks_exact(from.size()) {
        widen_number(from, to, number, &mut out);
    }
    Ok(out)
}

fn widen_number(from: NumberKind, to: NumberKind, number: &[u8], out: &mut Vec<u8>) {
    match (from, to) {
        (NumberKind::C32, _) => {
            for part in number.chunks_exact(4) {
                widen_number(NumberKind::F32, NumberKind::F64, part, out);
            }
        }
        (NumberKind::F16 | NumberKind::BF16 | NumberKind::F32, _) => {
            let single = match from {
                NumberKind::F16 => half(u16::from_le_bytes([number[0], number[1]])),
                NumberKind::BF16 => {
                    f32::from_bits(u32::from(number[1]) << 24 | u32::from(number[0]) << 16)
                }
                _ => f32::from_le_bytes([number[0], number[1], number[2], number[3]]),
            };
            match to {
                NumberKind::F32 => out.extend_from_slice(&single.to_le_bytes()),
                _ => out.extend_from_slice(&f64::from(single).to_le_bytes()),
            }
        }
        _ => {
            let is_negative = from.is_signed() && number[number.len() - 1] >= 0x80;
            let filler = if is_negative { 0xff } else { 0 };
            out.extend_from_slice(number);
            out.resize(out.len() + to.size() - from.size(), filler);
        }
    }
}

/// Converts an IEEE 754 half-precision number to single precision.
fn half(bits: u16) -> f32 {
    let sign = u32::from(bits >> 15) << 31;
    let exponent = u32::from(bits >> 10 & 0x1f);
    let fraction = u32::from(bits & 0x3ff);
    let magnitude = match exponent {
        // Subnormal: the fraction is in units of 2^-24.
        0 => (fraction as f32 * f32::from_bits(0x3380_0000)).to_bits(),
        0x1f => 0x7f80_0000 | fraction << 13,
        _ => (exponent + 112) << 23 | fraction << 13,
    };
    f32::from_bits(sign | magnitude)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_half_is_the_same_number() {
        assert_eq!(half(0x3c00), 1.0);
        assert_eq!(half(0xc000), -2.0);
        assert_eq!(half(0x7bff), 65504.0);
        assert_eq!(half(0x0001), 2f32.powi(-24));
        assert_eq!(half(0x03ff), 1023.0 * 2f32.powi(-24));
        assert_eq!(half(0x8000).to_bits(), (-0.0f32).to_bits());
        assert_eq!(half(0x7c00), f32::INFINITY);
        assert!(half(0x7e00).is_nan());
    }

    #[test]
    fn integers_keep_their_sign() {
        let widened = widened(NumberKind::I8, NumberKind::I32, &[0xff, 0x7f, 0x80]).unwrap();
        let numbers: Vec<i32> = widened
            .chunks_exact(4)
            .map(|it| i32::from_le_bytes(it.try_into().unwrap()))
            .collect();
        assert_eq!(numbers, [-1, 127, -128]);
        assert!(!fits(NumberKind::I8, NumberKind::U16) && fits(NumberKind::U8, NumberKind::I16));
        assert!(!fits(NumberKind::U32, NumberKind::I32) && !fits(NumberKind::U64, NumberKind::F64));
        assert!(!fits(NumberKind::U8, NumberKind::Bool) && !fits(NumberKind::F64, NumberKind::F32));
    }

    #[test]
    fn floats_become_wider() {
        let bytes: Vec<u8> = [1.5f32, f32::MIN_POSITIVE, -0.0]
            .iter()
            .flat_map(|it| it.to_le_bytes())
            .collect();
        let wide = widened(NumberKind::F32, NumberKind::F64, &bytes).unwrap();
        assert_eq!(wide[..8], 1.5f64.to_le_bytes());
        assert_eq!(wide[16..], (-0.0f64).to_le_bytes());
        assert_eq!(
            widened(NumberKind::C32, NumberKind::C64, &bytes[..8])
                .unwrap()
                .len(),
            16
        );
    }
}
