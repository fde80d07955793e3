//! `#[parallel]`: one function over many inputs, with any signature.

mod arguments;
mod assoc_types;
mod asynchronous;
mod clashing_names;
mod conditional;
mod dynamic_backend;
mod generic;
mod memoized;
mod methods;
mod persist_transport;
mod registry;
mod results;
mod self_describing;
#[path = "../serde_types/mod.rs"]
mod serde_types;
mod tasks;
mod trait_objects;
