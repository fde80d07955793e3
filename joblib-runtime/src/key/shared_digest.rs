//! The hashes of long arguments that all tasks of a parallel call share, so that a worker
//! hashes such an argument once and not for every task.
//!
//! An argument is recognized by its address and type. That is sound for what a call borrows
//! until it ends: the value cannot be moved, dropped or replaced before. A part of such a
//! value is not recognized, because it may be replaced: it may be what a lock protects.

use std::any::type_name;
use std::cell::Cell;
use std::mem::transmute_copy;
use std::ptr;
use std::sync::Mutex;

use super::KeyHasher;
use crate::unpoisoned::lock;

/// Arguments smaller than this have no hash of their own.
const SMALLEST: usize = 2 * size_of::<usize>();

thread_local! {
    static CURRENT: Cell<*const SharedDigests> = const { Cell::new(ptr::null()) };
}

/// The hashes that are known of the arguments that a call shares among its tasks.
#[derive(Debug)]
pub struct SharedDigests {
    borrowed: Vec<Borrowed>,
    known: Mutex<Vec<(ArgumentIdentity, u128)>>,
}

/// A value that is borrowed for the whole call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Borrowed {
    address: usize,
    size: usize,
    /// The length or the vtable of an unsized value. A value and its first field may be
    /// trait objects with one address and size.
    metadata: usize,
    type_name: &'static str,
}

/// A value, and how it is fed to a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct ArgumentIdentity {
    value: Borrowed,
    /// The functions that feed the type and the value. Different types may begin at one
    /// address.
    feed: [usize; 2],
}

/// An argument that the current call shares among its tasks.
pub(super) struct SharedArgument {
    digests: *const SharedDigests,
    identity: ArgumentIdentity,
}

impl Borrowed {
    /// Returns the identity of `value`.
    #[inline]
    pub fn of<T: ?Sized>(value: &T) -> Borrowed {
        let pointer = ptr::from_ref(value);
        let mut metadata = 0;
        if size_of::<*const T>() == size_of::<[usize; 2]>() {
            // SAFETY: the sizes are equal, and both parts of a wide pointer, its address and
            // its metadata, are initialized and valid as numbers.
            let parts: [usize; 2] = unsafe { transmute_copy(&pointer) };
            // Which part is the address is unspecified.
            metadata = parts[0] ^ parts[1];
        }
        Borrowed {
            address: pointer.addr(),
            size: size_of_val(value),
            metadata,
            type_name: type_name::<T>(),
        }
    }
}

/// Returns the values as a vector, without the traits of the prelude.
pub fn all<const COUNT: usize>(values: [Borrowed; COUNT]) -> Vec<Borrowed> {
    Vec::from(values)
}

impl SharedDigests {
    /// Creates the state of a call that borrows these values.
    pub fn new(borrowed: Vec<Borrowed>) -> SharedDigests {
        SharedDigests {
            borrowed,
            known: Mutex::default(),
        }
    }

    /// Runs `task` with the hashes that are known, and keeps those that it computes.
    #[inline]
    pub fn scope<R>(&self, task: impl FnOnce() -> R) -> R {
        struct Restore(*const SharedDigests);
        impl Drop for Restore {
            fn drop(&mut self) {
                CURRENT.set(self.0);
            }
        }
        let _restore = Restore(CURRENT.replace(self));
        task()
    }
}

impl SharedArgument {
    /// Returns the argument `value`, which the functions of `feed` feed, if the current
    /// call shares it among its tasks.
    #[inline]
    pub(super) fn find<T: ?Sized>(
        value: &T,
        feed: impl FnOnce() -> [usize; 2],
    ) -> Option<SharedArgument> {
        let digests = CURRENT.get();
        if size_of_val(value) < SMALLEST || digests.is_null() {
            return None;
        }
        let argument = SharedArgument {
            digests,
            identity: ArgumentIdentity {
                value: Borrowed::of(value),
                feed: feed(),
            },
        };
        argument.is_borrowed().then_some(argument)
    }

    fn is_borrowed(&self) -> bool {
        self.digests().borrowed.contains(&self.identity.value)
    }

    /// Returns its hash, if a task has computed it.
    pub(super) fn digest(&self) -> Option<u128> {
        let known = lock(&self.digests().known);
        let found = known
            .iter()
            .find(|(identity, _)| *identity == self.identity);
        found.map(|(_, digest)| *digest)
    }

    /// Keeps its hash for the following tasks.
    pub(super) fn keep(&self, digest: u128) {
        let mut known = lock(&self.digests().known);
        if known.iter().all(|(identity, _)| *identity != self.identity) {
            known.push((self.identity, digest));
        }
    }

    fn digests(&self) -> &SharedDigests {
        // SAFETY: `SharedDigests::scope` borrows what `CURRENT` points to until it has
        // restored what was there before. This argument is found and used while the key of
        // one call is computed, which is inside the scope.
        unsafe { &*self.digests }
    }
}

/// Returns the addresses of two functions that feed a `T`.
pub(super) fn addresses<T: ?Sized>(
    feed_type: fn(&mut KeyHasher),
    feed: fn(&T, &mut KeyHasher),
) -> [usize; 2] {
    [feed_type as usize, feed as usize]
}
