//! Values in files of their own: written in one piece that replaces the old
//! file at once, read back verified, or mapped so that their arrays are used
//! where they lie.
//!
//! A value is taken apart by [`Save`] into a small part and arrays; `dump` lays
//! them out in a file, `load` puts them together again and `open` maps them.
//! docs/format.md has every byte.

mod adapt;
mod aligned;
pub(crate) mod bare;
mod block;
mod compress;
mod dump;
mod dynamic;
mod error;
mod file;
mod foreign;
mod form;
#[cfg(feature = "fuzz")]
pub(crate) mod fuzz;
mod hash;
mod held;
mod impls;
mod inspect;
pub(crate) mod kept;
mod layout;
mod load;
mod locate;
mod mode;
mod number;
mod open;
mod order;
mod pages;
mod reader;
mod record;
mod replace;
mod row;
mod save;
mod schema;
mod several;
mod shown;
mod source;
mod strided;
#[cfg(test)]
mod tests;
mod viewer;
mod widen;
mod writer;

pub use self::compress::Compress;
pub use self::dump::{Dump, dump};
pub use self::error::{Difference, Error, ErrorKind, Mismatch};
pub use self::hash::{Hash, hash, try_hash};
pub use self::inspect::{Inspection, Part, inspect};
pub use self::load::{Load, load};
pub use self::mode::{CopyOnWrite, Mode, ReadOnly};
pub use self::number::{Kind, Number};
pub use self::open::{Mapped, MappedMut, open, open_cow};
pub use self::replace::Durability;
pub use self::row::Element;
pub use self::save::{Persist, Save};

/// What derived code calls.
#[doc(hidden)]
pub mod derived;

/// How deeply values may be nested: structs and enums within one another.
const MAX_DEPTH: usize = 256;

/// How deeply parts of any kind but options may be nested where only the file
/// says what they are, so that they can be followed without running out of
/// stack: structs, each with a sequence of the next.
const MAX_NESTED: usize = 2 * MAX_DEPTH;
