//! `cargo xtask bench`: measures the tables of docs/performance.md.

pub(crate) mod compile;
pub(crate) mod memo;
pub(crate) mod parallel;
mod peers;
pub(crate) mod persist;
