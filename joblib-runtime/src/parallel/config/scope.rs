//! The scopes that a thread is in, from the outermost to the innermost.

use std::cell::RefCell;
use std::marker::PhantomData;
use std::mem::ManuallyDrop;

use serde::{Deserialize, Serialize};

use super::defaults::Defaults;
use super::{Sourced, named};
use crate::backend::BackendKind;

thread_local! {
    // Without a destructor, so that the scopes of a thread hold until its last
    // destructors have run. The list has no memory while it is empty.
    static SCOPES: ManuallyDrop<RefCell<Vec<ConfigScope>>> = const {
        ManuallyDrop::new(RefCell::new(Vec::new()))
    };
}

struct ConfigScope {
    id: u64,
    defaults: Defaults,
}

/// A scope of [`config`](super::config): its settings hold in this thread,
/// and in the tasks of calls that this thread makes, until it is dropped.
#[must_use = "the settings hold only as long as this lives"]
#[derive(Debug)]
pub struct ConfigGuard {
    id: u64,
    /// It belongs to its thread.
    marker: PhantomData<*const ()>,
}

/// What a call hands on to its tasks of the scopes it was made in.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ConfigSnapshot(Defaults);

/// What the scopes of this thread say together.
pub(crate) fn in_force() -> Defaults {
    SCOPES.with(|scopes| {
        let scopes = scopes.borrow();
        let inner_to_outer = scopes.iter().rev();
        inner_to_outer.fold(Defaults::default(), |said, scope| said.or(&scope.defaults))
    })
}

/// What the scopes of this thread say, for the tasks of a call.
pub(crate) fn current() -> ConfigSnapshot {
    let mut said = in_force().into_around();
    // Summaries of the calls inside would drown the one that was asked for.
    said.verbose = None;
    ConfigSnapshot(said)
}

/// Puts this thread, which is about to run tasks, into the scopes that the
/// call was made in.
pub(crate) fn adopt(snapshot: ConfigSnapshot) -> ConfigGuard {
    enter(snapshot.0)
}

impl ConfigSnapshot {
    /// The same for a worker process. Its tasks start no processes unless
    /// they say so: calls in them run on threads.
    pub(crate) fn for_process(mut self) -> ConfigSnapshot {
        let is_here =
            |said: &Sourced<_>| named(said).is_ok_and(|it| it.value == BackendKind::Processes);
        self.0.backend = self.0.backend.filter(|said| !is_here(said));
        self
    }
}

pub(super) fn enter(defaults: Defaults) -> ConfigGuard {
    SCOPES.with(|scopes| {
        let mut scopes = scopes.borrow_mut();
        let id = scopes.last().map_or(0, |scope| scope.id + 1);
        scopes.push(ConfigScope { id, defaults });
        ConfigGuard {
            id,
            marker: PhantomData,
        }
    })
}

impl Drop for ConfigGuard {
    fn drop(&mut self) {
        // Guards can be dropped in any order, each takes only its own scope
        // along.
        SCOPES.with(|scopes| {
            let mut scopes = scopes.borrow_mut();
            scopes.retain(|scope| scope.id != self.id);
            if scopes.is_empty() {
                *scopes = Vec::new();
            }
        });
    }
}
