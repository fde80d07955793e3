//! The process that writes a file, and what must hold of it after any fault.

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

/// As [`write()`], with a file that has a name from the start.
pub(in crate::faults) fn write_named(durability: &str) -> Result {
    no_tmpfile::refuse_unnamed()?;
    write(durability)
}

/// What is said to the process that writes.
pub(super) fn words(durability: &'static str, is_named: bool) -> Vec<&'static str> {
    let mut words = vec!["dump", durability];
    words.extend(is_named.then_some("named"));
    words
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

/// Writes the old file, which nobody else may read.
pub(super) fn write_old(dir: &Path) -> Result {
    let path = dir.join(FILE);
    joblib::dump(&value(OLD), &path)?;
    Ok(fs::set_permissions(
        path,
        fs::Permissions::from_mode(0o600),
    )?)
}

/// Makes sure that nobody else may read what is there where nobody might read the
/// old file, and what is unfinished in any case.
pub(super) fn is_closed_to_others(dir: &Path, has_old: bool) -> Result {
    for entry in fs::read_dir(dir.join(PLACE))? {
        let entry = entry?;
        let mode = entry.metadata()?.permissions().mode() & 0o777;
        let len = entry.metadata()?.len();
        // What is whole may be as open as a new file is; what has nothing in it yet
        // tells nothing.
        let is_new = !has_old && joblib::load::<Value>(entry.path()).is_ok();
        if mode & 0o077 != 0 && !is_new && len > 0 {
            return Err(format!("{:?} has the mode {mode:o}", entry.file_name()).into());
        }
    }
    Ok(())
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
/// it then, on a system as before.
pub(super) fn is_cleared_by_the_next(dir: &Path, is_named: bool) -> Result {
    if is_named {
        let next = worker(dir, &words("nothing", is_named))?.output()?;
        if !next.status.success() {
            let said = String::from_utf8_lossy(&next.stderr);
            return Err(format!("the next dump fails: {said}").into());
        }
    } else {
        for _ in 0..2 {
            joblib::dump(&value(NEW), dir.join(FILE))?;
        }
    }
    is_old_or_new(dir, true, false)?;
    is_alone(dir)
}
