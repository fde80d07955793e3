//! The self-describing encoding: every value has its kind before it, and fields and
//! variants have their names. It supports what the compact encoding cannot decode:
//! `serde_json::Value`, untagged and internally tagged enums, `flatten`, skipped fields,
//! and variants after skipped ones. Types may change between encoding and decoding as
//! they may with JSON, because fields and variants are matched by name.
//!
//! The format is neither CBOR nor MessagePack: both decode `Some(None)` as `None`, and
//! existing caches contain results in this one. Numbers keep their width, floats their
//! bits and maps their order. Hashed maps and sets are sorted by their encodings, so that
//! equal ones have equal bytes.
//!
//! serde decodes values that it has buffered (`untagged`, `tag`, `flatten`) as if the
//! format were human-readable, whatever the format is. Therefore a result is encoded in
//! the human-readable form. An embedded value in a file has this form only if it does not
//! survive a round trip in the other one, because the human-readable form may be rounded.

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

/// The kinds of values.
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
    /// Followed by a value.
    pub(super) const SOME: u8 = 18;
    /// Followed by the number of values, and the values.
    pub(super) const SEQ: u8 = 19;
    /// Followed by the number of entries, and key and value of each.
    pub(super) const MAP: u8 = 20;
    /// Followed by the number of fields, and name and value of each.
    pub(super) const STRUCT: u8 = 21;
    /// Followed by a name.
    pub(super) const UNIT_VARIANT: u8 = 22;
    /// Followed by a name and a value.
    pub(super) const VARIANT: u8 = 23;
    /// A marker at the start of an embedded value: the value has the human-readable form.
    pub(super) const HUMAN_READABLE: u8 = 24;
}
