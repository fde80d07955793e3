//! Implements [`Save`](super::Save) and [`Persist`](super::Persist) for the types of
//! std and for those of optional crates.

#[cfg(feature = "arrow")]
mod arrow;
mod atomic;
#[cfg(feature = "bytes")]
mod bytes;
#[cfg(feature = "candle-core")]
mod candle;
#[cfg(feature = "chrono")]
mod chrono;
#[cfg(feature = "rust_decimal")]
mod decimal;
#[cfg(feature = "faer")]
mod faer;
#[cfg(any(
    feature = "chrono",
    feature = "image",
    feature = "jiff",
    feature = "petgraph",
    feature = "rust_decimal"
))]
mod foreign;
#[cfg(feature = "image")]
mod image;
#[cfg(feature = "indexmap")]
mod indexmap;
#[cfg(feature = "jiff")]
mod jiff;
mod map;
#[cfg(any(feature = "nalgebra", feature = "nalgebra034"))]
mod nalgebra;
#[cfg(any(feature = "ndarray", feature = "ndarray016"))]
mod ndarray;
mod number;
#[cfg(feature = "petgraph")]
mod petgraph;
mod pointer;
#[cfg(feature = "polars")]
mod polars;
mod sequence;
mod shared;
#[cfg(feature = "smallvec")]
mod smallvec;
#[cfg(feature = "sprs")]
mod sprs;
#[cfg(all(test, feature = "ndarray"))]
mod tests;
mod text;
mod time;
mod tuple;
#[cfg(feature = "uuid")]
mod uuid;

#[cfg(feature = "image")]
pub use self::image::DynamicImageView;
