//! Numbers whose arrays are stored as they lie in memory, lowest byte first.

use serde::{Deserialize, Serialize};

use super::row::{Element, IsElement};
use super::sorted_keys::KeyOrder;

/// What an array consists of, as files name it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[allow(missing_docs, reason = "each is called like its type")]
#[non_exhaustive]
#[repr(u8)]
pub enum NumberKind {
    U8,
    U16,
    U32,
    U64,
    U128,
    I8,
    I16,
    I32,
    I64,
    I128,
    F16,
    BF16,
    F32,
    F64,
    Bool,
    C32,
    C64,
}

impl NumberKind {
    const ALL: [NumberKind; 17] = [
        NumberKind::U8,
        NumberKind::U16,
        NumberKind::U32,
        NumberKind::U64,
        NumberKind::U128,
        NumberKind::I8,
        NumberKind::I16,
        NumberKind::I32,
        NumberKind::I64,
        NumberKind::I128,
        NumberKind::F16,
        NumberKind::BF16,
        NumberKind::F32,
        NumberKind::F64,
        NumberKind::Bool,
        NumberKind::C32,
        NumberKind::C64,
    ];

    /// The kind that a file names by `number`.
    pub(super) fn from_number(number: u8) -> Option<NumberKind> {
        NumberKind::ALL.get(usize::from(number)).copied()
    }

    /// The bytes of one.
    pub const fn size(self) -> usize {
        match self {
            NumberKind::U8 | NumberKind::I8 | NumberKind::Bool => 1,
            NumberKind::U16 | NumberKind::I16 | NumberKind::F16 | NumberKind::BF16 => 2,
            NumberKind::U32 | NumberKind::I32 | NumberKind::F32 => 4,
            NumberKind::U64 | NumberKind::I64 | NumberKind::F64 | NumberKind::C32 => 8,
            NumberKind::U128 | NumberKind::I128 | NumberKind::C64 => 16,
        }
    }

    /// Whether a map has keys of it in the order of what they are: those that there
    /// is an order of.
    pub(super) const fn is_ordered(self) -> bool {
        !matches!(
            self,
            NumberKind::F16
                | NumberKind::BF16
                | NumberKind::F32
                | NumberKind::F64
                | NumberKind::C32
                | NumberKind::C64
        )
    }

    /// What keys of it are ordered by.
    pub(super) const fn order(self) -> KeyOrder {
        match (self.is_ordered(), self.size()) {
            (false, _) => KeyOrder::OfEncoding,
            (true, ..=8) => KeyOrder::OfRank,
            (true, _) => KeyOrder::OfBytes,
        }
    }

    /// Whether there are numbers below zero, and no others than whole ones.
    pub(super) const fn is_signed(self) -> bool {
        matches!(
            self,
            NumberKind::I8 | NumberKind::I16 | NumberKind::I32 | NumberKind::I64 | NumberKind::I128
        )
    }

    /// The bytes of a number of it, of which a complex one has two: what its bytes are
    /// swapped by on a machine that has the highest first.
    pub(super) const fn part(self) -> usize {
        match self {
            NumberKind::C32 | NumberKind::C64 => self.size() / 2,
            _ => self.size(),
        }
    }

    /// Its name in Rust.
    pub fn name(self) -> &'static str {
        match self {
            NumberKind::U8 => "u8",
            NumberKind::U16 => "u16",
            NumberKind::U32 => "u32",
            NumberKind::U64 => "u64",
            NumberKind::U128 => "u128",
            NumberKind::I8 => "i8",
            NumberKind::I16 => "i16",
            NumberKind::I32 => "i32",
            NumberKind::I64 => "i64",
            NumberKind::I128 => "i128",
            NumberKind::F16 => "f16",
            NumberKind::BF16 => "bf16",
            NumberKind::F32 => "f32",
            NumberKind::F64 => "f64",
            NumberKind::Bool => "bool",
            NumberKind::C32 => "Complex<f32>",
            NumberKind::C64 => "Complex<f64>",
        }
    }
}

