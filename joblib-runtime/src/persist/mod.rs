//! Values in files of their own: written in one piece that replaces the old
//! file at once, read back verified, or mapped so that their arrays are used
//! where they lie.
//!
//! A value is taken apart by [`Save`] into a small part and arrays; `dump` lays
//! them out in a file, `load` puts them together again and `open` maps them.
//! docs/format.md has every byte.

mod aligned;
mod atomic_write;
mod block;
mod body_encoding;
mod compress;
mod debug_fallback;
mod dump;
pub(crate) mod embedded;
mod error;
mod file;
#[cfg(feature = "fuzz")]
pub(crate) mod fuzz;
mod hash;
mod impls;
mod inspect;
mod layout;
mod load;
mod locate;
mod lock_guards;
mod madvise;
mod magic;
mod migrate;
mod mode;
mod number;
mod open;
pub(crate) mod owner;
mod reader;
mod record;
mod row;
mod schema;
mod sorted_keys;
mod source;
mod strided;
#[cfg(test)]
mod tests;
mod traits;
mod untyped;
mod value_stream;
mod viewer;
mod widen;
mod writer;

pub use self::atomic_write::Durability;
pub use self::compress::Compress;
pub use self::dump::{Dump, dump};
pub use self::error::{Difference, Error, ErrorKind, Mismatch};
pub use self::hash::{ContentHash, hash, try_hash};
pub use self::inspect::{InspectedPart, Inspection, inspect};
pub use self::load::{Load, load};
pub use self::mode::{CopyOnWrite, MapMode, ReadOnly};
pub use self::number::{Number, NumberKind};
pub use self::open::{Mapped, MappedMut, open, open_cow};
pub use self::row::Element;
pub use self::traits::{Persist, Save};

/// What derived code calls.
#[doc(hidden)]
pub mod derive_support;

/// How deeply values may be nested: structs and enums within one another.
const MAX_DEPTH: usize = 256;

/// How deeply parts of any kind but options may be nested where only the file
/// says what they are, so that they can be followed without running out of
/// stack: structs, each with a sequence of the next.
const MAX_NESTED: usize = 2 * MAX_DEPTH;
