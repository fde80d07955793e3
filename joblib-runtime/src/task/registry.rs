//! The registry of the functions that another process of this binary can run by name.

use std::any::TypeId;
use std::collections::HashMap;
use std::hash::{Hash, Hasher};

use twox_hash::XxHash3_64;

use crate::fork::OnceComputed;
use crate::wire::{MessageError, MessageReader, MessageWriter};
use crate::xxh3;

/// A function that is ready to run and contains the arguments that all tasks share. It
/// decodes the arguments of one task from the reader and passes the encoded result to the
/// last argument.
pub type Instance = Box<
    dyn Fn(&mut MessageReader<'_>, &mut dyn FnMut(&MessageWriter<'_>)) -> Result<(), InstanceError>,
>;

/// The error of an instance that did not return a result.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InstanceError {
    /// The arguments could not be decoded.
    #[error("the arguments cannot be decoded: {0}")]
    Take(#[from] MessageError),
    /// The result could not be encoded.
    #[error("the result cannot be sent: {0}")]
    Put(#[from] crate::wire::PutError),
}

/// The description of an annotated function for other processes.
#[derive(Debug)]
pub struct Registration {
    /// Its name, for messages. It need not be unique: the user may have given several
    /// functions the same name, and a file or a macro may be used several times.
    pub name: &'static str,
    /// Returns the type that identifies it. It is unique in the binary, also among
    /// crates, targets and versions of a package.
    pub identity: fn() -> TypeId,
    /// The fingerprint of its source.
    pub fingerprint: u128,
    /// The types of its arguments and of its result, as written.
    pub schema: &'static str,
    /// Decodes the arguments that all tasks share, and returns the function ready to run.
    /// `None` if the function cannot run in another process.
    pub open: fn(&mut MessageReader<'static>) -> Option<Result<Instance, MessageError>>,
}

inventory::collect!(Registration);

impl Registration {
    /// Returns the key by which another process of this binary finds it. The key is
    /// unique.
    pub fn key(&self) -> Key {
        let mut hasher = XxHash3_64::default();
        (self.identity)().hash(&mut hasher);
        (self.name.to_owned(), hasher.finish())
    }
}

/// The name of a function, and the hash of its identity.
pub type Key = (String, u64);

/// Returns the function with that key.
pub fn find(key: &Key) -> Option<&'static Registration> {
    static BY_KEY: OnceComputed<HashMap<Key, &'static Registration>> = OnceComputed::new();
    let by_key = BY_KEY.get_or_init(|| {
        let all = inventory::iter::<Registration>;
        all.into_iter().map(|known| (known.key(), known)).collect()
    });
    by_key.get(key).copied()
}

/// Returns the functions called `name`.
pub fn named(name: &str) -> impl Iterator<Item = &'static Registration> {
    let all = inventory::iter::<Registration>;
    all.into_iter().filter(move |known| known.name == name)
}

/// Returns a digest of all functions of the binary that does not depend on their order.
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
    xxh3::hash128(&bytes)
}
