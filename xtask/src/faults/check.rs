//! Checks what must hold of a cache after any fault.

use std::fs;
use std::path::Path;

use joblib_runtime::store::{Id, Limits, Store, StoreOptions};

use super::worker::{CACHE, KEYS, put};
use crate::shell::Result;

/// Entries larger than this are stored in files of their own.
const LARGE: u64 = 65_536;

/// Returns the value of a key. Every fortieth value is stored in a file of its own.
pub(super) fn value(key: u64) -> Vec<u8> {
    let len = if key.is_multiple_of(40) {
        66_000
    } else {
        key as usize % 300
    };
    let mut bytes = vec![key as u8; len];
    bytes.extend_from_slice(&key.to_le_bytes());
    bytes
}

/// Returns the id of a key, distributed like a hash.
pub(super) fn id(key: u64) -> Id {
    let spread = |n: u64| {
        let n = (n ^ (n >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let n = (n ^ (n >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        n ^ (n >> 31)
    };
    Id::from(spread(key + 1)) << 64 | Id::from(spread(!key))
}

/// Opens the cache in `dir`, which no other process uses, and checks that its contents
/// are correct and that the next calls work.
pub(super) fn is_sound(dir: &Path) -> Result<Store> {
    let store = is_right(dir)?;
    match store.get(id(KEYS), false)? {
        Some(record) if *record.payload == *value(KEYS) => Ok(store),
        _ => Err("the entry that was just stored is missing".into()),
    }
}

/// Checks the same as [`is_sound`] except that other processes may drop the entry that
/// was just stored.
pub(super) fn is_right(dir: &Path) -> Result<Store> {
    let store = Store::open(&dir.join(CACHE), StoreOptions::default())?;
    for key in 0..KEYS {
        if let Some(record) = store.get(id(key), key.is_multiple_of(2))?
            && *record.payload != *value(key)
        {
            return Err(format!("the value stored for the key {key} is wrong").into());
        }
    }
    put(&store, KEYS)?;
    Ok(store)
}

/// Checks that maintenance leaves no stray files once all other processes have ended.
pub(super) fn is_clean(dir: &Path, store: &Store) -> Result {
    store.reduce(&Limits::default())?;
    let inner = dir.join(CACHE).join("v2");
    let names = names(&inner)?;
    let is_left = |name: &&String| {
        name.starts_with("tmp-")
            || (name.ends_with(".idx") && !names.contains(&name.replace(".idx", ".log")))
    };
    if let Some(left) = names.iter().find(is_left) {
        return Err(format!("{left} is left behind").into());
    }
    let entries = store.entries()?;
    let external = entries.iter().filter(|entry| entry.size > LARGE).count();
    match names_of_payloads(&inner)? {
        count if count == external => Ok(()),
        count => Err(format!("{count} large payloads are left for {external} entries").into()),
    }
}

fn names_of_payloads(inner: &Path) -> Result<usize> {
    Ok(names(&inner.join("big"))?.len())
}

/// Returns the names of the files in a directory.
pub(super) fn names(path: &Path) -> Result<Vec<String>> {
    let files = fs::read_dir(path)?;
    files
        .map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned()))
        .collect()
}
