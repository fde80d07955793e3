//! The function as one call uses it: the function itself, or its copy in the memory that
//! the call chose.

use std::sync::Arc;

use super::digest::ArgsDigest;
use super::entry::EntryKey;
use super::flight;
use super::function::{FunctionState, MemoFunction, entry_id};
use super::lookup::Lookup;
use super::memory::Memory;
use super::memory_function::MemoryFunction;

/// A function with the state that a call uses.
pub struct OpenedFunction(Opened);

enum Opened {
    Own(&'static MemoFunction),
    Copy(Arc<MemoryFunction>),
}

impl From<&'static MemoFunction> for OpenedFunction {
    #[inline]
    fn from(function: &'static MemoFunction) -> Self {
        OpenedFunction::of(function)
    }
}

impl MemoFunction {
    /// Returns the function as a call uses it that stores its result in `memory`.
    pub fn in_memory(&'static self, memory: &Memory) -> OpenedFunction {
        OpenedFunction(Opened::Copy(memory.function(self)))
    }
}

impl OpenedFunction {
    /// Returns the function itself.
    #[inline]
    pub fn of(function: &'static MemoFunction) -> Self {
        OpenedFunction(Opened::Own(function))
    }

    #[inline]
    pub(super) fn site(&self) -> &MemoFunction {
        match &self.0 {
            Opened::Own(function) => function,
            Opened::Copy(copy) => copy.site(),
        }
    }

    #[inline]
    pub(super) fn state(&self) -> &FunctionState {
        match &self.0 {
            Opened::Own(function) => function.bound(),
            Opened::Copy(copy) => copy.bound(),
        }
    }

    /// Returns the lookup of a call, or `None` if the call cannot be stored.
    #[inline]
    pub(super) fn lookup(&self, digest: ArgsDigest) -> Option<Lookup<'_>> {
        Lookup::by(self.site(), self.state(), digest)
    }

    /// Returns the key of the entry for these arguments.
    ///
    /// An argument that cannot be encoded has no entry. The returned key then covers
    /// only the arguments that could be encoded.
    pub fn key(&self, digest: ArgsDigest) -> EntryKey {
        EntryKey(entry_id(self.state().digest, digest.bits()))
    }

    /// Returns whether a call with these arguments would only wait for another thread
    /// or process that is computing its result. Calls `digest` only if others are
    /// computing anything.
    pub fn would_wait(&self, digest: impl FnOnce() -> ArgsDigest) -> bool {
        let (here, elsewhere) = (flight::has_others(), self.state().cache.has_others());
        if !here && !elsewhere {
            return false;
        }
        let Ok(args) = digest().encoded() else {
            return false;
        };
        let lookup = Lookup::at(self.site(), self.state(), args);
        flight::may_wait(lookup.flight())
            && (here && flight::is_led(lookup.flight()) || elsewhere && lookup.is_led_elsewhere())
    }

    /// Drops the entry for these arguments. Returns whether there was one.
    pub fn forget(&self, digest: ArgsDigest) -> bool {
        let Some(lookup) = self.lookup(digest) else {
            return false;
        };
        let tier = lookup.bound.tier();
        let in_memory = tier.is_some_and(|tier| tier.forget(lookup.id));
        let site = self.site();
        let store = site.store_to_drop_from(lookup.bound);
        let on_disk = store.is_some_and(|store| {
            site.stored_or_warn(store.forget(lookup.id))
                .unwrap_or(false)
        });
        in_memory || on_disk
    }
}
