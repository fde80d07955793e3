//! Values that users set, each with where it was set, so that an invalid one can be reported with
//! its place; and the environment variables among them.

pub(crate) mod environment;
pub(crate) mod process_options;
pub(crate) mod provenance;
