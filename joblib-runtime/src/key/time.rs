//! Keys of durations and points in time.

use std::time::{Duration, SystemTime};

use super::{Key, KeyHasher, tag};

impl Key for Duration {
    fn feed_type(hasher: &mut KeyHasher) {
        hasher.write_u8(tag::DURATION);
    }

    fn feed(&self, hasher: &mut KeyHasher) {
        self.as_secs().feed(hasher);
        self.subsec_nanos().feed(hasher);
    }
}

impl Key for SystemTime {
    fn feed_type(hasher: &mut KeyHasher) {
        hasher.write_u8(tag::SYSTEM_TIME);
    }

    fn feed(&self, hasher: &mut KeyHasher) {
        let (before, distance) = match self.duration_since(SystemTime::UNIX_EPOCH) {
            Ok(since) => (false, since),
            Err(error) => (true, error.duration()),
        };
        before.feed(hasher);
        distance.feed(hasher);
    }
}
