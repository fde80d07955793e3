//! Values in files: written with an atomic rename, read back with every byte verified,
//! or memory-mapped so that their arrays are used in place.
//!
//! [`Save`] splits a value into an encoded body and arrays. `dump` writes them to a
//! file, `load` decodes them and `open` maps them. docs/format.md specifies every byte.

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
mod persist_as;
mod reader;
mod record;
mod remote;
mod row;
#[cfg(any(
    feature = "faer",
    feature = "nalgebra",
    feature = "nalgebra034",
    feature = "ndarray",
    feature = "ndarray016",
    feature = "petgraph"
))]
mod run_buffer;
mod schema;
mod schema_walk;
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
#[cfg(feature = "image")]
pub use self::impls::DynamicImageView;
pub use self::inspect::{InspectedPart, Inspection, inspect};
pub use self::load::{Load, load};
pub use self::mode::{CopyOnWrite, MapMode, ReadOnly};
pub use self::number::{Number, NumberKind};
pub use self::open::{Mapped, MappedMut, open, open_cow};
pub use self::persist_as::PersistAs;
pub use self::row::Element;
pub use self::traits::{Persist, Save};

/// The items that derived code uses.
#[doc(hidden)]
pub mod derive_support;

/// The maximum nesting depth of structs and enums in a value.
const MAX_DEPTH: usize = 256;

/// The maximum nesting depth of nodes of any kind except options, where only the file
/// describes the type. It bounds the stack: a chain may alternate structs and
/// sequences.
const MAX_NESTED: usize = 2 * MAX_DEPTH;
