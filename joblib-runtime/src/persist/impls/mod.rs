//! How the types of std, and of crates that are features, are written, read
//! and mapped.

mod map;
mod number;
mod pointer;
mod sequence;
mod shared;
mod text;
mod time;
mod tuple;
