//! The stack of configuration scopes of a thread.

use std::cell::RefCell;
use std::marker::PhantomData;
use std::mem::ManuallyDrop;

use serde::{Deserialize, Serialize};

use super::defaults::Defaults;
use super::{Sourced, parse_backend};
use crate::backend::BackendKind;

thread_local! {
    // Without a destructor, so that scopes remain valid while other thread locals are
    // destroyed. An empty stack owns no memory.
    static SCOPES: ManuallyDrop<RefCell<Vec<ConfigScope>>> = const {
        ManuallyDrop::new(RefCell::new(Vec::new()))
    };
}

struct ConfigScope {
    id: u64,
    defaults: Defaults,
}

/// The guard of a [`config`](super::config) scope. The settings apply in this thread, and
/// in the tasks of calls that this thread makes, until the guard is dropped.
#[must_use = "the settings apply only until this guard is dropped"]
#[derive(Debug)]
pub struct ConfigGuard {
    id: u64,
    /// Makes the type `!Send`, since the scope belongs to its thread.
    marker: PhantomData<*const ()>,
}

/// The settings of the scopes of a call, as its tasks inherit them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ConfigSnapshot(Defaults);

/// Returns the combined settings of the scopes of this thread.
pub(crate) fn in_force() -> Defaults {
    SCOPES.with(|scopes| {
        let scopes = scopes.borrow();
        let inner_to_outer = scopes.iter().rev();
        inner_to_outer.fold(Defaults::default(), |settings, scope| {
            settings.or(&scope.defaults)
        })
    })
}

/// Returns the settings that the tasks of a call made by this thread inherit.
pub(crate) fn current() -> ConfigSnapshot {
    let mut settings = in_force().into_enclosing();
    // Summaries of nested calls would hide the one that was requested.
    settings.verbose = None;
    ConfigSnapshot(settings)
}

/// Puts this thread, which is about to run tasks, into the scopes of the call.
pub(crate) fn adopt(snapshot: ConfigSnapshot) -> ConfigGuard {
    enter(snapshot.0)
}

/// Like [`adopt`], in a thread of rayon, which may be in the middle of another task with
/// scopes of its own. They do not apply until the guard is dropped.
pub(crate) fn adopt_alone(snapshot: ConfigSnapshot) -> IsolatedScopes {
    let defaults = snapshot.0;
    let alone = match defaults == Defaults::default() {
        true => Vec::new(),
        false => vec![ConfigScope { id: 0, defaults }],
    };
    IsolatedScopes {
        before: SCOPES.with(|scopes| scopes.replace(alone)),
        marker: PhantomData,
    }
}

/// Sets the scopes of another task of this thread aside until it is dropped.
#[must_use = "the scopes are set aside only until this guard is dropped"]
pub(crate) struct IsolatedScopes {
    before: Vec<ConfigScope>,
    /// Makes the type `!Send`, since the scopes belong to their thread.
    marker: PhantomData<*const ()>,
}

impl Drop for IsolatedScopes {
    fn drop(&mut self) {
        let before = std::mem::take(&mut self.before);
        SCOPES.with(|scopes| drop(scopes.replace(before)));
    }
}

impl ConfigSnapshot {
    /// Converts the snapshot for a worker process. Calls in its tasks run on threads
    /// unless they choose processes themselves.
    pub(crate) fn for_process(mut self) -> ConfigSnapshot {
        let is_here = |setting: &Sourced<_>| {
            parse_backend(setting).is_ok_and(|it| it.value == BackendKind::Processes)
        };
        self.0.backend = self.0.backend.filter(|setting| !is_here(setting));
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
        // Guards can be dropped in any order. Each removes only its own scope.
        SCOPES.with(|scopes| {
            let mut scopes = scopes.borrow_mut();
            scopes.retain(|scope| scope.id != self.id);
            if scopes.is_empty() {
                *scopes = Vec::new();
            }
        });
    }
}
