//! The functions of this binary that another process of it can be asked to
//! run, by name.

use std::any::TypeId;
use std::collections::HashMap;
use std::hash::{Hash, Hasher};

use twox_hash::{XxHash3_64, XxHash3_128};

use crate::fork::OnceComputed;
use crate::wire::{MessageError, MessageReader, MessageWriter};

/// A function ready to run: what all tasks share is in it. It takes the
/// arguments of one task from the reader and hands its result, put together,
/// to the last argument.
pub type Instance = Box<
    dyn Fn(&mut MessageReader<'_>, &mut dyn FnMut(&MessageWriter<'_>)) -> Result<(), InstanceError>,
>;

/// Why an instance gave no result.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InstanceError {
    /// The arguments could not be taken.
    #[error("the arguments cannot be read: {0}")]
    Take(#[from] MessageError),
    /// The result could not be put.
    #[error("the result cannot be sent: {0}")]
    Put(#[from] crate::wire::PutError),
}

/// What an annotation says of a function to other processes.
#[derive(Debug)]
pub struct Registration {
    /// Its name, for people. The user may have given it to several, and a file
    /// or a macro may have made several of one place.
    pub name: &'static str,
    /// A type that stands for it and for no other function of the binary,
    /// whichever crate, target or version of a package that is of.
    pub identity: fn() -> TypeId,
    /// The fingerprint of its source.
    pub fingerprint: u128,
    /// The types of its arguments and of its result, as written.
    pub schema: &'static str,
    /// Makes it ready to run, from what all tasks share; nothing where it
    /// cannot travel.
    pub open: fn(&mut MessageReader<'static>) -> Option<Result<Instance, MessageError>>,
}

inventory::collect!(Registration);

impl Registration {
    /// By what another process of this binary finds it: unlike that of any
    /// other function.
    pub fn key(&self) -> Key {
        let mut hasher = XxHash3_64::default();
        (self.identity)().hash(&mut hasher);
        (self.name.to_owned(), hasher.finish())
    }
}

/// The name of a function, and the hash of its identity.
pub type Key = (String, u64);

/// The function with that key.
pub fn find(key: &Key) -> Option<&'static Registration> {
    static BY_KEY: OnceComputed<HashMap<Key, &'static Registration>> = OnceComputed::new();
    let by_key = BY_KEY.get_or_init(|| {
        let all = inventory::iter::<Registration>;
        all.into_iter().map(|known| (known.key(), known)).collect()
    });
    by_key.get(key).copied()
}

/// The functions called `name`.
pub fn named(name: &str) -> impl Iterator<Item = &'static Registration> {
    let all = inventory::iter::<Registration>;
    all.into_iter().filter(move |known| known.name == name)
}

/// Stands for all functions of the binary, whatever the order they came in.
pub fn registry_digest() -> u128 {
    let all = inventory::iter::<Registration>;
    let mut names: Vec<_> = all
        .into_iter()
        .map(|known| (known.name, known.fingerprint, known.schema))
        .collect();
    names.sort_unstable();
    let mut bytes = Vec::new();
    for (name, fingerprint, schema) in names {
        bytes.extend_from_slice(&(name.len() as u64).to_le_bytes());
        bytes.extend_from_slice(name.as_bytes());
        bytes.extend_from_slice(&fingerprint.to_le_bytes());
        bytes.extend_from_slice(&(schema.len() as u64).to_le_bytes());
        bytes.extend_from_slice(schema.as_bytes());
    }
    XxHash3_128::oneshot(&bytes)
}
