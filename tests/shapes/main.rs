//! Types of every shape that serde's derive takes have `Persist` and `Key` as
//! well: each is derived with all of them side by side, written, read and
//! mapped.

#![allow(
    dead_code,
    unreachable_pub,
    clippy::all,
    clippy::repr_packed_without_abi,
    reason = "the shapes exist only to be derived"
)]

mod attributes;
mod bounds;
mod enums;
mod generics;
mod layout;
mod lints;
mod made;
mod markers;
mod names;
mod plain;
mod receiver;
mod recursion;
mod std_types;
mod structs;

use joblib::{Key, Persist};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// Writes a value, reads and maps it, and compares what is read by what it is
/// written as and by its key. A tuple checks all that are in it at once.
#[track_caller]
fn check<T: Persist + Key + Serialize + DeserializeOwned>(value: T) {
    let back = persisted(&value);
    assert_eq!(key(&value), key(&back));
}

/// The same of what has no key.
#[track_caller]
fn persisted<T: Persist>(value: &T) -> T {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("value");
    joblib::dump(value, &path).unwrap();
    let back: T = joblib::load(&path).unwrap();
    assert_eq!(joblib::hash(value), joblib::hash(&back));
    let mapped = joblib::open::<T>(&path).unwrap();
    let _ = mapped.view();
    back
}

fn key<T: Key>(value: &T) -> u128 {
    joblib::__private::key::of(value)
}

/// Whether a type has all of the traits, of which there is no value at hand.
fn has_all<T: Persist + Key + Serialize + DeserializeOwned>() {}
