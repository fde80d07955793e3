//! Flips every bit, cuts at every length and clears every block of golden
//! files: what is read is an error or the value, and never another.

use std::path::Path;

use joblib::persist::inspect;
use joblib::{Compress, Dump, Load as Loading, Persist};

use super::Load;
use super::work::Value;
use crate::shell::Result;

/// A block that a disk loses.
const BLOCK: usize = 4096;

/// A type that the value is read as too, by which it is laid out anew. It lacks
/// fields of the value, whose arrays are not looked at.
#[derive(PartialEq, Persist)]
struct Other {
    weights: Vec<f64>,
    #[persist(default)]
    added: u32,
    name: String,
}

pub(super) fn run(load: Load) -> Result<String> {
    let golden = [Compress::None, Compress::Zstd(3)];
    let (mut flips, mut cuts, mut blocks) = (0_u64, 0_u64, 0_u64);
    for compress in golden {
        let value = Value::new(1);
        let bytes = value.bytes(Dump::new().compress(compress))?;
        let golden = Golden::new(&value, bytes)?;
        for bit in (0..golden.bytes.len() * 8).step_by(load.stride) {
            let mut damaged = golden.bytes.clone();
            damaged[bit / 8] ^= 1 << (bit % 8);
            golden
                .refuses(&damaged)
                .map_err(|error| format!("bit {bit}, {compress:?}: {error}"))?;
            flips += 1;
        }
        for len in (0..golden.bytes.len()).step_by(load.stride) {
            golden
                .refuses(&golden.bytes[..len])
                .map_err(|error| format!("{len} bytes, {compress:?}: {error}"))?;
            cuts += 1;
        }
        for start in (0..golden.bytes.len()).step_by(BLOCK) {
            let mut damaged = golden.bytes.clone();
            let end = damaged.len().min(start + BLOCK);
            damaged[start..end].fill(0);
            golden
                .refuses(&damaged)
                .map_err(|error| format!("block at {start}, {compress:?}: {error}"))?;
            blocks += 1;
        }
    }
    Ok(format!(
        "{flips} flipped bits, {cuts} truncations, {blocks} cleared blocks"
    ))
}

/// A file that is whole.
struct Golden<'v> {
    value: &'v Value,
    other: Other,
    bytes: Vec<u8>,
    directory: tempfile::TempDir,
}

impl<'v> Golden<'v> {
    fn new(value: &'v Value, bytes: Vec<u8>) -> Result<Self> {
        let read: Value = Loading::new().read(&bytes[..])?;
        let other: Other = Loading::new().read(&bytes[..])?;
        if read != *value || other.added != 0 {
            return Err("the golden file holds another value".into());
        }
        let directory = tempfile::tempdir()?;
        Ok(Golden {
            value,
            other,
            bytes,
            directory,
        })
    }

    /// Makes sure that `damaged` is an error in every way of reading, if it is
    /// damaged at all.
    fn refuses(&self, damaged: &[u8]) -> Result {
        let is_same = damaged == self.bytes;
        match Loading::new().read::<Value>(damaged) {
            Ok(read) if !is_same || read != *self.value => return Err("it was loaded".into()),
            Err(error) if is_same => return Err(error.into()),
            _ => {}
        }
        match Loading::new().read::<Other>(damaged) {
            Ok(read) if read != self.other => {
                return Err("it was loaded as another type, with another value".into());
            }
            Err(error) if is_same => return Err(error.into()),
            _ => {}
        }
        let path = self.directory.path().join("damaged");
        std::fs::write(&path, damaged)?;
        mapped(&path, is_same)?;
        // What it tells of arrays is right, though they may be damaged.
        if let Ok(inspection) = inspect(&path)
            && inspection.bytes != damaged.len() as u64
        {
            return Err("it was inspected as another file".into());
        }
        Ok(())
    }
}

/// Maps the file and verifies all of it.
fn mapped(path: &Path, is_same: bool) -> Result {
    let verified = joblib::open::<Value>(path).and_then(|file| file.verify());
    match verified {
        Ok(()) if !is_same => Err("it was mapped and verified".into()),
        _ => Ok(()),
    }
}
