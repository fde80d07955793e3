//! Compresses blocks, and decompresses them with a check of the expected size. Each
//! codec has its own file and its own feature.

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

/// How the arrays and the rest of a value are compressed in a file.
///
/// A field can have its own compression, with `#[persist(compress = "zstd:3")]`. The
/// file stores how it is compressed, so reading needs no option. Compressed data is
/// loaded and cannot be mapped.
///
/// If no compression is set, the extension of the path decides, as in Python's joblib:
/// see [`Compress::from_path`]. Such a file is compressed as a whole, so that `gunzip`,
/// `bunzip2`, `unxz`, `unlzma`, `zstd -d` and `lz4 -d` decompress it to a file that can
/// be mapped. Loading it takes memory for the whole file.
///
/// Otherwise, each mebibyte of an array is compressed separately, on all cores; one
/// that does not become shorter is stored uncompressed. Each variant except the first
/// needs the feature named like its extension or its crate: `zstd`, `lz4`, `zlib` (also
/// for gzip), `bz2`, `xz`.
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
    /// No compression: arrays can be mapped.
    #[default]
    None,
    /// zstd, at a level from 1 to 22; 3 is usual.
    #[cfg(feature = "zstd")]
    Zstd(i32),
    /// lz4, which has no levels: larger files, and the fastest to read.
    #[cfg(feature = "lz4")]
    Lz4,
    /// zlib, at a level from 1 to 9; 3 is usual.
    #[cfg(feature = "zlib")]
    Zlib(u32),
    /// gzip, at a level from 1 to 9; 3 is usual.
    #[cfg(feature = "zlib")]
    Gzip(u32),
    /// bzip2, at a level from 1 to 9; 9 is usual.
    #[cfg(feature = "bz2")]
    Bz2(u32),
    /// xz, at a level from 0 to 9; 6 is usual. The smallest files, and the slowest to
    /// write.
    #[cfg(feature = "xz")]
    Xz(u32),
}

/// The codec of a block, as stored in files.
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

/// Why a block could not be decompressed.
#[derive(Debug)]
pub(super) enum UnpackError {
    Damaged(String),
    /// This build lacks the named feature.
    Feature(&'static str),
}

impl Compress {
    /// Returns the compression that the extension of `path` names: `zst`, `lz4`, `z`,
    /// `gz`, `bz2`, `xz` and `lzma`, each at its usual level, and [`Compress::None`]
    /// for any other.
    ///
    /// # Errors
    ///
    /// Fails if this build does not support the compression.
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

    /// Returns every compression that this build supports, for exhaustive tests.
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

    /// Validates the compression level.
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
        let message = format!("invalid level in `{self:?}`; expected {least} to {most}");
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

    /// Compresses a block like [`block`](Compress::block), as a stream that the
    /// standard program can read.
    fn stream(self, block: &[u8], out: &mut Vec<u8>) -> std::io::Result<()> {
        match self {
            #[cfg(feature = "lz4")]
            Compress::Lz4 => lz4::pack_frame(block, out),
            // The other codecs already produce such streams.
            other => other.pack(block, out),
        }
    }
}

impl UnpackError {
    const SHORTER: &str = "the decompressed data is shorter than recorded";
    #[cfg(any(
        feature = "zstd",
        feature = "zlib",
        feature = "bz2",
        feature = "xz",
        feature = "lz4"
    ))]
    const LONGER: &str = "the decompressed data is longer than recorded";
    #[cfg(any(feature = "zstd", feature = "zlib", feature = "bz2", feature = "xz"))]
    const TRAILING_BYTES: &str = "bytes follow the compressed data";

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

    /// Decompresses `packed` to `out`. Fails unless the result fills `out` exactly and
    /// all of `packed` is used.
    pub(super) fn unpack(self, packed: &[u8], out: &mut [u8]) -> Result<(), UnpackError> {
        match self {
            // Without a codec, a shorter block cannot be valid.
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
                reason = "no other variant exists with all features"
            )]
            other => {
                let _ = (packed, out);
                Err(UnpackError::Feature(other.feature()))
            }
        }
    }

    /// Returns the feature that the codec needs.
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

/// Each compression at its usual level, if this build supports it.
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
