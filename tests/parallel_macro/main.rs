//! `#[parallel]`: one function over many inputs, with any signature.

mod arguments;
mod asynchronous;
mod chosen;
mod conditional;
mod described;
mod generic;
mod memoized;
mod methods;
mod objects;
mod persisted;
mod projected;
mod registry;
mod results;
mod tasks;
