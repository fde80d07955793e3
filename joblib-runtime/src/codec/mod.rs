//! Converts results to bytes and back: an encoding, then compression. Another encoding
//! can be added behind this module.
//!
//! The encoding is postcard's wire format, decoded strictly: trailing bytes, overlong
//! varints, nesting deeper than [`MAX_DEPTH`] and lengths beyond the input are errors.
//! postcard's own decoder accepts all of these, the last if the elements take no bytes. A
//! wrapper could detect only the first, so this module has its own encoder and decoder.

mod compress;
mod decode;
mod described;
mod encode;
mod encode_buffer;
mod encoding_choice;
mod error;
#[cfg(feature = "fuzz")]
pub(crate) mod fuzz;
mod seq_serializer;
mod shape_observer;
#[cfg(test)]
mod tests;
pub(crate) mod varint;

pub use self::compress::{DESCRIBED, ResultCompression, compress, decompress, encoding_of};
pub use self::decode::{Decoder as Deserializer, decode, decode_with};
pub use self::described::{
    Describe, DescribedReader, DescribedWriter, Purpose, Reread, decode_described, decode_part,
    decode_part_with, describe, describe_part, describe_with,
};
pub use self::encode::{Encoder as Serializer, encode, encode_watched};
pub(crate) use self::encoding_choice::{decode_chosen, encode_chosen};
pub use self::error::{DecodeError, EncodeError};
pub use self::shape_observer::{Seen, ShapeObserver};

/// The maximum nesting of values. A struct, a sequence, a variant and a present option
/// count as one level each.
pub const MAX_DEPTH: usize = 128;

/// The maximum nesting of values that are sent to another process and back. It is higher,
/// because the program determines how deep they are.
pub const TRAVEL_DEPTH: usize = 1 << 16;

/// Returns whether to check the stack before a value is read or written that may contain
/// `levels_left` more levels. A check takes time, so it happens at every eighth level
/// only, and never for values as flat as most are.
#[inline]
fn must_check_stack(levels_left: usize) -> bool {
    levels_left % 8 == 3
}
