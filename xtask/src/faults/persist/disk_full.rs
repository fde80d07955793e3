//! Full disks, and limits on the size of files.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use super::Load;
use super::check::{self, DONE, FILE, PLACE};
use crate::faults::worker;
use crate::shell::{Result, succeed};

/// The approximate size of the file in bytes.
const LEN: u64 = 170_000;

pub(super) fn run(load: Load) -> Result<String> {
    let (mut limited, mut written) = (0, 0);
    for step in 0..load.disks {
        let limit = step * LEN / load.disks;
        written += u64::from(under_a_limit(limit)?);
        limited += 1;
    }
    let disks = match on_small_disks(load) {
        Ok(disks) => format!("{disks} full disks"),
        Err(Failed::Unmounted) => "skipped disks: tmpfs cannot be mounted".to_owned(),
        Err(Failed::Wrong(error)) => return Err(error.into()),
    };
    Ok(format!(
        "{limited} limits on the size of files, {written} of them sufficient; {disks}"
    ))
}

/// Writes the file under a limit on the size of files. Returns whether that succeeded.
fn under_a_limit(limit: u64) -> Result<bool> {
    let dir = check::prepared(true)?;
    let traced = worker(dir.path(), &["dump", "full"])?;
    let mut command = Command::new("prlimit");
    command.arg(format!("--fsize={limit}"));
    command.arg(traced.get_program()).args(traced.get_args());
    command.current_dir(dir.path()).stdin(Stdio::null());
    let ended = command.output()?;
    let is_done = ended.stdout == DONE.as_bytes();
    if ended.status.code().is_none() {
        return Err(format!(
            "under a limit of {limit} bytes, the process ended with {}",
            ended.status
        )
        .into());
    }
    check::is_old_or_new(dir.path(), true, !is_done)
        .and_then(|()| check::is_alone(dir.path()))
        .map_err(|error| format!("a limit of {limit} bytes: {error}"))?;
    Ok(is_done)
}

enum Failed {
    Unmounted,
    Wrong(String),
}

/// A file system in memory, unmounted on drop.
struct Mounted<'d>(&'d Path);

impl Drop for Mounted<'_> {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg(self.0).status();
    }
}

/// Fills disks so that they have a little more or less space than the file needs.
fn on_small_disks(load: Load) -> std::result::Result<u64, Failed> {
    let dir = tempfile::tempdir().map_err(|error| Failed::Wrong(error.to_string()))?;
    let place = dir.path().join(PLACE);
    fs::create_dir(&place).map_err(|error| Failed::Wrong(error.to_string()))?;
    let mut mount = Command::new("mount");
    mount
        .args(["-t", "tmpfs", "-o", "size=1m", "none"])
        .arg(&place);
    mount.stderr(Stdio::null());
    succeed(&mut mount).map_err(|_| Failed::Unmounted)?;
    let mounted = Mounted(&place);
    let tried = on_disk(dir.path(), load);
    drop(mounted);
    tried.map_err(|error| Failed::Wrong(error.to_string()))
}

fn on_disk(dir: &Path, load: Load) -> Result<u64> {
    let filler = dir.join(PLACE).join("filler");
    for step in 0..load.disks {
        check::write_old(dir)?;
        // The free space ranges from nothing to more than the file needs.
        let left = step * (LEN + 40_000) / load.disks;
        fs::write(
            &filler,
            vec![1; (1 << 20) - LEN as usize - left as usize - 40_000],
        )?;
        let mut rest = fs::File::options().append(true).open(&filler)?;
        if step == 0 {
            // Fill the last block up to the last byte.
            while std::io::Write::write(&mut rest, &[1; 4096]).is_ok_and(|it| it > 0) {}
        }
        drop(rest);
        let mut command = worker(dir, &["dump", "full"])?;
        let ended = command.stdin(Stdio::null()).output()?;
        let is_done = ended.stdout == DONE.as_bytes();
        fs::remove_file(&filler)?;
        check::is_old_or_new(dir, true, !is_done)
            .and_then(|()| check::is_alone(dir))
            .map_err(|error| format!("with {left} bytes left for {FILE}: {error}"))?;
    }
    Ok(load.disks)
}
