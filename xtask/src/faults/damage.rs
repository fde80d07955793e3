//! Flips every bit of golden segments, key tables and large payloads, and truncates them at
//! every length.

use std::fs;
use std::path::{Path, PathBuf};

use joblib_runtime::store::{Limits, Store, StoreOptions};

use super::Load;
use super::check::{id, names, value};
use super::worker::{CACHE, put};
use crate::shell::Result;

/// Number of entries, two of which are large payloads.
const KEYS: u64 = 60;

pub(super) fn run(load: Load) -> Result<String> {
    let tried = in_shares(|share, shares| one_share(load, share, shares))?;
    let (flips, cuts) = tried
        .into_iter()
        .fold((0, 0), |sum, one| (sum.0 + one.0, sum.1 + one.1));
    Ok(format!("{flips} flipped bits, {cuts} truncations"))
}

/// Runs `one` for each of `shares` numbers at the same time: `one(number, shares)`.
pub(super) fn in_shares<T: Send>(one: impl Fn(usize, usize) -> Result<T> + Sync) -> Result<Vec<T>> {
    let shares = std::thread::available_parallelism()?.get();
    let one = &|share| one(share, shares).map_err(|error| error.to_string());
    Ok(std::thread::scope(|scope| {
        let each: Vec<_> = (0..shares)
            .map(|share| scope.spawn(move || one(share)))
            .collect();
        let joined = each
            .into_iter()
            .map(|one| one.join().expect("a share of the damage panicked"));
        joined.collect::<std::result::Result<Vec<_>, String>>()
    })?)
}

/// Applies one of `shares` disjoint parts of the damage to its own golden files.
/// Returns the number of flipped bits and of truncations.
fn one_share(load: Load, share: usize, shares: usize) -> Result<(u64, u64)> {
    let dir = tempfile::tempdir()?;
    let cache = dir.path().join(CACHE);
    let store = Store::open(&cache, StoreOptions::default())?;
    for key in 0..KEYS {
        put(&store, key)?;
        if key == KEYS / 2 {
            // This seals the segment. Later entries go to one that is not sealed.
            store.reduce(&Limits::default())?;
        }
    }
    drop(store);
    if read(&cache)? != KEYS {
        return Err("golden entries are missing".into());
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

/// Replaces the file by a new one, because store files never change under a reader.
fn replace(path: &Path, bytes: &[u8]) -> Result {
    fs::remove_file(path)?;
    Ok(fs::write(path, bytes)?)
}

/// Reads every key and returns the number of entries that are present.
fn read(cache: &Path) -> Result<u64> {
    let read_only = StoreOptions {
        read_only: true,
        ..StoreOptions::default()
    };
    let store = Store::open(cache, read_only)?;
    let mut found = 0;
    for key in 0..KEYS {
        // For a damaged entry the store returns an error.
        if let Ok(Some(record)) = store.get(id(key), true) {
            if *record.payload != *value(key) {
                return Err(format!("the value read for the key {key} is wrong").into());
            }
            found += 1;
        }
    }
    Ok(found)
}
