//! Why a value could not be written, read or mapped.

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
/// It says which file, which part of it and, where there is one, the way out.
#[derive(Debug, thiserror::Error)]
pub struct Error {
    path: Option<PathBuf>,
    /// The field that it happened to, unless `kind` says so.
    field: String,
    #[source]
    kind: Box<ErrorKind>,
}

impl Error {
    /// What happened.
    pub fn kind(&self) -> &ErrorKind {
        &self.kind
    }

    /// The file it happened to, if a path was given.
    pub fn path(&self) -> Option<&Path> {
        self.path.as_deref()
    }

    /// The same of the file at `path`.
    pub(super) fn of(mut self, path: &Path) -> Error {
        self.path.get_or_insert_with(|| path.to_owned());
        self
    }

    /// The same of that field, if it happened to one.
    pub(super) fn in_field(mut self, path: String) -> Error {
        if let ErrorKind::Schema(mismatch) = &mut *self.kind {
            if let [Difference { field, .. }] = &mut *mismatch.differences
                && field.is_empty()
            {
                *field = path;
            }
        } else if self.is_of_the_small_part() && self.field.is_empty() {
            self.field = path;
        }
        self
    }

    /// Whether a place in the small part tells where it happened.
    pub(super) fn is_of_the_small_part(&self) -> bool {
        match &*self.kind {
            ErrorKind::Damaged { part, .. } => part == SMALL,
            ErrorKind::Schema(_) | ErrorKind::Decode(_) => true,
            _ => false,
        }
    }

    /// A value that is of another type than is asked for, in a way that only
    /// the value shows.
    pub(super) fn unlike(found: impl fmt::Display, asked: impl fmt::Display) -> Error {
        let difference = Difference {
            field: String::new(),
            found: found.to_string(),
            asked: asked.to_string(),
            hint: String::new(),
        };
        let differences = vec![difference];
        ErrorKind::Schema(Mismatch { differences }).into()
    }

    /// Bytes of `part` that are not what they should be.
    pub(super) fn damaged(part: impl fmt::Display, why: impl fmt::Display) -> Error {
        let (part, why) = (part.to_string(), why.to_string());
        ErrorKind::Damaged { part, why }.into()
    }

