//! The processes that are killed and whose system calls fail. Each uses the cache in
//! its working directory.

use std::fs::OpenOptions;
use std::io::Write;
use std::path::Path;
use std::time::Duration;

use joblib::{Memory, memoize};
use joblib_runtime::store::{Id, Limits, RecordKind, RecordMeta, Store, StoreOptions};

use super::check::{id, value};
use crate::shell::Result;

/// Number of keys in use.
pub(super) const KEYS: u64 = 400;

/// The directory of the store.
pub(super) const CACHE: &str = "cache";

/// Does the work named by the arguments.
pub(crate) fn run(args: &[&str]) -> Result {
    match *args {
        ["idle"] => Ok(()),
        ["store"] => store(),
        ["load"] => load(),
        ["limit"] => limit(),
        ["clear"] => Ok(open()?.clear()?),
        ["mix", seed] => mix(seed.parse()?),
        ["call"] => call(),
        ["slow"] => slow_call(),
        ["dump", durability] => super::persist::write(durability),
        ["dump", durability, "named"] => super::persist::write_named(durability),
        _ => Err(format!("unknown work: {args:?}").into()),
    }
}

fn open() -> Result<Store> {
    Ok(Store::open(Path::new(CACHE), StoreOptions::default())?)
}

fn meta(key: u64, cost: u64) -> RecordMeta {
    RecordMeta {
        function: key % 5 + 1,
        source: 1,
        args: key,
        created: 0,
        cost,
        codec: 0,
        kind: RecordKind::Result,
    }
}

pub(super) fn put(store: &Store, key: u64) -> Result {
    let cost = if key.is_multiple_of(40) {
        u64::MAX
    } else {
        key
    };
    Ok(store.put(id(key), &meta(key, cost), &value(key))?)
}

/// Stores results and prints the key of each once it is stored.
fn store() -> Result {
    let store = open()?;
    let mut out = std::io::stdout().lock();
    for key in 0..45 {
        put(&store, key)?;
        writeln!(out, "{key}")?;
        out.flush()?;
    }
    Ok(())
}

fn load() -> Result {
    let store = open()?;
    (0..KEYS).try_for_each(|key| right(&store, key))
}

fn right(store: &Store, key: u64) -> Result {
    let found: Id = id(key);
    match store.get(found, key.is_multiple_of(2)) {
        Ok(Some(record)) if *record.payload != *value(key) => wrong(key),
        Ok(_) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

fn wrong(key: u64) -> Result {
    Err(format!("the value stored for the key {key} is wrong").into())
}

fn limit() -> Result {
    let limits = Limits {
        items: Some(10),
        ..Limits::default()
    };
    open()?.reduce(&limits)?;
    Ok(())
}

/// Runs random operations until it is killed.
fn mix(seed: u64) -> Result {
    let store = open()?;
    let mut state = seed | 1;
    loop {
        // Marsaglia's xorshift.
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        let key = (state >> 20) % KEYS;
        match state % 1000 {
            0..500 => right(&store, key)?,
            500..990 => put(&store, key)?,
            990..995 => {
                store.forget(id(key))?;
            }
            995 => store.forget_function(key % 5 + 1)?,
            996 => store.clear()?,
            _ => {
                let limits = Limits {
                    items: Some(KEYS / 2),
                    ..Limits::default()
                };
                store.reduce(&limits)?;
            }
        }
    }
}

static RESULTS: Memory = Memory::new("cache");

#[memoize(memory = RESULTS)]
fn remembered(key: u64) -> Vec<u8> {
    value(key)
}

/// Calls a function, whose value must be right even if system calls fail.
fn call() -> Result {
    for key in (0..8).chain([0, 40, 40]) {
        if remembered(key) != value(key) {
            return wrong(key);
        }
    }
    remembered::forget(3);
    remembered::clear();
    if remembered(3) == value(3) {
        Ok(())
    } else {
        wrong(3)
    }
}

/// The file to which every computation of [`slow()`] appends its pid.
pub(super) const COMPUTED: &str = "computed";

#[memoize(memory = RESULTS)]
fn slow(key: u64) -> u64 {
    let file = OpenOptions::new().create(true).append(true).open(COMPUTED);
    let line = format!("{}\n", std::process::id());
    let noted = file.and_then(|mut file| file.write_all(line.as_bytes()));
    noted.expect("the directory is writable");
    std::thread::sleep(Duration::from_millis(400));
    key + 1
}

fn slow_call() -> Result {
    if slow(1) == 2 { Ok(()) } else { wrong(1) }
}
