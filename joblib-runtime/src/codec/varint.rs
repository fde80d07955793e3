//! Varints of up to nineteen bytes: seven bits per byte, lowest first, in exactly one
//! form. Signed numbers are zigzag encoded: 0, -1, 1, -2, … .

use super::DecodeError;

pub(crate) fn zigzag(number: i64) -> u64 {
    ((number << 1) ^ (number >> 63)) as u64
}

pub(crate) fn unzigzag(number: u64) -> i64 {
    (number >> 1) as i64 ^ -((number & 1) as i64)
}

pub(crate) fn zigzag_wide(number: i128) -> u128 {
    ((number << 1) ^ (number >> 127)) as u128
}

pub(crate) fn unzigzag_wide(number: u128) -> i128 {
    (number >> 1) as i128 ^ -((number & 1) as i128)
}

macro_rules! width {
    ($type:ty, $write:ident, $read:ident) => {
        #[inline]
        pub(crate) fn $write(mut number: $type, out: &mut Vec<u8>) {
            while number >= 0x80 {
                out.push(number as u8 | 0x80);
                number >>= 7;
            }
            out.push(number as u8);
        }

        /// Decodes a number from the front of the bytes.
        #[inline]
        pub(crate) fn $read(bytes: &mut &[u8]) -> Result<$type, DecodeError> {
            let mut number = 0;
            for shift in (0..<$type>::BITS).step_by(7) {
                // `ok_or` would construct and drop an error for each byte.
                let Some((&byte, rest)) = bytes.split_first() else {
                    return Err(DecodeError::Truncated);
                };
                *bytes = rest;
                let part = <$type>::from(byte & 0x7f);
                let shifted = part << shift;
                let overlong = byte == 0 && shift > 0;
                if overlong || shifted >> shift != part {
                    return Err(DecodeError::Varint);
                }
                number |= shifted;
                if byte < 0x80 {
                    return Ok(number);
                }
            }
            Err(DecodeError::Varint)
        }
    };
}

width!(u64, write, read);
width!(u128, write_wide, read_wide);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_number_has_one_form() {
        for number in (0..128).flat_map(|bit| [1u128 << bit, (1 << bit) - 1, !0 >> bit]) {
            let mut out = Vec::new();
            write_wide(number, &mut out);
            assert_eq!(read_wide(&mut &out[..]), Ok(number));
            let narrow = u64::try_from(number).map_err(|_| DecodeError::Varint);
            assert_eq!(read(&mut &out[..]), narrow);
            *out.last_mut().unwrap() |= 0x80;
            out.push(0);
            assert_eq!(read_wide(&mut &out[..]), Err(DecodeError::Varint));
        }
    }

    #[test]
    fn signed_numbers_come_back() {
        for number in [0, -1, 1, i64::MIN, i64::MAX] {
            assert_eq!(unzigzag(zigzag(number)), number);
        }
        for number in [0, -1, 1, i128::MIN, i128::MAX] {
            assert_eq!(unzigzag_wide(zigzag_wide(number)), number);
        }
    }
}
