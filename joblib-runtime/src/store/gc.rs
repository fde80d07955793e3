//! Removes unfinished files of processes that died, and verifies everything that is
//! stored.

use std::collections::HashSet;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use super::catalog::Catalog;
use super::directory::{self, StoreDir, TEMPORARY};
use super::error::Error;
use super::fs::FileSystem;
use super::inner::StoreInner;
use super::record::{decode, origin};
use super::{Verified, blob};

/// Removes unfinished files whose writer is gone, key tables without a log, and
/// unreferenced large payloads. The caller holds the maintenance lock.
pub(crate) fn remove_leftovers(shared: &StoreInner, directory: &StoreDir) {
    let files = &*shared.files;
    let names = files.list(directory.path()).unwrap_or_default();
    for name in names.iter().filter_map(|name| name.to_str()) {
        let path = directory.path().join(name);
        match directory::segment_of(name) {
            Some((number, false)) if is_absent(files, &directory.log(number)) => {
                let _ = files.remove(&path);
            }
            None if name.starts_with(TEMPORARY) => {
                // Keep the file locked until it is removed: a writer that has just
                // created it may be about to lock it, and must not lose it.
                let locked = lock_if_dead(files, &path);
                if locked.is_some() {
                    let _ = files.remove(&path);
                }
            }
            _ => {}
        }
    }
    remove_unnamed(shared, directory);
}

/// Removes payloads that no record refers to.
///
/// The writer of a payload locks it until its record is written. A payload that is not
/// locked, and that no record read afterwards refers to, is therefore never referenced.
fn remove_unnamed(shared: &StoreInner, directory: &StoreDir) {
    let files = &*shared.files;
    let names = files.list(&directory.big()).unwrap_or_default();
    let paths = names.into_iter().map(|name| directory.big().join(name));
    let unused: Vec<_> = paths
        .filter(|path| lock_if_dead(files, path).is_some())
        .collect();
    if unused.is_empty() {
        return;
    }
    shared.read_changes(true);
    if !shared.scan_files(directory) {
        // A log that cannot be read may refer to any of the payloads.
        return;
    }
    let named = large_payloads(shared, directory);
    for path in unused.iter().filter(|path| !named.contains(*path)) {
        blob::remove(files, path);
    }
}

pub(crate) fn is_absent(files: &dyn FileSystem, path: &Path) -> bool {
    files
        .look_up(path)
        .is_err_and(|error| error.kind() == io::ErrorKind::NotFound)
}

/// Opens and locks the file at `path`, if its writer is gone.
fn lock_if_dead(files: &dyn FileSystem, path: &Path) -> Option<File> {
    let file = files.open(path, false).ok()?;
    files.try_lock(&file).ok()?.then_some(file)
}

/// Returns the paths of all payload files that records refer to.
pub(crate) fn large_payloads(shared: &StoreInner, directory: &StoreDir) -> HashSet<PathBuf> {
    shared.read_catalog(|catalog| {
        let segments = catalog.sealed().iter().chain(catalog.growing());
        let records = segments.flat_map(|segment| segment.records());
        let large = records.filter(|(_, record)| record.meta.kind.is_external());
        large
            .map(|(_, record)| blob::path(directory, record.id, record.payload))
            .collect()
    })
}

/// Reads every record and every large payload.
pub(crate) fn verify(shared: &StoreInner) -> Verified {
    let mut verified = Verified::default();
    let Some(directory) = &shared.directory else {
        return verified;
    };
    let mut damaged = invalid_ranges(shared, directory);
    for (_, _, entry) in shared.read_catalog(Catalog::visible).records {
        if !entry.meta.kind.is_result() {
            continue;
        }
        match shared.get_verified(entry.id) {
            Ok(true) => verified.entries += 1,
            Ok(false) => {}
            Err(error) => damaged.push(error),
        }
    }
    verified.damaged = damaged.iter().map(ToString::to_string).collect();
    verified
}

/// Returns an error for each range of a log that contains no valid record: its contents
/// are lost.
pub(crate) fn invalid_ranges(shared: &StoreInner, directory: &StoreDir) -> Vec<Error> {
    let segments = shared.read_catalog(|catalog| {
        let growing = catalog.growing();
        catalog
            .sealed()
            .iter()
            .chain(growing)
            .cloned()
            .collect::<Vec<_>>()
    });
    let ranges = segments.iter().flat_map(|segment| {
        invalid_offsets(segment.number, segment.bytes()).map(|offset| Error::Damaged {
            path: directory.log(segment.number),
            offset,
            what: "no complete record found",
        })
    });
    ranges.collect()
}

/// Returns the offsets where invalid ranges of a log start.
fn invalid_offsets(segment: u64, bytes: &[u8]) -> impl Iterator<Item = u64> {
    let mut offset = 0;
    let mut is_invalid = false;
    std::iter::from_fn(move || {
        while offset < bytes.len() {
            let at = offset;
            match decode(origin(segment, at), &bytes[at..]) {
                Some(record) => {
                    offset += record.size();
                    is_invalid = false;
                }
                None => {
                    offset += 8;
                    if !std::mem::replace(&mut is_invalid, true) {
                        return Some(at as u64);
                    }
                }
            }
        }
        None
    })
}
