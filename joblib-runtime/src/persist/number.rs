//! Element types whose arrays are stored as in memory, in little-endian byte order.

use std::any::TypeId;

use bytemuck::{CheckedBitPattern, NoUninit};
use serde::{Deserialize, Serialize};

use super::sorted_keys::KeyOrder;

/// The element type of an array, as stored in files.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[allow(missing_docs, reason = "each has the name of its type")]
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

    /// Returns the kind with this number in files.
    pub(super) fn from_number(number: u8) -> Option<NumberKind> {
        NumberKind::ALL.get(usize::from(number)).copied()
    }

    /// Returns the size of an element in bytes.
    pub const fn size(self) -> usize {
        match self {
            NumberKind::U8 | NumberKind::I8 | NumberKind::Bool => 1,
            NumberKind::U16 | NumberKind::I16 | NumberKind::F16 | NumberKind::BF16 => 2,
            NumberKind::U32 | NumberKind::I32 | NumberKind::F32 => 4,
            NumberKind::U64 | NumberKind::I64 | NumberKind::F64 | NumberKind::C32 => 8,
            NumberKind::U128 | NumberKind::I128 | NumberKind::C64 => 16,
        }
    }

    /// Whether maps with keys of this kind are sorted by value: the kind has a total
    /// order.
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

    /// Returns how keys of this kind are sorted.
    pub(super) const fn order(self) -> KeyOrder {
        match (self.is_ordered(), self.size()) {
            (false, _) => KeyOrder::OfEncoding,
            (true, ..=8) => KeyOrder::OfRank,
            (true, _) => KeyOrder::OfBytes,
        }
    }

    /// Whether it is a signed integer.
    pub(super) const fn is_signed(self) -> bool {
        matches!(
            self,
            NumberKind::I8 | NumberKind::I16 | NumberKind::I32 | NumberKind::I64 | NumberKind::I128
        )
    }

    /// Returns the size of the unit whose bytes are swapped on big-endian machines: half
    /// the size for complex numbers.
    pub(super) const fn part(self) -> usize {
        match self {
            NumberKind::C32 | NumberKind::C64 => self.size() / 2,
            _ => self.size(),
        }
    }

    /// Returns its name in Rust.
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

/// A number type whose arrays are stored as in memory.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a number type whose arrays joblib supports",
    label = "the trait `joblib::persist::Number` is not implemented for `{Self}`",
    note = "arrays of `ndarray`, `nalgebra` and `sprs` are supported for integers, floats, `bool`, \
            `f16`, `bf16` and complex numbers; a `Vec` can contain any type that implements \
            `Persist`"
)]
pub trait Number: NoUninit + CheckedBitPattern + std::fmt::Debug + Send + Sync {
    /// The kind that files have for the type, which has its size.
    const KIND: NumberKind;
}

/// Checks that the size of a number type is that of its kind. This compiles:
///
/// ```
/// # use joblib_runtime::{persist, wire};
/// use persist::{Number, NumberKind};
/// use wire::{Pod, Shared};
///
/// #[derive(Clone, Copy, Debug)]
/// #[repr(transparent)]
/// struct Meters(f64);
///
/// // SAFETY: it has the layout of a `f64`.
/// unsafe impl bytemuck::Zeroable for Meters {}
/// // SAFETY: as above.
/// unsafe impl bytemuck::Pod for Meters {}
/// impl Pod for Meters {}
/// impl Number for Meters {
///     const KIND: NumberKind = NumberKind::F64;
/// }
///
/// assert!(persist::load::<Shared<Meters>>("none").is_err());
/// assert!(persist::open::<Shared<Meters>>("none").is_err());
/// ```
///
/// With another kind it does not:
///
/// ```compile_fail,E0080
/// # use joblib_runtime::{persist, wire};
/// use persist::{Number, NumberKind};
/// use wire::{Pod, Shared};
///
/// #[derive(Clone, Copy, Debug)]
/// #[repr(transparent)]
/// struct Meters(f64);
///
/// // SAFETY: it has the layout of a `f64`.
/// unsafe impl bytemuck::Zeroable for Meters {}
/// // SAFETY: as above.
/// unsafe impl bytemuck::Pod for Meters {}
/// impl Pod for Meters {}
/// impl Number for Meters {
///     const KIND: NumberKind = NumberKind::U128;
/// }
///
/// assert!(persist::open::<Shared<Meters>>("none").is_err());
/// ```
#[cfg(doctest)]
struct SizeOfKind;

macro_rules! numbers {
    ($($ty:ty = $kind:ident)*) => {$(
        impl Number for $ty {
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
    bool = Bool
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

/// Whether `bytes` are valid numbers.
#[inline]
pub(super) fn are_valid<N: Number>(bytes: &[u8]) -> bool {
    // A type whose bits are the type itself has no invalid ones. Others are all checked,
    // without an early exit, so that the loop is vectorized.
    let is_valid = |number| from_bytes::<N>(number).is_some();
    let numbers = bytes.chunks_exact(size_of::<N>());
    TypeId::of::<N>() == TypeId::of::<N::Bits>()
        || numbers.fold(true, |so_far, number| so_far & is_valid(number))
}

/// Returns the number with these bytes, which need not be aligned, if they are valid.
#[inline]
pub(super) fn from_bytes<N: Number>(bytes: &[u8]) -> Option<N> {
    bytemuck::checked::try_pod_read_unaligned(bytes).ok()
}

/// Returns the rank of a number of at most eight bytes: a `u64` that identifies it and,
/// for integers, has the same order.
#[inline]
pub(super) fn rank<N: Number>(number: &N) -> u64 {
    let mut wide = [0; 8];
    let bytes = bytemuck::bytes_of(number);
    let len = bytes.len().min(wide.len());
    match cfg!(target_endian = "little") {
        true => wide[..len].copy_from_slice(&bytes[..len]),
        false => wide[8 - len..].copy_from_slice(&bytes[..len]),
    }
    u64::from_ne_bytes(wide) ^ sign_bit(N::KIND)
}

/// Returns the bytes in files of the number with this rank. Only the first
/// [`size`](NumberKind::size) bytes count.
#[inline]
pub(super) const fn of_rank(kind: NumberKind, rank: u64) -> [u8; 8] {
    (rank ^ sign_bit(kind)).to_le_bytes()
}

/// Returns the sign bit of signed integers. Flipping it makes the unsigned order the
/// signed order.
#[inline]
const fn sign_bit(kind: NumberKind) -> u64 {
    match kind.is_signed() && kind.size() <= 8 {
        true => 1 << (8 * kind.size() - 1),
        false => 0,
    }
}

/// Passes `lend` bytes whose lexicographic order is that of the numbers: big-endian,
/// with the sign bit flipped.
#[inline]
pub(super) fn order<N: Number>(number: &N, lend: &mut dyn FnMut(&[u8])) {
    let mut bytes = [0; 16];
    let bytes = &mut bytes[..size_of::<N>()];
    bytes.copy_from_slice(bytemuck::bytes_of(number));
    if cfg!(target_endian = "little") {
        bytes.reverse();
    }
    if N::KIND.is_signed() {
        bytes[0] ^= 0x80;
    }
    lend(bytes);
}

/// Converts numbers of `kind` between the byte order of this machine and that of files.
#[cfg(target_endian = "big")]
pub(super) fn swap(kind: NumberKind, bytes: &mut [u8]) {
    for number in bytes.chunks_exact_mut(kind.part()) {
        number.reverse();
    }
}

/// Does nothing, as this machine has the byte order of files.
#[cfg(target_endian = "little")]
pub(super) fn swap(_: NumberKind, _: &mut [u8]) {}
