//! How blocks are compressed, and how what comes back is held to the size
//! that was stated. Each codec is a file, and most are features.

#[cfg(feature = "zstd")]
mod zstd;

use std::fmt;
use std::path::Path;

use super::error::{Error, ErrorKind};

/// How the arrays and the rest of a value are compressed in its file.
///
/// Where it is not given, [`Compress::from_path`] decides by the extension, as
/// Python's joblib does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Compress {
    /// Not at all: arrays can be mapped.
    #[default]
    None,
    /// With zstd, at a level from 1 to 22; 3 is usual.
    #[cfg(feature = "zstd")]
    Zstd(i32),
}

/// What a block was compressed with, as files say it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum Codec {
    None,
    Zstd,
    Lz4,
    Zlib,
    Gzip,
    Bz2,
    Xz,
}

/// Why a block could not be unpacked.
#[derive(Debug)]
pub(super) enum Fault {
    Damaged(String),
    /// The feature that this build lacks.
    Feature(&'static str),
}

impl Compress {
    /// What the extension of `path` stands for: `zst`, `lz4`, `z`, `gz`,
    /// `bz2`, `xz` and `lzma`, each at its usual level, and nothing otherwise.
    ///
    /// # Errors
    ///
    /// It stands for one that this build does not have.
    pub fn from_path(path: &Path) -> Result<Compress, Error> {
        let extension = path.extension().and_then(|it| it.to_str());
        let (feature, found) = match extension {
            Some("zst") => ("zstd", by_feature::zstd()),
            _ => return Ok(Compress::None),
        };
        found.ok_or_else(|| {
            let what = format!(
                "a file with the extension `{}`",
                extension.unwrap_or_default()
            );
            ErrorKind::Feature { what, feature }.into()
        })
    }

    pub(super) fn codec(self) -> Codec {
        match self {
            Compress::None => Codec::None,
            #[cfg(feature = "zstd")]
            Compress::Zstd(_) => Codec::Zstd,
        }
    }

    /// Makes sure that the level is one.
    pub(super) fn check(self) -> Result<(), Error> {
        let (level, levels) = match self {
            Compress::None => (0, 0..=0),
            #[cfg(feature = "zstd")]
            Compress::Zstd(level) => (level, 1..=22),
        };
        if levels.contains(&level) {
            return Ok(());
        }
        let (least, most) = (levels.start(), levels.end());
        let message = format!("{self:?}: the level goes from {least} to {most}");
        Err(ErrorKind::Value(message).into())
    }

    /// Appends the compressed `block` to `out`.
    pub(super) fn block(self, block: &[u8], out: &mut Vec<u8>) -> Result<(), Error> {
        match self {
            Compress::None => out.extend_from_slice(block),
            #[cfg(feature = "zstd")]
            Compress::Zstd(level) => zstd::pack(level, block, out).map_err(failed)?,
        }
        Ok(())
    }
}

#[cfg(feature = "zstd")]
fn failed(source: std::io::Error) -> Error {
    ErrorKind::io("compressing")(source)
}

impl Codec {
    const ALL: [Codec; 7] = [
        Codec::None,
        Codec::Zstd,
        Codec::Lz4,
        Codec::Zlib,
        Codec::Gzip,
        Codec::Bz2,
        Codec::Xz,
    ];

    pub(super) fn number(self) -> u8 {
        self as u8
    }

    pub(super) fn from_number(number: u8) -> Option<Codec> {
        Codec::ALL.get(usize::from(number)).copied()
    }

    /// Fills `out` with the block that `packed` holds: exactly so many bytes,
    /// and nothing after them.
    pub(super) fn unpack(self, packed: &[u8], out: &mut [u8]) -> Result<(), Fault> {
        match self {
            Codec::None => Err(Fault::Damaged("it is shorter than it was".to_owned())),
            #[cfg(feature = "zstd")]
            Codec::Zstd => zstd::unpack(packed, out),
            #[cfg(not(feature = "zstd"))]
            Codec::Zstd => Err(Fault::Feature("zstd")),
            Codec::Lz4 => Err(Fault::Feature("lz4")),
            Codec::Zlib | Codec::Gzip => Err(Fault::Feature("zlib")),
            Codec::Bz2 => Err(Fault::Feature("bz2")),
            Codec::Xz => Err(Fault::Feature("xz")),
        }
    }
}

impl fmt::Display for Codec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Codec::None => "none",
            Codec::Zstd => "zstd",
            Codec::Lz4 => "lz4",
            Codec::Zlib => "zlib",
            Codec::Gzip => "gzip",
            Codec::Bz2 => "bz2",
            Codec::Xz => "xz",
        })
    }
}

/// What this build has.
mod by_feature {
    use super::Compress;

    pub(super) fn zstd() -> Option<Compress> {
        #[cfg(feature = "zstd")]
        return Some(Compress::Zstd(3));
        #[cfg(not(feature = "zstd"))]
        None
    }
}
