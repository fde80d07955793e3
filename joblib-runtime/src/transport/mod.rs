//! How a value of a type moves: between processes in messages, and to the cache as a
//! result. One probe selects the encoding of a type: as numbers (in messages only), with
//! `Persist` or with serde. `wire`, `persist` and `codec` define the bytes.

mod condition;
mod conversion;
mod decoder;
mod encoding;
mod message;
mod output;
mod result_codec;
mod storable;
#[cfg(test)]
mod tests;

pub use self::condition::{OwnedArgument, OwnedResult, SendArgument, SendResult};
pub use self::conversion::{AsIs, Converted, Form, FromStored, Restored, ToStored};
pub use self::decoder::Decoder;
pub use self::encoding::{
    Encoding, Fallback, InCache, InMessage, NUMBERS, PERSIST, Probe, SERDE, SelectFaithful,
    SelectNumbers, SelectPersist, SelectSerde, SelectUnbounded, SelectUnknown, encoding,
};
pub use self::message::{AsBorrowed, Owned, Transport};
pub use self::output::{
    CompareEqual, CompareNever, CompareOk, OutputProbe, SelectOk, SelectWhole, WholePart,
};
pub use self::result_codec::{Always, If, Plain, ResultCodec, plain};
pub use self::storable::Storable;
