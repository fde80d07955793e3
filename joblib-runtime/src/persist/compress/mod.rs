//! How blocks are compressed, and how what comes back is held to the size
//! that was stated. Each codec is a file, and each is a feature.

pub(super) mod by_extension;
#[cfg(feature = "bz2")]
mod bz2;
#[cfg(feature = "lz4")]
mod lz4;
#[cfg(any(feature = "zlib", feature = "bz2", feature = "xz"))]
mod stream;
#[cfg(all(
    test,
    any(
        feature = "zstd",
        feature = "lz4",
        feature = "zlib",
        feature = "bz2",
        feature = "xz"
    )
))]
mod tests;
pub(super) mod whole_file;
#[cfg(feature = "xz")]
mod xz;
#[cfg(feature = "zlib")]
mod zlib;
#[cfg(feature = "zstd")]
mod zstd;

use std::fmt;
use std::path::Path;

use super::error::{Error, ErrorKind};

/// How the arrays and the rest of a value are compressed in its file.
///
/// A field may have its own, with `#[persist(compress = "zstd:3")]`. A file says
/// itself how it is compressed, so that nothing is to be told for reading. What is
/// compressed is loaded and not mapped.
///
/// Where nothing is given, the extension of the path decides, as in Python's joblib:
/// see [`Compress::from_path`]. Such a file is compressed as a whole, so that
/// `gunzip`, `bunzip2`, `unxz`, `unlzma`, `zstd -d` and `lz4 -d` make a file of it
/// that can be mapped. To load it takes memory for all of it.
///
/// Otherwise, the mebibytes of an array are compressed one by one, on all cores; one that
/// does not become shorter stays as it is. Each variant but the first needs the
/// feature that is called like its extension or its crate: `zstd`, `lz4`, `zlib`
/// (gzip as well), `bz2`, `xz`.
///
/// # Example
///
/// ```
/// # use joblib_runtime as joblib;
/// use joblib::persist::{Compress, Dump, load};
///
/// # let dir = tempfile::tempdir()?;
/// # let path = dir.path().join("zeros.joblib");
/// # #[cfg(feature = "zstd")]
/// Dump::new().compress(Compress::Zstd(3)).to(&path, &vec![0_u64; 100_000])?;
/// # #[cfg(feature = "zstd")]
/// assert!(std::fs::metadata(&path)?.len() < 10_000);
/// # #[cfg(feature = "zstd")]
/// assert_eq!(load::<Vec<u64>>(&path)?, vec![0; 100_000]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Compress {
    /// Not at all: arrays can be mapped.
    #[default]
    None,
    /// With zstd, at a level from 1 to 22; 3 is usual.
    #[cfg(feature = "zstd")]
    Zstd(i32),
    /// With lz4, which has no levels: less small, and quickest to read.
    #[cfg(feature = "lz4")]
    Lz4,
    /// With zlib, at a level from 1 to 9; 3 is usual.
    #[cfg(feature = "zlib")]
    Zlib(u32),
    /// With gzip, at a level from 1 to 9; 3 is usual.
    #[cfg(feature = "zlib")]
    Gzip(u32),
    /// With bzip2, at a level from 1 to 9; 9 is usual.
    #[cfg(feature = "bz2")]
    Bz2(u32),
    /// With xz, at a level from 0 to 9; 6 is usual. Smallest, and slowest to
    /// write.
    #[cfg(feature = "xz")]
    Xz(u32),
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
pub(super) enum UnpackError {
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
            Some("lz4") => ("lz4", by_feature::lz4()),
            Some("z") => ("zlib", by_feature::zlib()),
            Some("gz") => ("zlib", by_feature::gzip()),
            Some("bz2") => ("bz2", by_feature::bz2()),
            Some("xz" | "lzma") => ("xz", by_feature::xz()),
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

    /// Each that this build has, for what tries all of them.
    #[cfg(any(feature = "fuzz", all(test, feature = "zstd")))]
    pub(super) fn all() -> Vec<Compress> {
        vec![
            Compress::None,
            #[cfg(feature = "zstd")]
            Compress::Zstd(3),
            #[cfg(feature = "lz4")]
            Compress::Lz4,
            #[cfg(feature = "zlib")]
            Compress::Zlib(3),
            #[cfg(feature = "zlib")]
            Compress::Gzip(3),
            #[cfg(feature = "bz2")]
            Compress::Bz2(9),
            #[cfg(feature = "xz")]
            Compress::Xz(6),
        ]
    }

    pub(super) fn codec(self) -> Codec {
        match self {
            Compress::None => Codec::None,
            #[cfg(feature = "zstd")]
            Compress::Zstd(_) => Codec::Zstd,
            #[cfg(feature = "lz4")]
            Compress::Lz4 => Codec::Lz4,
            #[cfg(feature = "zlib")]
            Compress::Zlib(_) => Codec::Zlib,
            #[cfg(feature = "zlib")]
            Compress::Gzip(_) => Codec::Gzip,
            #[cfg(feature = "bz2")]
            Compress::Bz2(_) => Codec::Bz2,
            #[cfg(feature = "xz")]
            Compress::Xz(_) => Codec::Xz,
        }
    }

