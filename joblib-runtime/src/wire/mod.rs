//! How arguments and results travel between processes of one binary: one
//! value after another, each with its length before it, slices of numbers as
//! they lie in memory and the rest as [`codec`](crate::codec) writes it, with a
//! description of itself where its type needs one.
//!
//! Both ends run the same binary on the same machine, so bytes keep the
//! machine's order. They may still come from a process gone wrong: no length
//! is believed before it is checked.

mod pod;
mod reader;
mod received;
mod serde_transport;
mod shared;
mod shared_memory;
#[cfg(test)]
mod tests;
pub mod transport;
mod writer;

pub use self::pod::Pod;
pub use self::reader::MessageReader;
pub use self::received::ReceivedSlice;
pub use self::serde_transport::{AsBorrowed, Owned, SerdeTransport};
pub use self::shared::Shared;
pub(crate) use self::shared_memory::mapped;
pub use self::writer::MessageWriter;

use crate::codec::{DecodeError, EncodeError, TRAVEL_DEPTH};

/// A value that could not be sent.
pub type PutError = EncodeError;

/// The error for a `T` that is nested too deeply to travel.
pub(crate) fn too_deep<T: ?Sized>() -> PutError {
    PutError::Other(format!(
        "a `{}` is nested deeper than the {TRAVEL_DEPTH} levels that can travel; make it flatter, \
         as a `Vec` whose elements name one another by their places, or run on `Threads`",
        std::any::type_name::<T>()
    ))
}

/// Bytes that are not what was to be received.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum MessageError {
    /// The message ends before the value does.
    #[error("the message ends before the value")]
    Truncated,
    /// Bytes follow the last value.
    #[error("{0} bytes follow the last value")]
    Trailing(usize),
    /// A slice of numbers whose bytes are not a whole count of them.
    #[error("{bytes} bytes are no whole count of numbers of {size} bytes")]
    Ragged {
        /// How many there are.
        bytes: usize,
        /// What one number takes.
        size: usize,
    },
    /// Memory of the sender that cannot be mapped.
    #[error("numbers cannot be mapped: {0}")]
    Unmapped(String),
    /// Bytes that are not the encoding of the value.
    #[error(transparent)]
    Decode(#[from] DecodeError),
}
