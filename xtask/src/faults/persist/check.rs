//! The process that writes a file, and what must hold of it after any fault.

use std::fs;
use std::io::Write;
use std::path::Path;

use joblib::Dump;
use joblib::persist::Durability;

use crate::faults::check::names;
use crate::faults::strace;
use crate::shell::Result;

/// Where the file is, below the directory that a process is started in.
pub(super) const PLACE: &str = "place";
pub(super) const FILE: &str = "place/value.joblib";

/// What a process says once its file is written.
pub(super) const DONE: &str = "done\n";

/// What is in the file before, and what is written.
pub(super) const OLD: u64 = 1;
pub(super) const NEW: u64 = 2;

type Value = (Vec<u64>, String, Vec<f64>);

/// Of several writes, with a segment that is aligned to pages.
fn value(number: u64) -> Value {
    let len = 20_000 + number as usize;
    (
        vec![number; len],
        number.to_string(),
        vec![number as f64; 300],
    )
}

/// Writes a value to the file in the current directory, and says so.
pub(in crate::faults) fn write(durability: &str) -> Result {
    let durability = match durability {
        "full" => Durability::Full,
        "contents" => Durability::Contents,
        "nothing" => Durability::Nothing,
        _ => return Err(format!("no such durability: {durability:?}").into()),
    };
    Dump::new().durability(durability).to(FILE, &value(NEW))?;
    // Whether this can be said is no part of what is tried.
    let _ = std::io::stdout().write_all(DONE.as_bytes());
    Ok(())
}

/// A directory with the old file in it, if there is to be one.
pub(super) fn prepared(has_old: bool) -> Result<tempfile::TempDir> {
    let dir = tempfile::tempdir()?;
    fs::create_dir(dir.path().join(PLACE))?;
    if has_old {
        write_old(dir.path())?;
    }
    Ok(dir)
}

pub(super) fn write_old(dir: &Path) -> Result {
    Ok(joblib::dump(&value(OLD), dir.join(FILE))?)
}

/// What the file in `dir` is: the number of its value, or nothing if there is
/// none. A file that cannot be read is an error.
pub(super) fn found(dir: &Path) -> Result<Option<u64>> {
    let path = dir.join(FILE);
    if !path.try_exists()? {
        return Ok(None);
    }
    let (numbers, text, floats): Value = joblib::load(&path)?;
    for number in [OLD, NEW] {
        if (&numbers, &text, &floats) == (&value(number).0, &value(number).1, &value(number).2) {
            return Ok(Some(number));
        }
    }
    Err("the file has another value".into())
}

/// Makes sure that the file is the new one, or, if `may_be_old`, what was
/// there before.
pub(super) fn is_old_or_new(dir: &Path, has_old: bool, may_be_old: bool) -> Result {
    match found(dir)? {
        Some(NEW) => Ok(()),
        Some(OLD) if has_old && may_be_old => Ok(()),
        None if !has_old && may_be_old => Ok(()),
        found => Err(format!("it has {found:?}; old may be there: {may_be_old}").into()),
    }
}

/// Makes sure that nothing is beside the file.
pub(super) fn is_alone(dir: &Path) -> Result {
    let names = names(&dir.join(PLACE))?;
    match names.iter().find(|name| *name != "value.joblib") {
        Some(left) => Err(format!("{left} is left behind").into()),
        None => Ok(()),
    }
}

/// Makes sure that the file can be replaced, and that nothing is left beside
/// it then. The system is the same as before: with what was `injected`.
pub(super) fn is_cleared_by_the_next(dir: &Path, injected: &[String]) -> Result {
    if injected.is_empty() {
        for _ in 0..2 {
            joblib::dump(&value(NEW), dir.join(FILE))?;
        }
    } else {
        let next = strace::run(dir, injected, &["dump", "nothing"])?;
        if !next.status.success() {
            let said = String::from_utf8_lossy(&next.stderr);
            return Err(format!("the next dump fails: {said}").into());
        }
    }
    is_old_or_new(dir, true, false)?;
    is_alone(dir)
}

/// What makes the system one that has no files without a name. strace injects
/// one thing into calls of a name, so `call` is left for something else: where
/// processes cannot be looked at, there are no such files either.
pub(super) fn without_unnamed_files(has_old: bool, call: Option<&str>) -> Result<Vec<String>> {
    let (refused, of, error) = match call {
        Some("openat") => ("statx", "/proc/self/fd", "ENOENT"),
        _ => ("openat", "O_TMPFILE", "EOPNOTSUPP"),
    };
    let dir = prepared(has_old)?;
    let number = strace::number_of(dir.path(), refused, of, &["dump", "nothing"])?;
    Ok(vec![format!(
        "inject={refused}:error={error}:when={number}"
    )])
}
