//! An encoding that describes itself: every value has its kind before it, and
//! fields and variants their names. It keeps what the compact one cannot read
//! back: `serde_json::Value`, untagged and internally tagged enums, `flatten`,
//! fields that are left out, variants behind skipped ones. Types may change
//! between writing and reading as they may with JSON: fields and variants are
//! known by their names.
//!
//! It is our own and neither CBOR nor MessagePack: both give back `None` for
//! `Some(None)`, and results in a cache have it already. Numbers keep their width,
//! floats their bits, maps their order; hashed maps and sets are sorted by their
//! encodings, so that equal ones are equal bytes.
//!
//! serde reads what it has buffered (`untagged`, `tag`, `flatten`) as of a format
//! for people, whatever the format. So a result is described as for people. A part
//! of a file is so only where it is not read otherwise: the form for people may be
//! rounded.

mod part;
mod read;
#[cfg(test)]
mod tests;
mod write;

pub use self::part::{Describe, Reread, describe_part};
pub(super) use self::read::decode_part_deep;
pub use self::read::{DescribedReader, decode_described, decode_part, decode_part_with};
pub(super) use self::write::describe_deep;
pub use self::write::{DescribedWriter, Purpose, describe, describe_with};

/// What kind a value is.
mod kind {
    pub(super) const UNIT: u8 = 0;
    pub(super) const BOOL: u8 = 1;
    pub(super) const U8: u8 = 2;
    pub(super) const U16: u8 = 3;
    pub(super) const U32: u8 = 4;
    pub(super) const U64: u8 = 5;
    pub(super) const U128: u8 = 6;
    pub(super) const I8: u8 = 7;
    pub(super) const I16: u8 = 8;
    pub(super) const I32: u8 = 9;
    pub(super) const I64: u8 = 10;
    pub(super) const I128: u8 = 11;
    pub(super) const F32: u8 = 12;
    pub(super) const F64: u8 = 13;
    pub(super) const CHAR: u8 = 14;
    pub(super) const STR: u8 = 15;
    pub(super) const BYTES: u8 = 16;
    pub(super) const NONE: u8 = 17;
    /// And a value.
    pub(super) const SOME: u8 = 18;
    /// A number of values, and the values.
    pub(super) const SEQ: u8 = 19;
    /// A number of entries, and key and value of each.
    pub(super) const MAP: u8 = 20;
    /// A number of fields, and name and value of each.
    pub(super) const STRUCT: u8 = 21;
    /// A name.
    pub(super) const UNIT_VARIANT: u8 = 22;
    /// A name and a value.
    pub(super) const VARIANT: u8 = 23;
    /// At the start of a part: what follows is in the form for people.
    pub(super) const FOR_PEOPLE: u8 = 24;
}
