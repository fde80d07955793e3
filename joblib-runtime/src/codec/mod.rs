//! How a result becomes bytes and bytes a result: an encoding, then
//! compression. The one seam behind which another encoding can stand.
//!
//! The encoding is postcard's wire format, read strictly: trailing bytes,
//! overlong varints, nesting deeper than [`MAX_DEPTH`] and lengths beyond the
//! input are errors. postcard's own reader accepts all but the first, and a
//! wrapper around it would not see them, so reader and writer are ours.

mod compress;
mod decode;
mod described;
mod encode;
mod encode_buffer;
mod encoding_choice;
pub mod equality;
mod error;
#[cfg(feature = "fuzz")]
pub(crate) mod fuzz;
pub mod result_codec;
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

/// How deeply values may be nested. A struct, a sequence, a variant and a
/// present option count as one level each.
pub const MAX_DEPTH: usize = 128;

/// The same for values that travel to another process and back, which are as
/// deep as the program makes them.
pub const TRAVEL_DEPTH: usize = 1 << 16;

/// Whether to see to the stack before a value is read or written that has room
/// for so many levels within it: not at every level, as looking takes time, and
/// never where values are as flat as most are.
#[inline]
fn may_run_short(room: usize) -> bool {
    room % 8 == 3
}
