//! Why a value could not be encoded or decoded.

use std::fmt::Display;

use super::MAX_DEPTH;

/// A value that could not be encoded.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum EncodeError {
    /// The type's `Serialize` failed.
    #[error("`Serialize` failed: {0}")]
    Refused(String),
    /// It cannot be encoded in another way than by serde.
    #[error("{0}")]
    Other(String),
    /// The value is nested too deeply.
    #[error("the value is nested deeper than {MAX_DEPTH} levels")]
    TooDeep,
    /// A sequence did not have the length it announced.
    #[error("a sequence announced {announced} elements and had {found}")]
    WrongLength {
        /// What its `Serialize` said first.
        announced: usize,
        /// What it gave.
        found: usize,
    },
    /// A map of unknown length, as `#[serde(flatten)]` makes.
    #[error("a map of unknown length, as of `#[serde(flatten)]`, cannot be read back")]
    UnknownLength,
    /// A field left out, as `#[serde(skip_serializing_if = "..")]` does.
    #[error(
        "field `{0}` was left out, as by `#[serde(skip_serializing_if)]`, and cannot be read back"
    )]
    FieldLeftOut(&'static str),
}

impl serde::ser::Error for EncodeError {
    fn custom<T: Display>(message: T) -> Self {
        Self::Refused(message.to_string())
    }
}

/// Bytes that are not the encoding of a value.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DecodeError {
    /// The bytes end before the value does.
    #[error("the bytes end before the value")]
    Truncated,
    /// The value ends before the bytes do.
    #[error("{0} bytes follow the value")]
    Trailing(usize),
    /// A varint longer than need be, or too large for its type.
    #[error("a number is not in its shortest form or too large")]
    Varint,
    /// A byte that stands for no value of the type.
    #[error("byte {byte:#04x} is no {expected}")]
    Invalid {
        /// The byte.
        byte: u8,
        /// What should have been there.
        expected: &'static str,
    },
    /// Text that is not UTF-8.
    #[error("text is not UTF-8")]
    Utf8,
    /// The value is nested too deeply.
    #[error("the value is nested deeper than {MAX_DEPTH} levels")]
    TooDeep,
    /// The type needs a format that describes itself.
    #[error(
        "the type asks what the bytes are, as of `#[serde(untagged)]`, `tag` and `flatten`, and \
         they do not tell"
    )]
    NotSelfDescribing,
    /// The type's `Deserialize` failed.
    #[error("`Deserialize` failed: {0}")]
    Refused(String),
    /// The same of a field within the value.
    #[error("in `{field}`: {error}")]
    Within {
        /// The path to the field, as in `layers.weights`.
        field: String,
        /// What is wrong with it.
        error: Box<DecodeError>,
    },
    /// They were encoded in another way than by serde, and are damaged.
    #[error("{0}")]
    Other(String),
    /// They were encoded in another way than the type is now.
    #[error("the value was stored in another encoding")]
    Encoding,
    /// They were compressed in a way that is not known here.
    #[error("the compression with the number {0} is not known here")]
    Compression(u8),
    /// Decompressing failed.
    #[error("the compressed bytes are damaged: {0}")]
    Compressed(String),
}

/// Of the names on the way to a field, so many bytes are told.
const PATH: usize = 200;

impl DecodeError {
    /// The same of the field `name`, where it is about what the type takes.
    pub(super) fn within(self, name: &str) -> Self {
        match self {
            it if name.is_empty() => it,
            Self::Within { field, error } if field.len() + name.len() < PATH => Self::Within {
                field: format!("{name}.{field}"),
                error,
            },
            Self::Refused(_) | Self::Invalid { .. } if name.len() < PATH => Self::Within {
                field: name.to_owned(),
                error: Box::new(self),
            },
            other => other,
        }
    }
}

impl serde::de::Error for DecodeError {
    fn custom<T: Display>(message: T) -> Self {
        Self::Refused(message.to_string())
    }
}
