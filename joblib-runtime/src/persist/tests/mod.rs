//! Tests with invalid, damaged, and malicious files.

mod access;
mod arrays;
mod compression;
mod damage;
mod directory;
mod encoding;
mod forge;
mod forms;
mod header;
mod locks;
mod memory;
mod paths;
mod places;
mod records;
mod schema;
mod several;

use std::path::PathBuf;

use self::forge::Forge;
use super::{Dump, Error, Load, Persist, Save, inspect, load, open, open_cow};

/// A temporary directory and the path of a file in it.
struct Place {
    directory: tempfile::TempDir,
    path: PathBuf,
}

impl Place {
    fn new() -> Place {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("value");
        Place { directory, path }
    }

    fn with(bytes: &[u8]) -> Place {
        let place = Place::new();
        std::fs::write(&place.path, bytes).unwrap();
        place
    }

    /// Returns the names of the files in the directory.
    fn names(&self) -> Vec<String> {
        let entries = std::fs::read_dir(self.directory.path()).unwrap();
        let name = |it: std::io::Result<std::fs::DirEntry>| it.unwrap().file_name();
        let mut names: Vec<_> = entries
            .map(|it| name(it).to_string_lossy().into_owned())
            .collect();
        names.sort();
        names
    }
}

fn dumped(value: &(impl Save + ?Sized)) -> Vec<u8> {
    let mut bytes = Vec::new();
    Dump::new().write(&mut bytes, value).unwrap();
    bytes
}

fn read<T: Persist>(bytes: &[u8]) -> Result<T, Error> {
    Load::new().read(bytes)
}

/// Asserts that every way to read a file with these bytes fails and that inspecting it
/// does not panic. Returns the error message.
#[track_caller]
fn refused<T: Persist>(bytes: &[u8]) -> String {
    let place = Place::with(bytes);
    let Err(error) = read::<T>(bytes) else {
        panic!("the file was read");
    };
    assert!(load::<T>(&place.path).is_err(), "the file was loaded");
    if let Ok(mapped) = open::<T>(&place.path) {
        assert!(mapped.verify().is_err(), "the file was mapped and verified");
    }
    let _ = open_cow::<T>(&place.path);
    let _ = inspect(&place.path);
    error.to_string()
}

/// Asserts like [`refused`], and that the error message contains `why`.
#[track_caller]
fn refused_for<T: Persist>(bytes: &[u8], why: &str) {
    assert_contains(&refused::<T>(bytes), why);
}

/// Asserts like [`refused`], for a file with this body.
#[track_caller]
fn body_refused<T: Persist>(body: &[u8]) -> String {
    refused::<T>(&Forge::of::<T>(body).bytes())
}

/// Asserts like [`refused_for`], for a file with this body.
#[track_caller]
fn body_refused_for<T: Persist>(body: &[u8], why: &str) {
    refused_for::<T>(&Forge::of::<T>(body).bytes(), why);
}

#[track_caller]
fn assert_contains(text: &str, part: &str) {
    assert!(text.contains(part), "{part:?} is not in {text:?}");
}
