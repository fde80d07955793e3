//! Why bytes are no record. It is small and has nothing to be dropped, so that taking
//! many records apart is as quick as copying them.

use crate::persist::error::{Error, invalid};
use crate::persist::number::NumberKind;

/// Why bytes are no record of a type.
#[derive(Clone, Copy, Debug)]
pub enum InvalidRecord {
    /// What is between two fields is not zero.
    Gap,
    /// There are other bytes than the type has.
    Length,
    /// They are no number of that kind.
    Number(NumberKind),
    /// They are 0, which the type of that name is not.
    Zero(&'static str),
    /// The type has no records.
    Type,
}

impl From<InvalidRecord> for Error {
    #[cold]
    fn from(unfit: InvalidRecord) -> Error {
        match unfit {
            InvalidRecord::Gap => Error::small("a gap within a record is not empty"),
            InvalidRecord::Length => Error::small("it ends within a record"),
            InvalidRecord::Number(kind) => invalid(kind),
            InvalidRecord::Zero(name) => Error::unlike("0", name),
            InvalidRecord::Type => Error::small("what stands there is no record"),
        }
    }
}
