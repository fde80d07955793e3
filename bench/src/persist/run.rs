//! Does a task in this process with a peer written in Rust.

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

/// How often a file is written and read. The shortest time counts.
const TIMES: usize = 3;

/// How often a file is mapped.
const OPENS: usize = 100;

/// The index of the number that is read from a map.
const INDEX: usize = 9_000_000;

/// Pins this process to the cores that it may use. Must run before it starts threads.
pub(crate) fn confine(cores: Cores) -> Result {
    if cores == Cores::All {
        return Ok(());
    }
    let allowed = sched_getaffinity(None)?;
    let last = (0..CpuSet::MAX_CPU).rfind(|&core| allowed.is_set(core));
    let mut one = CpuSet::new();
    one.set(last.ok_or("the CPU affinity of this process is empty")?);
    Ok(sched_setaffinity(None, &one)?)
}

/// Measures the work with the value that `make` returns.
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
        Work::Open => Err("memory maps are not supported".into()),
    }
}

/// Returns the seconds that opening the file takes.
pub(crate) fn open<P: Maps<T>, T>() -> Result<f64> {
    let path = Path::new(FILE);
    quickest(OPENS, || {
        let (seconds, found) = timed(|| P::open(path, INDEX))?;
        match found == number(INDEX) {
            true => Ok(seconds),
            false => {
                Err(format!("read the wrong number {found}, expected {}", number(INDEX)).into())
            }
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

/// Returns the seconds that `action` takes, and its result.
fn timed<T>(action: impl FnOnce() -> Result<T>) -> Result<(f64, T)> {
    let start = Instant::now();
    let result = black_box(action()?);
    Ok((start.elapsed().as_secs_f64(), result))
}

/// Fails unless the read value equals the written one.
fn same<T: PartialEq>(read: &T, written: &T) -> Result {
    match read == written {
        true => Ok(()),
        false => Err("the read value differs from the written value".into()),
    }
}

fn remove(path: &Path) -> Result {
    match fs::remove_file(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(error.into()),
        _ => Ok(()),
    }
}
