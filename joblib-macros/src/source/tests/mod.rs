//! Promises of the fingerprint engine, over crates written to disk.

mod annotated;
mod crates;
mod effects;
mod fixture;
mod foreign;
mod format;
mod hidden;
mod macros;
mod order;
mod precise;
mod reach;
mod site;
mod type_names;
mod visibility;
mod within;
