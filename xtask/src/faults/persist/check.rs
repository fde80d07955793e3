//! The process that writes a file, and the checks of that file after any fault.

use std::fs;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use joblib::Dump;
use joblib::persist::Durability;

use super::no_tmpfile;
use crate::faults::check::names;
use crate::faults::worker;
use crate::shell::Result;

/// The directory of the file, below the working directory of the process.
pub(super) const PLACE: &str = "place";
pub(super) const FILE: &str = "place/value.joblib";

/// What a process prints after it has written its file.
pub(super) const DONE: &str = "done\n";

/// The number of the value in the old file, and in the new one.
pub(super) const OLD: u64 = 1;
pub(super) const NEW: u64 = 2;

type Value = (Vec<u64>, String, Vec<f64>);

/// Returns a value that takes several writes and has a segment aligned to pages.
fn value(number: u64) -> Value {
    let len = 20_000 + number as usize;
    (
        vec![number; len],
        number.to_string(),
        vec![number as f64; 300],
    )
}

/// Writes a value to the file in the current directory, and reports it on standard
/// output.
pub(in crate::faults) fn write(durability: &str) -> Result {
    let durability = match durability {
        "full" => Durability::Full,
        "contents" => Durability::Contents,
        "nothing" => Durability::Nothing,
        _ => return Err(format!("unknown durability: {durability:?}").into()),
    };
    Dump::new().durability(durability).to(FILE, &value(NEW))?;
    // Writing the report may fail: it is not under test.
    let _ = std::io::stdout().write_all(DONE.as_bytes());
    Ok(())
}

/// Does what [`write()`] does, with a temporary file that has a name from the start.
pub(in crate::faults) fn write_named(durability: &str) -> Result {
    no_tmpfile::refuse_unnamed()?;
    write(durability)
}

/// Returns the arguments of the process that writes.
pub(super) fn args(durability: &'static str, is_named: bool) -> Vec<&'static str> {
    let mut args = vec!["dump", durability];
    args.extend(is_named.then_some("named"));
    args
}

/// Creates a directory, with the old file in it if `has_old` is set.
pub(super) fn prepared(has_old: bool) -> Result<tempfile::TempDir> {
    let dir = tempfile::tempdir()?;
    fs::create_dir(dir.path().join(PLACE))?;
    if has_old {
        write_old(dir.path())?;
    }
    Ok(dir)
}

/// Writes the old file, which only its owner may read.
pub(super) fn write_old(dir: &Path) -> Result {
    let path = dir.join(FILE);
    joblib::dump(&value(OLD), &path)?;
    Ok(fs::set_permissions(
        path,
        fs::Permissions::from_mode(0o600),
    )?)
}

/// Checks that only the owner may read any file that is unfinished, and any file if the
/// old one was private.
pub(super) fn is_closed_to_others(dir: &Path, has_old: bool) -> Result {
    for entry in fs::read_dir(dir.join(PLACE))? {
        let entry = entry?;
        let mode = entry.metadata()?.permissions().mode() & 0o777;
        let len = entry.metadata()?.len();
        // A complete new file may have default permissions, and an empty file discloses
        // nothing.
        let is_new = !has_old && joblib::load::<Value>(entry.path()).is_ok();
        if mode & 0o077 != 0 && !is_new && len > 0 {
            return Err(format!("{:?} has the mode {mode:o}", entry.file_name()).into());
        }
    }
    Ok(())
}

/// Returns the number of the value in the file in `dir`, or `None` if there is no file.
/// A file that cannot be read is an error.
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

/// Checks that the file is the new one or, if `may_be_old` is set, the state before the
/// dump.
pub(super) fn is_old_or_new(dir: &Path, has_old: bool, may_be_old: bool) -> Result {
    match found(dir)? {
        Some(NEW) => Ok(()),
        Some(OLD) if has_old && may_be_old => Ok(()),
        None if !has_old && may_be_old => Ok(()),
        found => Err(format!(
            "the file has the value {found:?} (the old one is allowed: {may_be_old})"
        )
        .into()),
    }
}

/// Checks that no other file is in the directory of the file.
pub(super) fn is_alone(dir: &Path) -> Result {
    let names = names(&dir.join(PLACE))?;
    match names.iter().find(|name| *name != "value.joblib") {
        Some(left) => Err(format!("{left} is left behind").into()),
        None => Ok(()),
    }
}

/// Checks that the next dump, on a system without faults, replaces the file and leaves
/// no other file next to it.
pub(super) fn is_cleared_by_the_next(dir: &Path, is_named: bool) -> Result {
    if is_named {
        let next = worker(dir, &args("nothing", is_named))?.output()?;
        if !next.status.success() {
            let stderr = String::from_utf8_lossy(&next.stderr);
            return Err(format!("the next dump fails: {stderr}").into());
        }
    } else {
        for _ in 0..2 {
            joblib::dump(&value(NEW), dir.join(FILE))?;
        }
    }
    is_old_or_new(dir, true, false)?;
    is_alone(dir)
}
