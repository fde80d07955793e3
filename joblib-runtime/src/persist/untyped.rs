//! Numbers and array shapes that are read without a Rust type, as the schema of a file
//! describes them.

use super::error::{Error, ErrorKind};
use super::number::NumberKind;
use super::reader::BodyReader;
use super::schema::Rank;
use super::widen;
use super::writer::BodyWriter;

/// The shape of an array, and the memory order of its numbers: 0 if the last dimension
/// is contiguous, 1 if the first is.
pub(super) struct ArrayShape {
    pub(super) dimensions: Vec<u64>,
    pub(super) order: u8,
}

/// Returns the prefix of a message about `field`, which is empty for the value itself.
pub(super) fn message_prefix(field: &str) -> String {
    match field {
        "" => String::new(),
        field => format!("field `{field}`: "),
    }
}

/// Whether the two orders differ for an array of these dimensions. If they do not, the
/// order must be 0, so that a value has one encoding.
pub(super) fn has_orders(dimensions: impl Iterator<Item = u64>) -> bool {
    let mut longer = 0;
    for len in dimensions {
        match len {
            0 => return false,
            1 => {}
            _ => longer += 1,
        }
    }
    longer > 1
}

/// A single number of any kind.
pub(super) enum AnyNumber {
    Natural(u128),
    Signed(i128),
    Float(f64),
    Single(f32),
    /// The bytes of a half-precision or complex number.
    Bytes(NumberKind, Vec<u8>),
    Bool(bool),
}

impl AnyNumber {
    pub(super) fn read(kind: NumberKind, reader: &mut BodyReader<'_>) -> Result<AnyNumber, Error> {
        let narrow = |is_narrow: bool| match is_narrow {
            true => Ok(()),
            false => Err(Error::damaged_body(format!(
                "a number is not a valid {}",
                kind.name()
            ))),
        };
        let bits = 8 * kind.size() as u32;
        Ok(match kind {
            NumberKind::U8 => AnyNumber::Natural(reader.raw::<1>()?[0].into()),
            NumberKind::I8 => AnyNumber::Signed((reader.raw::<1>()?[0] as i8).into()),
            NumberKind::U16 | NumberKind::U32 | NumberKind::U64 => {
                let number = reader.varint()?;
                narrow(bits == 64 || number >> bits == 0)?;
                AnyNumber::Natural(number.into())
            }
            NumberKind::I16 | NumberKind::I32 | NumberKind::I64 => {
                let number = reader.signed()?;
                let most = i64::MAX >> (64 - bits);
                narrow((-most - 1..=most).contains(&number))?;
                AnyNumber::Signed(number.into())
            }
            NumberKind::U128 => AnyNumber::Natural(reader.wide()?),
            NumberKind::I128 => AnyNumber::Signed(reader.wide_signed()?),
            NumberKind::F32 => AnyNumber::Single(f32::from_le_bytes(reader.raw()?)),
            NumberKind::F64 => AnyNumber::Float(f64::from_le_bytes(reader.raw()?)),
            NumberKind::Bool => AnyNumber::Bool(reader.flag()?),
            NumberKind::F16 | NumberKind::BF16 | NumberKind::C32 | NumberKind::C64 => {
                AnyNumber::Bytes(kind, reader.take(kind.size())?.to_vec())
            }
        })
    }

    /// Reads a number from its bytes in an array.
    pub(super) fn read_fixed(
        kind: NumberKind,
        reader: &mut BodyReader<'_>,
    ) -> Result<AnyNumber, Error> {
        let bytes = reader.take(kind.size())?;
        let mut wide = [0; 16];
        if kind.is_signed() && bytes[bytes.len() - 1] >= 0x80 {
            wide = [0xff; 16];
        }
        wide[..bytes.len()].copy_from_slice(bytes);
        Ok(match kind {
            NumberKind::U8
            | NumberKind::U16
            | NumberKind::U32
            | NumberKind::U64
            | NumberKind::U128 => AnyNumber::Natural(u128::from_le_bytes(wide)),
            NumberKind::I8
            | NumberKind::I16
            | NumberKind::I32
            | NumberKind::I64
            | NumberKind::I128 => AnyNumber::Signed(i128::from_le_bytes(wide)),
            NumberKind::F32 => AnyNumber::Single(f32::from_bits(u128::from_le_bytes(wide) as u32)),
            NumberKind::F64 => AnyNumber::Float(f64::from_bits(u128::from_le_bytes(wide) as u64)),
            NumberKind::Bool => match wide[0] {
                0 => AnyNumber::Bool(false),
                1 => AnyNumber::Bool(true),
                byte => {
                    return Err(Error::damaged_body(format!(
                        "invalid bool byte {byte:#04x}"
                    )));
                }
            },
            NumberKind::F16 | NumberKind::BF16 | NumberKind::C32 | NumberKind::C64 => {
                AnyNumber::Bytes(kind, wide[..kind.size()].to_vec())
            }
        })
    }

    /// Writes the number as in an array of `kind`.
    pub(super) fn write_fixed(
        self,
        kind: NumberKind,
        writer: &mut BodyWriter<'_, '_>,
    ) -> Result<(), Error> {
        let whole = match self {
            AnyNumber::Natural(number) => number.to_le_bytes(),
            AnyNumber::Signed(number) => number.to_le_bytes(),
            // The other kinds have the same bytes in arrays as elsewhere.
            other => return other.write(kind, writer),
        };
        writer.raw(&whole[..kind.size()]);
        Ok(())
    }

