//! Promises of the fingerprint engine, over crates written to disk.

mod callbacks;
mod crates;
mod effects;
mod fixture;
mod foreign;
mod format;
mod hidden;
mod imports;
mod macros;
mod order;
mod precise;
mod reach;
mod seen;
mod site;
mod visibility;
mod within;
