//! Files that are no files, or no longer, or made to do harm.

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

use super::{Dump, Error, Load, Persist, Save, inspect, load, open, open_cow};

/// A directory, and the place of a file in it.
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

    /// The names of the files in the directory.
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

/// Why a file of these bytes is refused: it is by every way to read it, and no
/// way to look at it panics.
#[track_caller]
fn refused<T: Persist>(bytes: &[u8]) -> String {
    let place = Place::with(bytes);
    let Err(error) = read::<T>(bytes) else {
        panic!("it was read");
    };
    assert!(load::<T>(&place.path).is_err(), "it was loaded");
    if let Ok(mapped) = open::<T>(&place.path) {
        assert!(mapped.verify().is_err(), "it was mapped and verified");
    }
    let _ = open_cow::<T>(&place.path);
    let _ = inspect(&place.path);
    error.to_string()
}
