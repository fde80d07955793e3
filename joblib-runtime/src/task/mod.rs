//! Tasks: a closure, or a function whose annotation describes it so that another process
//! of the same binary can find it. `parallel` and the backends decide where and when
//! tasks run.

mod assoc_type;
mod clone_shared;
pub(crate) mod current;
mod function;
mod future;
mod heap_size;
mod instances;
mod method;
mod not_remote;
mod registry;
mod remote;
mod remote_closure;
pub mod thread;
pub mod worker;

pub use self::assoc_type::AssocType;
pub use self::clone_shared::{CloneShared, copied};
pub use self::function::{ClosureTask, FunctionTask, StatefulTask, Task};
pub use self::future::block_on;
pub use self::heap_size::{SizeFns, Weigh, heap_size};
pub use self::instances::{InstanceEntry, InstanceSlot, Way, find_instance};
pub use self::method::{LocalMethod, MethodOf, MethodTask, given};
pub use self::not_remote::{NotRemote, TypeName, UnsendablePart, unsendable};
pub use self::registry::{
    Instance, InstanceError, Key, Registration, find, named, registry_digest,
};
pub use self::remote::{
    AnyRemoteBackend, Put, Remote, RemoteCall, RemoteProbe, RemoteVTable, SelectLocal,
    SelectRemote, never,
};
pub use self::remote_closure::{RemoteClosure, anonymous};