    pub(super) fn write(
        self,
        kind: NumberKind,
        writer: &mut BodyWriter<'_, '_>,
    ) -> Result<(), Error> {
        match self {
            AnyNumber::Natural(number) => match kind {
                NumberKind::U8 => writer.raw(&[number as u8]),
                NumberKind::U128 => writer.wide(number),
                NumberKind::I128 => writer.wide_signed(number as i128),
                NumberKind::I8 | NumberKind::I16 | NumberKind::I32 | NumberKind::I64 => {
                    writer.signed(number as i64)
                }
                _ => writer.varint(number as u64),
            },
            AnyNumber::Signed(number) => match kind {
                NumberKind::I8 => writer.raw(&[number as u8]),
                NumberKind::I128 => writer.wide_signed(number),
                _ => writer.signed(number as i64),
            },
            AnyNumber::Float(number) => writer.raw(&number.to_le_bytes()),
            AnyNumber::Single(number) => match kind {
                NumberKind::F64 => writer.raw(&f64::from(number).to_le_bytes()),
                _ => writer.raw(&number.to_le_bytes()),
            },
            AnyNumber::Bytes(from, bytes) => writer.raw(&widen::widened(from, kind, &bytes)?),
            AnyNumber::Bool(value) => writer.raw(&[value.into()]),
        }
        Ok(())
    }
}

impl ArrayShape {
    pub(super) fn read(rank: Rank, reader: &mut BodyReader<'_>) -> Result<ArrayShape, Error> {
        let count = match rank {
            Rank::Flat => 1,
            Rank::Fixed(count) => count as usize,
            Rank::Any => reader.length()?,
        };
        if count > reader.total() as usize {
            return Err(Error::damaged_body(
                "unexpected end in the shape of an array",
            ));
        }
        let dimensions: Vec<u64> = (0..count)
            .map(|_| reader.varint())
            .collect::<Result<_, _>>()?;
        let order = match rank {
            Rank::Flat => 0,
            Rank::Fixed(_) | Rank::Any => reader.flag()?.into(),
        };
        if order == 1 && !has_orders(dimensions.iter().copied()) {
            return Err(Error::damaged_body(
                "an array states an order, although all orders are equal",
            ));
        }
        Ok(ArrayShape { dimensions, order })
    }

    /// Returns how many numbers it has. The non-zero dimensions alone must not exceed the
    /// address space either.
    pub(super) fn numbers(&self) -> Result<usize, Error> {
        let longest = self
            .dimensions
            .iter()
            .filter(|it| **it != 0)
            .try_fold(1u64, |product, it| product.checked_mul(*it))
            .and_then(|count| isize::try_from(count).ok())
            .ok_or_else(|| Error::damaged_body("an array exceeds the address space"))?;
        match self.dimensions.contains(&0) {
            true => Ok(0),
            false => Ok(longest as usize),
        }
    }

    /// Returns the length of its first dimension.
    pub(super) fn rows(&self) -> Result<usize, Error> {
        self.numbers()?;
        usize::try_from(self.dimensions[0])
            .map_err(|_| Error::damaged_body("an array exceeds the address space"))
    }

    /// Converts the bytes of its numbers, each of `size`, from column-major to row-major
    /// order.
    pub(super) fn to_row_major(&self, size: usize, bytes: &[u8]) -> Result<Vec<u8>, Error> {
        let mut row_major = Vec::new();
        let no_memory = |_| ErrorKind::OutOfMemory {
            bytes: bytes.len() as u64,
        };
        row_major
            .try_reserve_exact(bytes.len())
            .map_err(no_memory)?;
        let mut steps = Vec::with_capacity(self.dimensions.len());
        let mut step = size;
        for len in &self.dimensions {
            steps.push(step);
            step *= *len as usize;
        }
        let mut indices = vec![0; self.dimensions.len()];
        let mut at = 0;
        while row_major.len() < bytes.len() {
            row_major.extend_from_slice(&bytes[at..at + size]);
            for axis in (0..indices.len()).rev() {
                indices[axis] += 1;
                at += steps[axis];
                if indices[axis] < self.dimensions[axis] {
                    break;
                }
                at -= indices[axis] as usize * steps[axis];
                indices[axis] = 0;
            }
        }
        Ok(row_major)
    }

    /// Writes the shape of the array in `field`.
    pub(super) fn write(
        &self,
        field: &str,
        rank: Rank,
        writer: &mut BodyWriter<'_, '_>,
    ) -> Result<(), Error> {
        let wanted = match rank {
            Rank::Flat => 1,
            Rank::Fixed(count) => count as usize,
            Rank::Any => {
                writer.length(self.dimensions.len());
                self.dimensions.len()
            }
        };
        if wanted != self.dimensions.len() {
            let has = self.dimensions.len();
            let place = message_prefix(field);
            let message = format!(
                "{place}the file has an array with {has} dimensions, {wanted} were expected; use an \
                 array with any number of dimensions, such as `ArrayD`"
            );
            return Err(ErrorKind::Value(message).into());
        }
        self.dimensions.iter().for_each(|it| writer.varint(*it));
        if rank != Rank::Flat {
            writer.raw(&[self.order]);
        }
        Ok(())
    }

    pub(super) fn bytes(&self, kind: NumberKind) -> Result<u64, Error> {
        let numbers = self
            .dimensions
            .iter()
            .try_fold(1u64, |product, it| product.checked_mul(*it));
        numbers
            .and_then(|count| count.checked_mul(kind.size() as u64))
            .ok_or_else(|| Error::damaged_body("an array exceeds the address space"))
    }
}
