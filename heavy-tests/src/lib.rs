//! What the tests of features with large dependencies share. `cargo xtask heavy` runs
//! them.

use joblib::persist::Save;
use joblib::{Dump, Key, KeyHasher, Load, Persist};

/// Returns the key of a value and its type.
pub fn key<T: Key + ?Sized>(value: &T) -> u128 {
    let mut hasher = KeyHasher::new();
    T::feed_type(&mut hasher);
    value.feed(&mut hasher);
    if let Some(failure) = hasher.failure() {
        panic!("{failure}");
    }
    hasher.finish()
}

/// Returns the reason why a value has no key.
pub fn key_failure<T: Key + ?Sized>(value: &T) -> String {
    let mut hasher = KeyHasher::new();
    value.feed(&mut hasher);
    hasher.failure().expect("it has a key").to_string()
}

/// Returns the file of a value.
pub fn dumped<T: Save + ?Sized>(value: &T) -> Vec<u8> {
    let mut bytes = Vec::new();
    Dump::new().write(&mut bytes, value).unwrap();
    bytes
}

/// Reads the value of a file.
pub fn loaded<T: Persist>(bytes: &[u8]) -> T {
    Load::new().read(bytes).unwrap()
}

/// Returns the error of reading a file.
pub fn refused<T: Persist>(bytes: &[u8]) -> String {
    match Load::new().read::<T>(bytes) {
        Ok(_) => panic!("it was loaded"),
        Err(error) => error.to_string(),
    }
}

/// Writes a value, reads it back, and asserts that the result has the same key and is
/// written as the same bytes.
pub fn there_and_back<T: Persist + Key>(value: &T) -> T {
    let bytes = dumped(value);
    let back: T = loaded(&bytes);
    assert!(dumped(&back) == bytes, "one encoding");
    assert_eq!(key(&back), key(value));
    back
}

/// Maps a file with the value, and passes the view to `check`.
pub fn mapped<T: Persist>(value: &T, check: impl FnOnce(&joblib::persist::Mapped<T>)) {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("value.joblib");
    joblib::dump(value, &path).unwrap();
    joblib::inspect(&path).unwrap();
    check(&joblib::open(&path).unwrap());
}