/// A number whose arrays are stored as they lie in memory.
///
/// # Safety
///
/// The type has no padding, is as large as [`KIND`](Number::KIND) says and
/// aligned to 16 bytes at most. Bytes that [`are_valid`](Number::are_valid)
/// accepts are values of it.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no number that joblib writes arrays of",
    label = "`{Self}` lacks `joblib::persist::Number`",
    note = "arrays of `ndarray`, `nalgebra` and `sprs` are written if they are of integers, \
            floats, `bool`, `f16`, `bf16` or complex numbers; a `Vec` may be of anything with \
            `Persist`"
)]
pub unsafe trait Number: Copy + std::fmt::Debug + Send + Sync + 'static {
    /// What files call it.
    const KIND: NumberKind;

    /// Whether `bytes` are values, a whole number of them.
    fn are_valid(_bytes: &[u8]) -> bool {
        true
    }
}

macro_rules! numbers {
    ($($ty:ty = $kind:ident)*) => {$(
        // SAFETY: integers and floats, and pairs of floats, have no padding, are
        // as large as their name says, and every bit pattern is a value.
        unsafe impl Number for $ty {
            const KIND: NumberKind = NumberKind::$kind;
        }
    )*};
}

numbers! {
    u8 = U8
    u16 = U16
    u32 = U32
    u64 = U64
    u128 = U128
    i8 = I8
    i16 = I16
    i32 = I32
    i64 = I64
    i128 = I128
    f32 = F32
    f64 = F64
}

#[cfg(target_pointer_width = "64")]
numbers! {
    usize = U64
    isize = I64
}

#[cfg(feature = "half")]
numbers! {
    half::f16 = F16
    half::bf16 = BF16
}

#[cfg(feature = "num-complex")]
numbers! {
    num_complex::Complex<f32> = C32
    num_complex::Complex<f64> = C64
}

// SAFETY: a `bool` is one byte, 0 or 1, which is what is checked.
unsafe impl Number for bool {
    const KIND: NumberKind = NumberKind::Bool;

    fn are_valid(bytes: &[u8]) -> bool {
        bytes.iter().fold(0, |all, byte| all | byte) <= 1
    }
}

/// The bytes of `numbers`, as they lie in memory.
#[inline]
pub(super) fn bytes_of<E: Element>(numbers: &[E]) -> &[u8] {
    IsElement::new().bytes_of(numbers)
}

/// A number that stands for that one, which has eight bytes at most, and is ordered
/// as it is where there is an order: those below zero are below the others.
#[inline]
pub(super) fn rank<N: Number>(number: &N) -> u64 {
    let mut wide = [0; 8];
    let bytes = bytes_of(std::slice::from_ref(number));
    let len = bytes.len().min(wide.len());
    match cfg!(target_endian = "little") {
        true => wide[..len].copy_from_slice(&bytes[..len]),
        false => wide[8 - len..].copy_from_slice(&bytes[..len]),
    }
    u64::from_ne_bytes(wide) ^ below_zero(N::KIND)
}

/// The bytes in files of the number of that kind that has the rank; as many of the
/// first as it has.
#[inline]
pub(super) const fn of_rank(kind: NumberKind, rank: u64) -> [u8; 8] {
    (rank ^ below_zero(kind)).to_le_bytes()
}

/// The bit that tells numbers below zero from the others.
#[inline]
const fn below_zero(kind: NumberKind) -> u64 {
    match kind.is_signed() && kind.size() <= 8 {
        true => 1 << (8 * kind.size() - 1),
        false => 0,
    }
}

/// Lends bytes that are ordered as the number is: the highest first, and those of
/// numbers below zero below the others.
#[inline]
pub(super) fn order<N: Number>(number: &N, lend: &mut dyn FnMut(&[u8])) {
    let mut bytes = [0; 16];
    let bytes = &mut bytes[..size_of::<N>()];
    bytes.copy_from_slice(bytes_of(std::slice::from_ref(number)));
    if cfg!(target_endian = "little") {
        bytes.reverse();
    }
    if N::KIND.is_signed() {
        bytes[0] ^= 0x80;
    }
    lend(bytes);
}

/// Turns numbers of `kind` from the machine's order of bytes to that of files,
/// or back.
#[cfg(target_endian = "big")]
pub(super) fn swap(kind: NumberKind, bytes: &mut [u8]) {
    for number in bytes.chunks_exact_mut(kind.part()) {
        number.reverse();
    }
}

/// The machine's order of bytes is that of files.
#[cfg(target_endian = "little")]
pub(super) fn swap(_: NumberKind, _: &mut [u8]) {}
