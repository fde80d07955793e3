//! Why bytes are not a valid record. The type is small and has no destructor, so that
//! reading many records is as fast as copying them.

use crate::persist::error::{Error, invalid};
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
            InvalidRecord::Gap => Error::small("non-zero padding in a record"),
            InvalidRecord::Length => Error::small("unexpected end in a record"),
            InvalidRecord::Number(kind) => invalid(kind),
            InvalidRecord::Zero(name) => Error::unlike("0", name),
            InvalidRecord::Type => Error::small("the type has no records"),
        }
    }
}
