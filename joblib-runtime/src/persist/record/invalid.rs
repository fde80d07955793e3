//! Why bytes are not a valid record. The type is small and has no destructor, so that
//! reading many records is as fast as copying them.

use crate::persist::error::{Error, invalid_numbers};
use crate::persist::number::NumberKind;

/// Why bytes are not a valid record of a type.
#[derive(Clone, Copy, Debug)]
pub enum InvalidRecord {
    /// The padding between two fields is not zero.
    Gap,
    /// The number of bytes is not the size of the type.
    Length,
    /// A number is not valid for its kind.
    Number(NumberKind),
    /// The number is 0, which the type with this name excludes.
    Zero(&'static str),
    /// The type has no records.
    Type,
}

impl From<InvalidRecord> for Error {
    #[cold]
    fn from(invalid_record: InvalidRecord) -> Error {
        match invalid_record {
            InvalidRecord::Gap => Error::damaged_body("non-zero padding in a record"),
            InvalidRecord::Length => Error::damaged_body("unexpected end in a record"),
            InvalidRecord::Number(kind) => invalid_numbers(kind),
            InvalidRecord::Zero(name) => Error::type_mismatch("0", name),
            InvalidRecord::Type => Error::damaged_body("the type has no records"),
        }
    }
}