    /// As [`damaged`](Error::damaged), of the small part.
    pub(super) fn small(why: impl fmt::Display) -> Error {
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
            field => write!(f, "in `{field}`: {}", self.kind),
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

/// What happened to a file.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The system refused something.
    #[error("{doing}: {source}")]
    Io {
        /// What was being done.
        doing: &'static str,
        /// What the system says.
        source: io::Error,
    },
    /// The directory takes no new file, or does not let it take the place of the
    /// old one.
    #[error("no file can be put into the directory {}: {source}{hint}", .directory.display())]
    Directory {
        /// The directory.
        directory: PathBuf,
        /// What the system says.
        source: io::Error,
        /// What can be done about it, if anything is known.
        hint: &'static str,
    },
    /// A file that `joblib::dump` did not write.
    #[error("not a file of joblib for Rust{hint}")]
    Foreign {
        /// What it looks like.
        hint: &'static str,
    },
    /// A file of a format that is not known here.
    #[error("written in version {found} of the format; this joblib reads version {known}")]
    Version {
        /// The file's version.
        found: u32,
        /// The newest version that can be read.
        known: u32,
    },
    /// Something follows the end of the value.
    #[error(
        "{bytes} bytes follow the end of the file as it was written; \
         `Load::read_next` reads several values one after another"
    )]
    Followed {
        /// How many.
        bytes: u64,
    },
    /// The file is shorter than it was.
    #[error("the file is shorter than it was when it was written")]
    Truncated,
    /// Bytes that are not what they were when they were written.
    #[error("{part} is damaged: {why}")]
    Damaged {
        /// Which bytes.
        part: String,
        /// What is wrong with them.
        why: String,
    },
    /// The file holds a value of another type than is asked for.
    #[error("{0}")]
    Schema(Mismatch),
    /// An array that is in the file in another form than in memory, so that
    /// it can be loaded and not mapped.
    #[error("{} cannot be mapped: {why}; `joblib::load` reads it", named(field))]
    Unmappable {
        /// Which array.
        field: String,
        /// What is different.
        why: String,
    },
    /// The file asks for more memory than is allowed.
    #[error(
        "reading it takes more than the limit of {limit} bytes; \
         `Load::limit_bytes` raises it"
    )]
    Limit {
        /// What is allowed.
        limit: u64,
    },
    /// There is no memory for an array.
    #[error("no memory for an array of {bytes} bytes")]
    OutOfMemory {
        /// What it takes.
        bytes: u64,
    },
    /// There is no memory for a stack on which the value could be handled.
    #[error(
        "no memory for a stack of {bytes} bytes, which a value of this type takes; \
         a large array takes none in a `Vec`"
    )]
    NoStack {
        /// What it takes.
        bytes: u64,
    },
    /// The value is nested too deeply.
    #[error("the value is nested deeper than {MAX_DEPTH} levels")]
    TooDeep,
    /// A value that cannot be written.
    #[error("{0}")]
    Value(String),
    /// A compression that this build does not have.
    #[error("{what} needs the feature `{feature}` of the crate joblib")]
    Feature {
        /// What is compressed so.
        what: String,
        /// The feature.
        feature: &'static str,
    },
    /// A value that serde could not write.
    #[error(transparent)]
    Encode(#[from] EncodeError),
    /// Bytes that serde could not read.
    #[error("a value that serde describes is damaged: {0}")]
    Decode(#[from] DecodeError),
    /// A field whose value serde could not write.
    #[error("`{field}`, which serde describes, cannot be written: {source}")]
    Unwritten {
        /// The type and the field, as in `Model.config`.
        field: String,
        /// Why.
        source: EncodeError,
    },
    /// A field of which what serde writes cannot be read back.
    #[error(
        "`{field}`, which serde describes, is not written, since it could not be read back: \
         {source}; let its `Serialize` and `Deserialize` agree, or turn off `Dump::read_back`"
    )]
    Unreadable {
        /// The type and the field, as in `Model.config`.
        field: String,
        /// What reading it back gave.
        source: DecodeError,
    },
    /// A field whose type does not take what a file has.
    #[error("`{field}`, which serde describes, cannot be read: {source}")]
    Unread {
        /// The type and the field, as in `Model.config`.
        field: String,
        /// Why.
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
    /// For `map_err`: the system refused `doing`.
    pub(super) fn io(doing: &'static str) -> impl FnOnce(io::Error) -> Error {
        move |source| match source.kind() {
            io::ErrorKind::UnexpectedEof => ErrorKind::Truncated.into(),
            io::ErrorKind::FileTooLarge => {
                let why = "the limit of file sizes (`ulimit -f`, or that of the file system) is \
                           too small";
                let source = io::Error::new(source.kind(), why);
                ErrorKind::Io { doing, source }.into()
            }
            _ => ErrorKind::Io { doing, source }.into(),
        }
    }
}

/// Where the type that is asked for differs from that of the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mismatch {
    pub(super) differences: Vec<Difference>,
}

/// One difference between a file and the type that is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Difference {
    /// The path to the field, as in `layers[].weights`; empty for the value
    /// itself.
    pub field: String,
    /// What the file has there.
    pub found: String,
    /// What was asked for.
    pub asked: String,
    /// What can be done about it, if anything is known.
    pub hint: String,
}

impl Mismatch {
    /// Each difference.
    pub fn differences(&self) -> &[Difference] {
        &self.differences
    }
}

impl fmt::Display for Mismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the file has another type")?;
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
            "" => write!(f, "it has {found}, asked for was {asked}")?,
            _ => write!(f, "in `{field}` it has {found}, asked for was {asked}")?,
        }
        match hint.as_str() {
            "" => Ok(()),
            _ => write!(f, " ({hint})"),
        }
    }
}

/// A field in a message; the value itself has no name.
fn named(field: &str) -> String {
    match field {
        "" => "the value".to_owned(),
        field => format!("`{field}`"),
    }
}

/// What is said of bytes that are no value of a type.
pub(super) fn invalid(kind: NumberKind) -> Error {
    Error::damaged(
        format!("an array of {}", kind.name()),
        "it has other values",
    )
}
