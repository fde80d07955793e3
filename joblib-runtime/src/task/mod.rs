//! What is done for each of many arguments: a closure, or a function that its
//! annotation describes so that another process of the same binary can find
//! it. Where and when tasks run is for `parallel` and the backends.

mod anonymous;
pub mod ask;
mod copied;
pub(crate) mod current;
mod erased;
mod function;
mod future;
mod held;
mod listed;
mod method;
mod persisted;
mod projected;
mod registry;
mod remote;
mod stays;
pub mod thread;
mod travel;

pub use self::anonymous::{Anonymous, anonymous};
pub use self::ask::By;
pub use self::copied::{Copied, copied};
pub use self::function::{Closure, Function, Task};
pub use self::future::block_on;
pub use self::held::{Weigh, Weights, held};
pub use self::listed::{Found, Listed, Way, listed};
pub use self::method::{InProcess, Method, MethodOf, given};
pub use self::projected::Projected;
pub use self::registry::{
    Instance, InstanceError, Key, Registration, find, named, registry_digest,
};
pub use self::remote::{Elsewhere, Probe, ProbeLocal, ProbeRemote, Put, Remote, Travel, Ways};
pub use self::stays::{Carry, Part, PartPersists, PartStays, PartTravels, Stays, Type};
pub use self::travel::{
    Argument, AsArgument, AsResult, Returned, Unborrowed, UnborrowedResult, never,
};
