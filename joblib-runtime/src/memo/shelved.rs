//! A result that is stored and loaded only when asked for.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use super::cache::Cache;
use super::entry::EntryKey;
use super::error::Error;
use crate::codec::{self, DecodeError};

/// A stored result of a memoized function, not yet loaded: cheap to hold and
/// to send to another thread however large the result.
pub struct Shelved<R> {
    key: EntryKey,
    cache: Arc<Cache>,
    map: bool,
    decode: Decode<R>,
    /// The result itself where it is not stored.
    kept: Option<Arc<Mutex<Option<R>>>>,
}

/// What decodes a result that is encoded in a way that a number tells.
type Decode<R> = fn(u8, &[u8]) -> Result<R, DecodeError>;

impl<R> Shelved<R> {
    pub(crate) fn new(key: EntryKey, cache: Arc<Cache>, map: bool, decode: Decode<R>) -> Self {
        Shelved {
            key,
            cache,
            map,
            decode,
            kept: None,
        }
    }

    /// A result that is not stored (an `Err`, or the disk is full): it can be
    /// taken once.
    pub(crate) fn keeping(self, value: R) -> Self {
        Shelved {
            kept: Some(Arc::new(Mutex::new(Some(value)))),
            ..self
        }
    }

    /// Loads the result. One that could not be stored, such as an `Err`, is
    /// given once.
    ///
    /// # Errors
    ///
    /// The entry is gone since (forgotten, or dropped for space), or the
    /// directory cannot be read.
    pub fn get(&self) -> Result<R, Error> {
        let gone = Error::Gone { key: self.key };
        if let Some(kept) = &self.kept {
            let mut kept = kept.lock().unwrap_or_else(PoisonError::into_inner);
            return kept.take().ok_or(gone);
        }
        let store = self.cache.store.as_ref().ok_or(Error::Unusable {
            dir: self.cache.dir.clone(),
        })?;
        let record = store.get(self.key.bits(), self.map)?.ok_or(gone)?;
        let (encoding, compression) = codec::encoding_of(record.meta.codec);
        let payload = codec::decompress(compression, &record.payload)?;
        Ok((self.decode)(encoding, &payload)?)
    }

    /// The key of the entry.
    pub fn key(&self) -> EntryKey {
        self.key
    }
}

impl<R> Clone for Shelved<R> {
    fn clone(&self) -> Self {
        Shelved {
            key: self.key,
            cache: Arc::clone(&self.cache),
            map: self.map,
            decode: self.decode,
            kept: self.kept.clone(),
        }
    }
}

impl<R> fmt::Debug for Shelved<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Shelved")
            .field("key", &self.key)
            .finish_non_exhaustive()
    }
}
