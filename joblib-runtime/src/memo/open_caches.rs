//! The open caches of this process, one for each directory and configuration. A cache
//! is closed when nothing uses it any more. The last few stay open for callers that
//! open one directory repeatedly.

use std::collections::{HashMap, VecDeque};
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, Weak};
use std::thread;

use super::cache::{Cache, CacheConfig};
use crate::fork;
use crate::unpoisoned::lock;

/// What identifies a cache: the absolute directory and the configuration.
pub(super) type Key = (PathBuf, CacheConfig);

/// The number of most recently opened caches that stay open without a user.
const MAX_RECENT: usize = 4;

struct OpenCaches {
    known: HashMap<Key, Weak<Cache>>,
    recent: VecDeque<Arc<Cache>>,
    /// The number of known caches at which closed ones are removed.
    limit: usize,
}

/// Returns the cache of `key`. Calls `open` if it is not open.
pub(super) fn get(key: Key, open: impl FnOnce(&Key) -> Cache) -> Arc<Cache> {
    static OPENED: Mutex<Option<OpenCaches>> = Mutex::new(None);
    let opened = match fork::generation() {
        0 => Some(lock(&OPENED)),
        // In a forked child, the thread that held the lock may not exist.
        _ => OPENED.try_lock().ok(),
    };
    let Some(mut opened) = opened else {
        return Arc::new(open(&key));
    };
    let opened_now = opened.get_or_insert_with(|| OpenCaches {
        known: HashMap::new(),
        recent: VecDeque::new(),
        limit: 16,
    });
    let (cache, closed) = opened_now.get(key, open);
    drop(opened);
    closed.into_iter().for_each(close);
    cache
}

/// Drops a cache. Closing it flushes to the disk, so it happens on a separate thread
/// unless too many caches are being closed.
fn close(cache: Arc<Cache>) {
    const MAX_CLOSING: usize = 8;
    static CLOSING: AtomicUsize = AtomicUsize::new(0);
    if Arc::strong_count(&cache) > 1 {
        return;
    }
    if CLOSING.fetch_add(1, Ordering::Relaxed) < MAX_CLOSING {
        let close = move || {
            drop(cache);
            CLOSING.fetch_sub(1, Ordering::Relaxed);
        };
        let closer = thread::Builder::new().name("joblib-close".to_owned());
        if closer.spawn(close).is_ok() {
            return;
        }
    }
    CLOSING.fetch_sub(1, Ordering::Relaxed);
}

impl OpenCaches {
    /// Returns the cache, and one that is evicted from the recent ones.
    fn get(
        &mut self,
        key: Key,
        open: impl FnOnce(&Key) -> Cache,
    ) -> (Arc<Cache>, Option<Arc<Cache>>) {
        let cache = match self.known.get(&key).and_then(Weak::upgrade) {
            Some(cache) => cache,
            None => {
                let cache = Arc::new(open(&key));
                self.known.insert(key, Arc::downgrade(&cache));
                self.forget_closed();
                cache
            }
        };
        self.recent.retain(|other| !Arc::ptr_eq(other, &cache));
        self.recent.push_front(Arc::clone(&cache));
        let closed = (self.recent.len() > MAX_RECENT).then(|| self.recent.pop_back());
        (cache, closed.flatten())
    }

    fn forget_closed(&mut self) {
        if self.known.len() >= self.limit {
            self.known.retain(|_, cache| cache.strong_count() > 0);
            self.limit = 16.max(2 * self.known.len());
        }
    }
}