    /// Makes sure that the level is one.
    pub(super) fn check(self) -> Result<(), Error> {
        let (level, levels) = match self {
            Compress::None => (0, 0..=0),
            #[cfg(feature = "zstd")]
            Compress::Zstd(level) => (level.into(), 1..=22),
            #[cfg(feature = "lz4")]
            Compress::Lz4 => (0, 0..=0),
            #[cfg(feature = "zlib")]
            Compress::Zlib(level) | Compress::Gzip(level) => (level.into(), 1..=9),
            #[cfg(feature = "bz2")]
            Compress::Bz2(level) => (level.into(), 1..=9),
            #[cfg(feature = "xz")]
            Compress::Xz(level) => (level.into(), 0..=9),
        };
        let levels: std::ops::RangeInclusive<i64> = levels;
        if levels.contains(&level) {
            return Ok(());
        }
        let (least, most) = (levels.start(), levels.end());
        let message = format!("{self:?}: the level goes from {least} to {most}");
        Err(ErrorKind::Value(message).into())
    }

    /// Appends the compressed `block` to `out`, which is empty.
    pub(super) fn block(self, block: &[u8], out: &mut Vec<u8>) -> Result<(), Error> {
        let packed = self.pack(block, out);
        packed.map_err(ErrorKind::io("compressing"))
    }

    fn pack(self, block: &[u8], out: &mut Vec<u8>) -> std::io::Result<()> {
        match self {
            Compress::None => {
                out.extend_from_slice(block);
                Ok(())
            }
            #[cfg(feature = "zstd")]
            Compress::Zstd(level) => zstd::pack(level, block, out),
            #[cfg(feature = "lz4")]
            Compress::Lz4 => {
                lz4::pack(block, out);
                Ok(())
            }
            #[cfg(feature = "zlib")]
            Compress::Zlib(level) => zlib::pack(level, block, out),
            #[cfg(feature = "zlib")]
            Compress::Gzip(level) => zlib::pack_gzip(level, block, out),
            #[cfg(feature = "bz2")]
            Compress::Bz2(level) => bz2::pack(level, block, out),
            #[cfg(feature = "xz")]
            Compress::Xz(level) => xz::pack(level, block, out),
        }
    }

    /// As [`block`](Compress::block), as a stream that the ordinary program reads.
    fn stream(self, block: &[u8], out: &mut Vec<u8>) -> std::io::Result<()> {
        match self {
            #[cfg(feature = "lz4")]
            Compress::Lz4 => lz4::pack_frame(block, out),
            // The others are such streams.
            other => other.pack(block, out),
        }
    }
}

impl UnpackError {
    const SHORTER: &str = "it is shorter than it was";
    #[cfg(any(
        feature = "zstd",
        feature = "zlib",
        feature = "bz2",
        feature = "xz",
        feature = "lz4"
    ))]
    const LONGER: &str = "it is longer than it was";
    #[cfg(any(feature = "zstd", feature = "zlib", feature = "bz2", feature = "xz"))]
    const FOLLOWED: &str = "bytes follow what was compressed";

    fn damaged(why: impl fmt::Display) -> UnpackError {
        UnpackError::Damaged(why.to_string())
    }
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
    pub(super) fn unpack(self, packed: &[u8], out: &mut [u8]) -> Result<(), UnpackError> {
        match self {
            // A block without a codec is as long as it was.
            Codec::None => Err(UnpackError::damaged(UnpackError::SHORTER)),
            #[cfg(feature = "zstd")]
            Codec::Zstd => zstd::unpack(packed, out),
            #[cfg(feature = "lz4")]
            Codec::Lz4 => lz4::unpack(packed, out),
            #[cfg(feature = "zlib")]
            Codec::Zlib => zlib::unpack(packed, out),
            #[cfg(feature = "zlib")]
            Codec::Gzip => zlib::unpack_gzip(packed, out),
            #[cfg(feature = "bz2")]
            Codec::Bz2 => bz2::unpack(packed, out),
            #[cfg(feature = "xz")]
            Codec::Xz => xz::unpack(packed, out),
            #[allow(
                unreachable_patterns,
                reason = "a build with all features has them all"
            )]
            other => {
                let _ = (packed, out);
                Err(UnpackError::Feature(other.feature()))
            }
        }
    }

    /// The feature that it takes.
    fn feature(self) -> &'static str {
        match self {
            Codec::Gzip => "zlib",
            other => other.name(),
        }
    }

    fn name(self) -> &'static str {
        match self {
            Codec::None => "none",
            Codec::Zstd => "zstd",
            Codec::Lz4 => "lz4",
            Codec::Zlib => "zlib",
            Codec::Gzip => "gzip",
            Codec::Bz2 => "bz2",
            Codec::Xz => "xz",
        }
    }
}

impl fmt::Display for Codec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Each compression at its usual level, if this build has it.
mod by_feature {
    use super::Compress;

    macro_rules! usual {
        ($($name:ident, $feature:literal, $compress:expr;)*) => {$(
            pub(super) fn $name() -> Option<Compress> {
                #[cfg(feature = $feature)]
                return Some($compress);
                #[cfg(not(feature = $feature))]
                None
            }
        )*};
    }

    usual! {
        zstd, "zstd", Compress::Zstd(3);
        lz4, "lz4", Compress::Lz4;
        zlib, "zlib", Compress::Zlib(3);
        gzip, "zlib", Compress::Gzip(3);
        bz2, "bz2", Compress::Bz2(9);
        xz, "xz", Compress::Xz(6);
    }
}
