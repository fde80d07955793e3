//! Flips every bit of golden files, truncates them at every length and zeroes every
//! block. Each read must fail or return the right value.

use std::fs;
use std::path::Path;

use joblib::{Load as Reading, Persist};

use super::Load;
use super::values::{Visit, all};
use crate::faults::damage::in_shares;
use crate::shell::{Result, root};

/// Sizes of zeroed blocks: that of disk blocks, and one for small files.
const BLOCKS: [usize; 2] = [4096, 64];

pub(super) fn run(load: Load) -> Result<String> {
    let counts = in_shares(|share, shares| Damage::new(load, share, shares)?.run())?;
    let sum = |of: fn(&Counts) -> u64| counts.iter().map(of).sum::<u64>();
    Ok(format!(
        "{} flipped bits, {} truncations, {} zeroed blocks, {} of them mapped and inspected",
        sum(|it| it.flips),
        sum(|it| it.cuts),
        sum(|it| it.blocks),
        sum(|it| it.mapped),
    ))
}

#[derive(Default)]
struct Counts {
    flips: u64,
    cuts: u64,
    blocks: u64,
    mapped: u64,
    all: u64,
}

/// One of `shares` disjoint parts of the damage.
struct Damage {
    load: Load,
    share: usize,
    shares: usize,
    counts: Counts,
    directory: tempfile::TempDir,
}

impl Damage {
    fn new(load: Load, share: usize, shares: usize) -> Result<Damage> {
        Ok(Damage {
            load,
            share,
            shares,
            counts: Counts::default(),
            directory: tempfile::tempdir()?,
        })
    }

    fn run(mut self) -> Result<Counts> {
        all(&mut self)?;
        Ok(self.counts)
    }

    /// Reads damaged bytes in every way.
    fn look_at<T: Persist, Other: Persist>(&mut self, bytes: &[u8], whole: &Whole) -> Result {
        if let Ok(value) = Reading::new().read::<T>(bytes)
            && joblib::hash(&value) != whole.hash
        {
            return Err("a wrong value is read".into());
        }
        if let Ok(value) = Reading::new().read::<Other>(bytes)
            && joblib::hash(&value) != whole.other
        {
            return Err("a wrong value is read as another type".into());
        }
        self.counts.all += 1;
        if self.counts.all.is_multiple_of(self.load.mapped as u64) {
            self.counts.mapped += 1;
            let path = self.directory.path().join("damaged");
            fs::write(&path, bytes)?;
            self.map::<T>(&path)?;
            self.map::<Other>(&path)?;
            // Inspection does not read arrays, so it may accept damage to them.
            let _ = joblib::inspect(&path);
        }
        Ok(())
    }

    fn map<T: Persist>(&self, path: &Path) -> Result {
        match joblib::open::<T>(path) {
            Ok(mapped) if mapped.verify().is_ok() => Err("mapping accepts a damaged file".into()),
            _ => Ok(()),
        }
    }
}

/// The expected contents of an undamaged golden file.
struct Whole {
    hash: joblib::persist::ContentHash,
    other: joblib::persist::ContentHash,
}

impl Visit for Damage {
    type Error = Box<dyn std::error::Error>;

    fn visit<T: Persist, Other: Persist>(&mut self, name: &'static str, value: &T) -> Result {
        let path = root().join("tests/persist/golden").join(name);
        let bytes = fs::read(path.with_extension("joblib"))?;
        let whole = Whole {
            hash: joblib::hash(value),
            other: joblib::hash(&Reading::new().read::<Other>(&bytes[..])?),
        };
        let at = |what: String| move |error| format!("{name}: {what}: {error}");
        let (first, step) = (
            self.share * self.load.stride,
            self.shares * self.load.stride,
        );
        for bit in (first..bytes.len() * 8).step_by(step) {
            let mut damaged = bytes.clone();
            damaged[bit / 8] ^= 1 << (bit % 8);
            self.look_at::<T, Other>(&damaged, &whole)
                .map_err(at(format!("bit {bit} flipped")))?;
            self.counts.flips += 1;
        }
        for len in (first..bytes.len()).step_by(step) {
            self.look_at::<T, Other>(&bytes[..len], &whole)
                .map_err(at(format!("cut to {len} bytes")))?;
            self.counts.cuts += 1;
        }
        for size in BLOCKS {
            let every = size * (self.load.stride / size).max(1);
            let (first, step) = (self.share * every, self.shares * every);
            for start in (first..bytes.len()).step_by(step) {
                let mut damaged = bytes.clone();
                let end = (start + size).min(bytes.len());
                damaged[start..end].fill(0);
                if damaged == bytes {
                    continue;
                }
                self.look_at::<T, Other>(&damaged, &whole)
                    .map_err(at(format!("{size} bytes at {start} zeroed")))?;
                self.counts.blocks += 1;
            }
        }
        Ok(())
    }
}
