//! The errors of encoding and decoding.

use std::fmt::Display;

use super::MAX_DEPTH;

/// A value that could not be encoded.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum EncodeError {
    /// The type's `Serialize` failed.
    #[error("`Serialize` failed: {0}")]
    Refused(String),
    /// An encoding other than serde failed.
    #[error("{0}")]
    Other(String),
    /// The value is nested too deeply.
    #[error("the value is nested deeper than {MAX_DEPTH} levels")]
    TooDeep,
    /// A sequence did not have the length it announced.
    #[error("a sequence announced {announced} elements and has {found}")]
    WrongLength {
        /// The length that its `Serialize` announced.
        announced: usize,
        /// The number of elements that it serialized.
        found: usize,
    },
    /// A map of unknown length, as `#[serde(flatten)]` produces.
    #[error("a map of unknown length (from `#[serde(flatten)]`) cannot be decoded")]
    UnknownLength,
    /// A skipped field, as `#[serde(skip_serializing_if = "..")]` produces.
    #[error("field `{0}` is skipped (by `#[serde(skip_serializing_if)]`) and cannot be decoded")]
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
    /// A varint that is longer than necessary, or too large for its type.
    #[error("a number is too large or not in its shortest form")]
    Varint,
    /// A byte that is not valid for the type.
    #[error("invalid {expected} byte {byte:#04x}")]
    Invalid {
        /// The byte.
        byte: u8,
        /// What was expected at this position.
        expected: &'static str,
    },
    /// Text that is not UTF-8.
    #[error("text is not UTF-8")]
    Utf8,
    /// The value is nested too deeply.
    #[error("the value is nested deeper than {MAX_DEPTH} levels")]
    TooDeep,
    /// The type needs a self-describing format.
    #[error(
        "the type needs a self-describing format (because of `#[serde(untagged)]`, `tag` or \
         `flatten`), and the bytes are not in one"
    )]
    NotSelfDescribing,
    /// The type's `Deserialize` failed.
    #[error("`Deserialize` failed: {0}")]
    Refused(String),
    /// The decoding of a nested field failed.
    #[error("in `{field}`: {error}")]
    Within {
        /// The path to the field, as in `layers.weights`.
        field: String,
        /// What is wrong with it.
        error: Box<DecodeError>,
    },
    /// Bytes in an encoding other than serde are damaged.
    #[error("{0}")]
    Other(String),
    /// The value is stored in another encoding than the type now has.
    #[error("the value is stored in another encoding")]
    Encoding,
    /// The compression is unknown.
    #[error("unknown compression {0}")]
    Compression(u8),
    /// Decompressing failed.
    #[error("the compressed bytes are damaged: {0}")]
    Compressed(String),
}

/// The maximum length of a field path in bytes.
const PATH: usize = 200;

impl DecodeError {
    /// Adds the field `name` to the path, if the error concerns a value of that field.
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
