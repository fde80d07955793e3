//! Flips every bit and cuts at every length of golden logs, key tables and
//! large payloads.

use std::fs;
use std::path::{Path, PathBuf};

use joblib_runtime::store::{Limits, Store, StoreOptions};

use super::Load;
use super::check::{id, names, value};
use super::worker::{CACHE, put};
use crate::shell::Result;

/// Among them two large payloads.
const KEYS: u64 = 60;

pub(super) fn run(load: Load) -> Result<String> {
    let shares = std::thread::available_parallelism()?.get();
    let tried = std::thread::scope(|scope| {
        let each: Vec<_> = (0..shares)
            .map(|share| {
                scope.spawn(move || one_share(load, share, shares).map_err(|e| e.to_string()))
            })
            .collect();
        let joined = each
            .into_iter()
            .map(|one| one.join().expect("a share of the damage panicked"));
        joined.collect::<std::result::Result<Vec<_>, String>>()
    })?;
    let (flips, cuts) = tried
        .into_iter()
        .fold((0, 0), |sum, one| (sum.0 + one.0, sum.1 + one.1));
    Ok(format!("{flips} flipped bits, {cuts} truncations"))
}

/// Damages golden files of its own in one of `shares` parts of all ways; gives
/// the bits flipped and the lengths cut.
fn one_share(load: Load, share: usize, shares: usize) -> Result<(u64, u64)> {
    let dir = tempfile::tempdir()?;
    let cache = dir.path().join(CACHE);
    let store = Store::open(&cache, StoreOptions::default())?;
    for key in 0..KEYS {
        put(&store, key)?;
        if key == KEYS / 2 {
            // From here on there is a sealed log, and later one that is not.
            store.reduce(&Limits::default())?;
        }
    }
    drop(store);
    if read(&cache)? != KEYS {
        return Err("the golden entries are not there".into());
    }
    let (mut flips, mut cuts) = (0, 0);
    let (first, step) = (share * load.stride, shares * load.stride);
    for path in files(&cache)? {
        let bytes = fs::read(&path)?;
        for bit in (first..bytes.len() * 8).step_by(step) {
            let mut damaged = bytes.clone();
            damaged[bit / 8] ^= 1 << (bit % 8);
            try_with(&cache, &path, &damaged)
                .map_err(|error| format!("bit {bit} of {}: {error}", path.display()))?;
            flips += 1;
        }
        for len in (first..bytes.len()).step_by(step) {
            try_with(&cache, &path, &bytes[..len])
                .map_err(|error| format!("{len} bytes of {}: {error}", path.display()))?;
            cuts += 1;
        }
        replace(&path, &bytes)?;
    }
    if read(&cache)? != KEYS {
        return Err("the golden entries were changed by reading".into());
    }
    Ok((flips, cuts))
}

fn files(cache: &Path) -> Result<Vec<PathBuf>> {
    let inner = cache.join("v2");
    let mut files = Vec::new();
    for dir in [inner.clone(), inner.join("big")] {
        let names = names(&dir)?.into_iter();
        files.extend(names.map(|name| dir.join(name)));
    }
    let is_kept =
        |path: &PathBuf| path.is_file() && !path.ends_with("pulse") && !path.ends_with("lock");
    Ok(files.into_iter().filter(is_kept).collect())
}

fn try_with(cache: &Path, path: &Path, bytes: &[u8]) -> Result {
    replace(path, bytes)?;
    read(cache).map(|_| ())
}

/// A file of its own, as files of a store never change below a reader.
fn replace(path: &Path, bytes: &[u8]) -> Result {
    fs::remove_file(path)?;
    Ok(fs::write(path, bytes)?)
}

/// Reads everything; gives the number of entries that are there.
fn read(cache: &Path) -> Result<u64> {
    let read_only = StoreOptions {
        read_only: true,
        ..StoreOptions::default()
    };
    let store = Store::open(cache, read_only)?;
    let mut found = 0;
    for key in 0..KEYS {
        // A damaged entry is an error that says so.
        if let Ok(Some(record)) = store.get(id(key), true) {
            if *record.payload != *value(key) {
                return Err(format!("another value is found for the key {key}").into());
            }
            found += 1;
        }
    }
    Ok(found)
}
