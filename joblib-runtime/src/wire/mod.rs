//! The messages in which arguments and results are sent between processes of one binary:
//! one value after another, each with its length before it. Slices of numbers have the
//! same layout as in memory. [`codec`](crate::codec) encodes other values, in the
//! self-describing encoding if their type needs it.
//!
//! Both ends run the same binary on the same machine, so the byte order is that of the
//! machine. A message may still come from a faulty process, so every length is checked
//! before it is used.

mod pod;
mod reader;
mod received;
mod shared;
mod shared_memory;
#[cfg(test)]
mod tests;
mod writer;

pub use self::pod::Pod;
pub use self::reader::MessageReader;
pub use self::received::ReceivedSlice;
pub use self::shared::Shared;
pub(crate) use self::shared_memory::mapped;
pub use self::writer::MessageWriter;

use crate::codec::{DecodeError, EncodeError, TRAVEL_DEPTH};

/// The error for a value that could not be sent.
pub type PutError = EncodeError;

/// Returns the error for a `T` that is nested too deeply to be sent.
pub(crate) fn too_deep<T: ?Sized>() -> PutError {
    PutError::Other(format!(
        "a `{}` is nested deeper than the {TRAVEL_DEPTH} levels that can be sent; flatten it, for \
         example to a `Vec` whose elements refer to one another by index, or run on `Threads`",
        std::any::type_name::<T>()
    ))
}

/// The error for bytes that are not the expected message.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum MessageError {
    /// The message ends before the value does.
    #[error("the message ends before the value")]
    Truncated,
    /// Bytes follow the last value.
    #[error("{0} bytes follow the last value")]
    Trailing(usize),
    /// The bytes of a slice of numbers are not a whole number of elements.
    #[error("{bytes} bytes are not a whole number of {size}-byte elements")]
    Ragged {
        /// The number of bytes.
        bytes: usize,
        /// The size of one element.
        size: usize,
    },
    /// Memory of the sender cannot be mapped.
    #[error("the memory of an array cannot be mapped: {0}")]
    Unmapped(String),
    /// Bytes are not the encoding of the value.
    #[error(transparent)]
    Decode(#[from] DecodeError),
}
