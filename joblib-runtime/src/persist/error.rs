//! Errors of writing, reading and mapping values.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use super::MAX_DEPTH;
use super::file::SMALL;
use super::number::NumberKind;
use crate::codec::{DecodeError, EncodeError};
use crate::stack::StackExhausted;

/// Why a value could not be written to a file, read or mapped.
///
/// The message names the file, the field and, if known, a remedy.
#[derive(Debug, thiserror::Error)]
pub struct Error {
    path: Option<PathBuf>,
    /// The field at which it failed, unless `kind` names it.
    field: String,
    #[source]
    kind: Box<ErrorKind>,
}

impl Error {
    /// What failed.
    pub fn kind(&self) -> &ErrorKind {
        &self.kind
    }

    /// The path of the file, if the failed call had one.
    pub fn path(&self) -> Option<&Path> {
        self.path.as_deref()
    }

    /// Adds `path`, unless the error has a path.
    pub(super) fn with_path(mut self, path: &Path) -> Error {
        self.path.get_or_insert_with(|| path.to_owned());
        self
    }

    /// Adds the path of the field, if the error has a position in the body.
    pub(super) fn in_field(mut self, path: String) -> Error {
        if let ErrorKind::Schema(mismatch) = &mut *self.kind {
            if let [Difference { field, .. }] = &mut *mismatch.differences
                && field.is_empty()
            {
                *field = path;
            }
        } else if self.is_in_body() && self.field.is_empty() {
            self.field = path;
        }
        self
    }

    /// Whether a position in the body determines the field at which this happened.
    pub(super) fn is_in_body(&self) -> bool {
        match &*self.kind {
            ErrorKind::Damaged { part, .. } => part == SMALL,
            ErrorKind::Schema(_) | ErrorKind::Decode(_) => true,
            _ => false,
        }
    }

    /// Returns a type mismatch that only the value shows, not the schema.
    pub(super) fn type_mismatch(found: impl fmt::Display, expected: impl fmt::Display) -> Error {
        let difference = Difference {
            field: String::new(),
            found: found.to_string(),
            asked: expected.to_string(),
            hint: String::new(),
        };
        let differences = vec![difference];
        ErrorKind::Schema(Mismatch { differences }).into()
    }

    /// Returns the error for invalid bytes in `part`.
    pub(super) fn damaged(part: impl fmt::Display, why: impl fmt::Display) -> Error {
        let (part, why) = (part.to_string(), why.to_string());
        ErrorKind::Damaged { part, why }.into()
    }

    /// As [`damaged`](Error::damaged), for the body.
    pub(super) fn damaged_body(why: impl fmt::Display) -> Error {
        Error::damaged(SMALL, why)
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(path) = &self.path {
            write!(f, "{}: ", path.display())?;
        }
        match self.field.as_str() {
            "" => self.kind.fmt(f),
            field => write!(f, "field `{field}`: {}", self.kind),
        }
    }
}

impl<K: Into<ErrorKind>> From<K> for Error {
    fn from(kind: K) -> Error {
        let kind = Box::new(kind.into());
        Error {
            path: None,
            field: String::new(),
            kind,
        }
    }
}

impl From<Error> for io::Error {
    fn from(error: Error) -> io::Error {
        let kind = match &*error.kind {
            ErrorKind::Io { source, .. } | ErrorKind::Directory { source, .. } => source.kind(),
            ErrorKind::Truncated => io::ErrorKind::UnexpectedEof,
            _ => io::ErrorKind::InvalidData,
        };
        io::Error::new(kind, error)
    }
}

