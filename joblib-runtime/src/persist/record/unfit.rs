//! Why bytes are no record. It is small and has nothing to be dropped, so that taking
//! many records apart is as quick as copying them.

use crate::persist::error::{Error, invalid};
use crate::persist::number::Kind;

/// Why bytes are no record of a type.
#[derive(Clone, Copy, Debug)]
pub enum Unfit {
    /// What is between two fields is not zero.
    Gap,
    /// There are other bytes than the type has.
    Length,
    /// They are no number of that kind.
    Number(Kind),
    /// They are 0, which the type of that name is not.
    Zero(&'static str),
    /// The type has no records.
    Type,
}

impl From<Unfit> for Error {
    #[cold]
    fn from(unfit: Unfit) -> Error {
        match unfit {
            Unfit::Gap => Error::small("a gap within a record is not empty"),
            Unfit::Length => Error::small("it ends within a record"),
            Unfit::Number(kind) => invalid(kind),
            Unfit::Zero(name) => Error::unlike("0", name),
            Unfit::Type => Error::small("what stands there is no record"),
        }
    }
}
