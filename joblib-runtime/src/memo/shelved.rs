//! A handle to a stored result, which is loaded on request.

use std::fmt;
use std::sync::{Arc, Mutex};

use super::cache::Cache;
use super::entry::EntryKey;
use super::error::Error;
use crate::codec;
use crate::transport::Decoder;
use crate::unpoisoned::lock;

/// A stored result of a memoized function that is not loaded. It is cheap to keep and
/// to send to another thread, however large the result is.
pub struct Shelved<R> {
    key: EntryKey,
    cache: Arc<Cache>,
    map: bool,
    decoder: Decoder<R>,
    /// The result itself, if it is not stored.
    kept: Option<Arc<Mutex<Option<R>>>>,
}

impl<R> Shelved<R> {
    pub(crate) fn new(key: EntryKey, cache: Arc<Cache>, map: bool, decoder: Decoder<R>) -> Self {
        Shelved {
            key,
            cache,
            map,
            decoder,
            kept: None,
        }
    }

    /// Attaches a result that is not stored (an `Err`, or because the disk is full). It
    /// can be taken once.
    pub(crate) fn with_value(self, value: R) -> Self {
        Shelved {
            kept: Some(Arc::new(Mutex::new(Some(value)))),
            ..self
        }
    }

    /// Loads the result. A result that could not be stored, such as an `Err`, is
    /// returned only once.
    ///
    /// # Errors
    ///
    /// Fails if the entry was dropped in the meantime, or the directory cannot be read.
    pub fn get(&self) -> Result<R, Error> {
        let gone = Error::Gone { key: self.key };
        if let Some(kept) = &self.kept {
            let mut kept = lock(kept);
            return kept.take().ok_or(gone);
        }
        let store = self.cache.store.as_ref().ok_or(Error::Unusable {
            dir: self.cache.dir.clone(),
        })?;
        let record = store.get(self.key.bits(), self.map)?.ok_or(gone)?;
        let (encoding, compression) = codec::encoding_of(record.meta.codec);
        let payload = codec::decompress(compression, &record.payload)?;
        Ok(self.decoder.decode(encoding, &payload)?)
    }

    /// Returns the key of the entry.
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
            decoder: self.decoder,
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