/// What failed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ErrorKind {
    /// A system call failed.
    #[error("{doing}: {source}")]
    Io {
        /// The operation.
        doing: &'static str,
        /// The error of the operating system.
        source: io::Error,
    },
    /// No file can be created in the directory, or it cannot replace the old one.
    #[error(
        "cannot create or replace a file in the directory {}: {source}{hint}",
        .directory.display()
    )]
    Directory {
        /// The directory.
        directory: PathBuf,
        /// The error of the operating system.
        source: io::Error,
        /// A remedy, if one is known.
        hint: &'static str,
    },
    /// The file was not written by `joblib::dump`.
    #[error("not a joblib file for Rust{hint}")]
    Foreign {
        /// What the first bytes suggest it is.
        hint: &'static str,
    },
    /// The version of the file format is not supported.
    #[error(
        "format version {found} is not supported; \
         this version of joblib reads versions up to {known}"
    )]
    Version {
        /// The file's version.
        found: u32,
        /// The newest version that can be read.
        known: u32,
    },
    /// Bytes follow the end of the value.
    #[error(
        "{bytes} extra bytes follow the end of the value; \
         `Load::read_next` reads several values one after another"
    )]
    Followed {
        /// The number of these bytes.
        bytes: u64,
    },
    /// The file is truncated.
    #[error("the file is truncated")]
    Truncated,
    /// Bytes of the file are invalid or were changed after they were written.
    #[error("{part} is damaged: {why}")]
    Damaged {
        /// The element of the file that is damaged.
        part: String,
        /// Why it is considered damaged.
        why: String,
    },
    /// The file has a value of a different type.
    #[error("{0}")]
    Schema(Mismatch),
    /// An array does not have the same layout in the file as in memory. It can be loaded,
    /// but not mapped.
    #[error(
        "{} cannot be mapped: {why}; `joblib::load` reads it",
        field_name(field)
    )]
    Unmappable {
        /// The field that has the array.
        field: String,
        /// How the layout differs.
        why: String,
    },
    /// Reading the value would exceed the memory limit.
    #[error(
        "reading exceeds the memory limit of {limit} bytes; \
         `Load::limit_bytes` raises it"
    )]
    Limit {
        /// The limit in bytes.
        limit: u64,
    },
    /// An array could not be allocated.
    #[error("out of memory for an array of {bytes} bytes")]
    OutOfMemory {
        /// The size of the allocation.
        bytes: u64,
    },
    /// A stack for reading or writing the value could not be allocated.
    #[error(
        "out of memory for a stack of {bytes} bytes, which this type requires; \
         put large arrays into a `Vec`"
    )]
    NoStack {
        /// The size of the allocation.
        bytes: u64,
    },
    /// The value is nested too deeply.
    #[error("the value is nested deeper than {MAX_DEPTH} levels")]
    TooDeep,
    /// The value is not supported.
    #[error("{0}")]
    Value(String),
    /// The compression is disabled in this build.
    #[error("{what} needs the feature `{feature}` of the crate joblib")]
    Feature {
        /// The operation or option that needs the feature.
        what: String,
        /// The name of the feature.
        feature: &'static str,
    },
    /// A value could not be serialized with serde.
    #[error(transparent)]
    Encode(#[from] EncodeError),
    /// Bytes could not be deserialized with serde.
    #[error("a value serialized with serde is damaged: {0}")]
    Decode(#[from] DecodeError),
    /// A field could not be serialized with serde.
    #[error("field `{field}` cannot be serialized with serde: {source}")]
    Unwritten {
        /// The type and the field, as in `Model.config`.
        field: String,
        /// The error of serde.
        source: EncodeError,
    },
    /// A field was serialized with serde, but could not be deserialized again.
    #[error(
        "field `{field}` cannot be deserialized after it was serialized with serde: \
         {source}; make its `Serialize` and `Deserialize` agree, or turn off `Dump::read_back`"
    )]
    Unreadable {
        /// The type and the field, as in `Model.config`.
        field: String,
        /// The error of deserializing it.
        source: DecodeError,
    },
    /// A field could not be deserialized with serde from the bytes in a file.
    #[error("field `{field}` cannot be deserialized with serde: {source}")]
    Unread {
        /// The type and the field, as in `Model.config`.
        field: String,
        /// The error of serde.
        source: DecodeError,
    },
}

impl From<StackExhausted> for ErrorKind {
    fn from(StackExhausted { bytes }: StackExhausted) -> ErrorKind {
        ErrorKind::NoStack {
            bytes: bytes as u64,
        }
    }
}

impl ErrorKind {
    /// Returns a function for `map_err` that turns an I/O error of the operation `doing`
    /// into an [`Error`].
    pub(super) fn io(doing: &'static str) -> impl FnOnce(io::Error) -> Error {
        move |source| match source.kind() {
            io::ErrorKind::UnexpectedEof => ErrorKind::Truncated.into(),
            io::ErrorKind::FileTooLarge => {
                let why = "the file exceeds the maximum file size (`ulimit -f`, or the limit of \
                           the file system)";
                let source = io::Error::new(source.kind(), why);
                ErrorKind::Io { doing, source }.into()
            }
            _ => ErrorKind::Io { doing, source }.into(),
        }
    }
}

/// The differences between the type in a file and the requested type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mismatch {
    pub(super) differences: Vec<Difference>,
}

/// One difference between the type in a file and the requested type.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Difference {
    /// The path to the field, as in `layers[].weights`; empty for the value
    /// itself.
    pub field: String,
    /// What the file has.
    pub found: String,
    /// What the requested type has.
    pub asked: String,
    /// A remedy, if one is known.
    pub hint: String,
}

impl Mismatch {
    /// The differences.
    pub fn differences(&self) -> &[Difference] {
        &self.differences
    }
}

impl fmt::Display for Mismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the file has a different type")?;
        for (n, difference) in self.differences.iter().enumerate() {
            f.write_str(if n == 0 { ": " } else { "; " })?;
            difference.fmt(f)?;
        }
        Ok(())
    }
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Difference {
            field,
            found,
            asked,
            hint,
        } = self;
        match field.as_str() {
            "" => write!(f, "the file has {found}, {asked} was expected")?,
            _ => write!(
                f,
                "field `{field}`: the file has {found}, {asked} was expected"
            )?,
        }
        match hint.as_str() {
            "" => Ok(()),
            _ => write!(f, " ({hint})"),
        }
    }
}

/// Returns how messages name a field. The value itself has an empty path.
fn field_name(field: &str) -> String {
    match field {
        "" => "the value".to_owned(),
        field => format!("`{field}`"),
    }
}

/// Returns the error for bytes that are not valid values of an element type.
pub(super) fn invalid_numbers(kind: NumberKind) -> Error {
    Error::damaged(
        format!("an array of {}", kind.name()),
        "it has invalid values",
    )
}
