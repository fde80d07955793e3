//! Content hashes of values, with 128 bits.

use std::fmt;

use twox_hash::XxHash3_128;

use super::error::Error;
use super::schema::Schema;
use super::traits::Save;
use super::writer::{ArrayData, BodySink, BodyWriter, ReadBack};

/// The result of [`hash()`]: equal for equal values, in every process and on every
/// platform.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ContentHash(u128);

impl From<ContentHash> for u128 {
    fn from(hash: ContentHash) -> u128 {
        hash.0
    }
}

impl fmt::Display for ContentHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", self.0)
    }
}

impl fmt::Debug for ContentHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ContentHash({self})")
    }
}

/// Returns a hash of the contents of `value`: its numbers, texts and arrays, and the
/// names of its fields, but not the name of its type.
///
/// The iteration order of maps and sets does not matter; floats are hashed by their
/// bits. The hash is XXH3 with 128 bits. It is not cryptographic: it does not resist an
/// attacker who looks for collisions.
///
/// # Panics
///
/// Panics if the value cannot be encoded; see [`try_hash`].
///
/// # Example
///
/// ```
/// # use joblib_runtime as joblib;
/// use std::collections::HashMap;
///
/// let ages = HashMap::from([("ann", 30), ("bob", 40)]);
/// let same = HashMap::from([("bob", 40), ("ann", 30)]);
/// assert_eq!(joblib::persist::hash(&ages), joblib::persist::hash(&same));
/// assert_ne!(joblib::persist::hash(&1_u32), joblib::persist::hash(&1_u64));
/// ```
#[track_caller]
pub fn hash<T: Save + ?Sized>(value: &T) -> ContentHash {
    match try_hash(value) {
        Ok(hash) => hash,
        Err(error) => panic!("the value cannot be hashed: {error}"),
    }
}

/// As [`hash()`], but returns errors.
///
/// # Errors
///
/// Fails if the value is nested too deeply, is being modified by another thread, or its
/// `Serialize` fails.
pub fn try_hash<T: Save + ?Sized>(value: &T) -> Result<ContentHash, Error> {
    let mut sink = HashSink(XxHash3_128::new());
    sink.0.write(&Schema::of::<T>().hash()?.to_le_bytes());
    let mut writer = BodyWriter::into_sink(&mut sink).checking(ReadBack::Nothing);
    value.save(&mut writer)?;
    let (_, arrays) = writer.finish()?;
    arrays.each(|array| {
        sink.0.write(&[array.kind as u8]);
        sink.0.write(&array.data.len().to_le_bytes());
        match array.data {
            ArrayData::Lent(bytes) => sink.0.write(bytes),
            ArrayData::Owned(bytes) => sink.0.write(&bytes),
            ArrayData::Strided(strided) => strided.write(&mut |piece| sink.write(piece))?,
        }
        Ok(())
    })?;
    Ok(ContentHash(sink.0.finish_128()))
}

struct HashSink(XxHash3_128);

impl BodySink for HashSink {
    fn write(&mut self, piece: &[u8]) -> Result<(), Error> {
        self.0.write(piece);
        Ok(())
    }
}
