//! Types of every shape that serde's derive supports derive `Persist` and `Key` as well.
//! Each derives all of them together and is written, read and mapped.

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

/// Writes a value, reads and maps it, and compares the results by their hashes and keys.
/// A tuple checks all its elements at once.
#[track_caller]
fn check<T: Persist + Key + Serialize + DeserializeOwned>(value: T) {
    let back = persisted(&value);
    assert_eq!(key(&value), key(&back));
}

/// Like `check`, for a type without a key.
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

/// Compiles only if the type implements all of the traits; needs no value.
fn has_all<T: Persist + Key + Serialize + DeserializeOwned>() {}
