//! Promises of the fingerprint engine, over crates written to disk.

mod alias;
mod crates;
mod effects;
mod files;
mod fixture;
mod foreign;
mod format;
mod hidden;
mod macros;
mod order;
mod precise;
mod reach;
mod reading;
mod site;
mod spelled;
mod textual;
mod unread;
mod visibility;
mod within;
