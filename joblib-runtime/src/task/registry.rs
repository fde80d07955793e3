//! The functions of this binary that another process of it can be asked to
//! run, by name.

use std::collections::HashMap;
use std::sync::OnceLock;

use twox_hash::XxHash3_128;

use crate::wire::{Reader, TakeError, Writer};

/// A function ready to run: what all tasks share is in it. It takes the
/// arguments of one task from the reader and hands its result, put together,
/// to the last argument.
pub type Instance =
    Box<dyn Fn(&mut Reader<'_>, &mut dyn FnMut(&Writer<'_>)) -> Result<(), InstanceError>>;

/// Why an instance gave no result.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InstanceError {
    /// The arguments could not be taken.
    #[error("the arguments cannot be read: {0}")]
    Take(#[from] TakeError),
    /// The result could not be put.
    #[error("the result cannot be sent: {0}")]
    Put(#[from] crate::wire::PutError),
}

/// What an annotation says of a function to other processes.
#[derive(Debug)]
pub struct Registration {
    /// Unlike that of any other function of the binary.
    pub name: &'static str,
    /// The fingerprint of its source.
    pub fingerprint: u128,
    /// The types of its arguments and of its result, as written.
    pub schema: &'static str,
    /// Makes it ready to run, from what all tasks share; nothing where it
    /// cannot travel.
    pub open: fn(&mut Reader<'static>) -> Option<Result<Instance, TakeError>>,
}

inventory::collect!(Registration);

/// The function called `name`.
pub fn find(name: &str) -> Option<&'static Registration> {
    static BY_NAME: OnceLock<HashMap<&'static str, &'static Registration>> = OnceLock::new();
    let by_name = BY_NAME.get_or_init(|| {
        let all = inventory::iter::<Registration>;
        all.into_iter().map(|known| (known.name, known)).collect()
    });
    by_name.get(name).copied()
}

/// A name that two functions have, of which [`find`] knows one: the user gave
/// it to both.
pub fn duplicate() -> Option<&'static str> {
    let all = inventory::iter::<Registration>;
    let mut names: Vec<_> = all.into_iter().map(|known| known.name).collect();
    names.sort_unstable();
    names
        .windows(2)
        .find(|pair| pair[0] == pair[1])
        .map(|pair| pair[0])
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
