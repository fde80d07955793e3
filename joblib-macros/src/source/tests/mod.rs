//! Promises of the fingerprint engine, over crates written to disk.

mod alias;
mod annotated;
mod builds;
mod callbacks;
mod compiled;
mod crates;
mod effects;
mod files;
mod fixture;
mod foreign;
mod format;
mod hidden;
mod imports;
mod macros;
mod order;
mod precise;
mod reach;
mod reading;
mod seen;
mod site;
mod spelled;
mod textual;
mod type_names;
mod unread;
mod visibility;
mod within;
