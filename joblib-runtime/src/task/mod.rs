//! What is done for each of many arguments: a closure, or a function that its
//! annotation describes so that another process of the same binary can find
//! it. Where and when tasks run is for `parallel` and the backends.

pub(crate) mod current;
mod function;
mod registry;
mod remote;

pub use self::function::{Closure, Function, Task};
pub use self::registry::{Instance, InstanceError, Registration, find, registry_digest};
pub use self::remote::{
    Argument, Elsewhere, Probe, ProbeLocal, ProbeRemote, Remote, Returned, Ways,
};
