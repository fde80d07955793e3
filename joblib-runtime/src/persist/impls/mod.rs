//! Implements [`Save`](super::Save) and [`Persist`](super::Persist) for the types of
//! std and for those of optional crates.

mod atomic;
mod map;
#[cfg(feature = "nalgebra")]
mod nalgebra;
#[cfg(feature = "ndarray")]
mod ndarray;
mod number;
mod pointer;
mod sequence;
mod shared;
#[cfg(feature = "sprs")]
mod sprs;
#[cfg(all(test, feature = "ndarray"))]
mod tests;
mod text;
mod time;
mod tuple;
