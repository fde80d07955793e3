//! `cached` 4.1 on disk. Its default of one `fsync` per call is turned off, because no
//! other peer does that.

use cached::macros::concurrent_cached;

use crate::Result;
use crate::memo::peer::{Peer, compute};

pub(crate) struct CachedDisk;

#[concurrent_cached(disk = true, disk_dir = ".", durable = false, map_error = |e| e.to_string())]
fn remembered(argument: u64) -> std::result::Result<u64, String> {
    Ok(compute(argument))
}

impl Peer for CachedDisk {
    fn call(&self, argument: u64) -> u64 {
        remembered(argument).unwrap_or_else(|error| panic!("cached: {error}"))
    }

    fn finish(&self) -> Result {
        REMEMBERED.flush()?;
        Ok(())
    }
}
