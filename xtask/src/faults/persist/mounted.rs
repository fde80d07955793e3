//! A file that is itself a mount point, as in containers. No other file can be renamed
//! over it.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use joblib::Dump;
use joblib::persist::ErrorKind;

use super::Load;
use super::check::{self, FILE, PLACE};
use crate::shell::{Result, succeed};

/// A file bind-mounted over another, unmounted on drop.
struct Mounted<'d>(&'d Path);

impl Drop for Mounted<'_> {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg(self.0).status();
    }
}

pub(super) fn run(_: Load) -> Result<String> {
    let dir = check::prepared(true)?;
    let (path, over) = (dir.path().join(FILE), dir.path().join("over"));
    fs::copy(&path, &over)?;
    let mut mount = Command::new("mount");
    mount.arg("--bind").arg(&over).arg(&path);
    mount.stderr(Stdio::null());
    if succeed(&mut mount).is_err() {
        return Ok("skipped: a file cannot be mounted".to_owned());
    }
    let mounted = Mounted(&path);
    is_reported(dir.path())?;
    Dump::new().in_place(true).to(&path, &7_u64)?;
    is_number(&path, 7)?;
    let mut mount = Command::new("mount");
    mount.args(["-o", "remount,bind,ro"]).arg(&path);
    succeed(&mut mount)?;
    let error = Dump::new().in_place(true).to(&path, &8_u64);
    let error = error
        .err()
        .ok_or("a dump wrote to a read-only file")?
        .to_string();
    if !error.contains("read-only") {
        return Err(error.into());
    }
    drop(mounted);
    is_number(&over, 7)?;
    Ok("a mounted file never replaced, and overwritten in place where that is allowed".to_owned())
}

/// Checks that the error names the directory and the way out, and that nothing changed.
fn is_reported(dir: &Path) -> Result {
    let error = joblib::dump(&7_u64, dir.join(FILE));
    let error = error.err().ok_or("a dump replaced a mount point")?;
    let ErrorKind::Directory { directory, .. } = error.kind() else {
        return Err(error.to_string().into());
    };
    if *directory != dir.join(PLACE) || !error.to_string().contains("a mount point") {
        return Err(error.to_string().into());
    }
    check::is_alone(dir)?;
    match check::found(dir)? {
        Some(check::OLD) => Ok(()),
        found => Err(format!("the file has the value {found:?}").into()),
    }
}

fn is_number(path: &Path, number: u64) -> Result {
    match joblib::load::<u64>(path)? {
        found if found == number => Ok(()),
        found => Err(format!("{} has {found}", path.display()).into()),
    }
}
