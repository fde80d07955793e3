//! How a result becomes bytes and bytes a result: an encoding, then
//! compression. The one seam behind which another encoding can stand.
//!
//! The encoding is postcard's wire format, read strictly: trailing bytes,
//! overlong varints, nesting deeper than [`MAX_DEPTH`] and lengths beyond the
//! input are errors. postcard's own reader accepts all but the first, and a
//! wrapper around it would not see them, so reader and writer are ours.

mod compress;
mod decode;
pub mod dispatch;
mod encode;
mod error;
#[cfg(feature = "fuzz")]
pub(crate) mod fuzz;
#[cfg(test)]
mod tests;
pub(crate) mod varint;

pub use self::compress::{Compress, compress, decompress, decompress_of};
pub use self::decode::{Reader as Deserializer, decode, decode_with};
pub use self::encode::{Writer as Serializer, encode, encode_with};
pub use self::error::{DecodeError, EncodeError};

/// How deeply values may be nested. A struct, a sequence, a variant and a
/// present option count as one level each.
pub const MAX_DEPTH: usize = 128;
