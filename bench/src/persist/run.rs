//! Doing a task, in this process, with any peer written in Rust.

use std::fs;
use std::hint::black_box;
use std::io::ErrorKind;
use std::path::Path;
use std::time::Instant;

use rustix::thread::{CpuSet, sched_getaffinity, sched_setaffinity};

use super::format::{Format, Maps};
use super::memory;
use super::task::{Cores, FILE, Work};
use super::value::number;
use crate::Result;

/// How often a file is written and read; the quickest time counts.
const TIMES: usize = 3;

/// How often a file is mapped.
const OPENS: usize = 100;

/// The number that is read of a map.
const INDEX: usize = 9_000_000;

/// Keeps this process, before it has threads, to the cores that it may use.
pub(crate) fn confine(cores: Cores) -> Result {
    if cores == Cores::All {
        return Ok(());
    }
    let allowed = sched_getaffinity(None)?;
    let last = (0..CpuSet::MAX_CPU).rfind(|&core| allowed.is_set(core));
    let mut one = CpuSet::new();
    one.set(last.ok_or("may run on no core")?);
    Ok(sched_setaffinity(None, &one)?)
}

/// The number that the work asks for, of the value that `make` makes.
pub(crate) fn measure<P: Format<T>, T>(work: Work, make: impl Fn() -> T) -> Result<f64> {
    let path = Path::new(FILE);
    let make = || P::hold(make());
    match work {
        Work::Dump => dump::<P, T>(&make()?, path),
        Work::Load => {
            let (seconds, value) = load::<P, T>(path)?;
            same(&value, &make()?)?;
            Ok(seconds)
        }
        Work::DumpMemory => {
            let value = make()?;
            remove(path)?;
            let before = memory::now()?;
            let (peak, ()) = memory::peak(|| P::dump(&value, path))?;
            Ok(peak - before)
        }
        Work::LoadMemory => {
            let empty = memory::now()?;
            let value = make()?;
            let before = memory::now()?;
            let (peak, read) = memory::peak(|| P::load(path))?;
            same(&read, &value)?;
            Ok(peak - before - (before - empty))
        }
        Work::Open => Err("does not map files".into()),
    }
}

/// The seconds that opening the file takes.
pub(crate) fn open<P: Maps<T>, T>() -> Result<f64> {
    let path = Path::new(FILE);
    quickest(OPENS, || {
        let (seconds, found) = timed(|| P::open(path, INDEX))?;
        match found == number(INDEX) {
            true => Ok(seconds),
            false => Err(format!("found {found} instead of {}", number(INDEX)).into()),
        }
    })
}

fn dump<P: Format<T>, T>(value: &P::Held, path: &Path) -> Result<f64> {
    let seconds = quickest(TIMES, || {
        remove(path)?;
        let (seconds, ()) = timed(|| P::dump(value, path))?;
        Ok(seconds)
    })?;
    same(&P::load(path)?, value)?;
    Ok(seconds)
}

fn load<P: Format<T>, T>(path: &Path) -> Result<(f64, P::Held)> {
    let mut last = None;
    let seconds = quickest(TIMES, || {
        last = None;
        let (seconds, value) = timed(|| P::load(path))?;
        last = Some(value);
        Ok(seconds)
    })?;
    Ok((seconds, last.ok_or("nothing was read")?))
}

fn quickest(times: usize, mut action: impl FnMut() -> Result<f64>) -> Result<f64> {
    let mut least = f64::INFINITY;
    for _ in 0..times {
        least = least.min(action()?);
    }
    Ok(least)
}

/// The seconds that `action` takes, and what it gives.
fn timed<T>(action: impl FnOnce() -> Result<T>) -> Result<(f64, T)> {
    let start = Instant::now();
    let result = black_box(action()?);
    Ok((start.elapsed().as_secs_f64(), result))
}

/// Refuses what is not what was written.
fn same<T: PartialEq>(read: &T, written: &T) -> Result {
    match read == written {
        true => Ok(()),
        false => Err("what was read is not what was written".into()),
    }
}

fn remove(path: &Path) -> Result {
    match fs::remove_file(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(error.into()),
        _ => Ok(()),
    }
}
