//! A power cut after every system call of a `dump`, on a disk that loses what
//! was not synced and may keep any name that was given.
//!
//! What is modelled: the contents of a file are on the disk after `fsync` of
//! it and until it is written to again, and names are after `fsync` of their
//! directory. Names that were not synced may be there or not. The calls are
//! those that strace saw.

use std::fs;

use super::Load;
use super::syscalls::{has_strace, strace, with_old};
use super::work::FILE;
use crate::shell::Result;

const CALLS: &str = "trace=openat,write,writev,fsync,fdatasync,linkat,rename,close";

/// The disk, as far as it matters for one file.
#[derive(Default)]
struct Disk {
    /// The descriptor of the new file.
    file: Option<String>,
    /// The descriptor of the directory.
    directory: Option<String>,
    /// Whether all that was written to the file is there for good.
    is_synced: bool,
    /// Whether the file has its name, and whether that is there for good.
    is_named: bool,
    is_name_synced: bool,
}

pub(super) fn run(_: Load) -> Result<String> {
    if !has_strace() {
        return Ok("skipped: strace is not installed".to_owned());
    }
    let (directory, aside) = (with_old()?, tempfile::tempdir()?);
    let trace = aside.path().join("trace");
    let traced = strace(directory.path(), &trace, CALLS, "dump")?;
    if !traced.status.success() {
        return Err(format!("dump under strace: {}", traced.status).into());
    }
    let mut disk = Disk::default();
    let mut cuts = 0;
    for line in fs::read_to_string(trace)?.lines() {
        let rest = line.split_once(char::is_whitespace).map_or("", |it| it.1);
        if rest.contains("\"done") {
            break;
        }
        disk.take(rest.trim_start());
        // The power is cut here.
        if disk.is_named && !disk.is_synced {
            return Err(format!("after {rest:?} the name may be there without the value").into());
        }
        cuts += 1;
    }
    match disk.is_named && disk.is_synced && disk.is_name_synced {
        true => Ok(format!(
            "{cuts} moments; what `dump` finished is there after all"
        )),
        false => Err("after `Ok` the older file may be there".into()),
    }
}

impl Disk {
    /// Does what a line of the trace says.
    fn take(&mut self, line: &str) {
        let Some((call, arguments)) = line.split_once('(') else {
            return;
        };
        let result = line
            .rsplit_once("= ")
            .map_or("", |(_, result)| result.trim());
        let first = arguments
            .split([',', ')'])
            .next()
            .unwrap_or_default()
            .to_owned();
        let is_file = self.file.as_ref() == Some(&first);
        match call {
            "openat" if arguments.contains("O_TMPFILE") => self.file = Some(result.to_owned()),
            // The directory is where the file is, and is opened to be synced.
            "openat" if arguments.starts_with("AT_FDCWD, \".\"") => {
                self.directory = Some(result.to_owned());
            }
            "write" | "writev" if is_file => self.is_synced = false,
            "fsync" | "fdatasync" if is_file => self.is_synced = true,
            "fsync" if self.directory.as_ref() == Some(&first) => {
                self.is_name_synced = self.is_named;
            }
            "rename" if arguments.contains(FILE) => self.is_named = result.starts_with('0'),
            "linkat" if arguments.contains(&format!("\"{FILE}\"")) => {
                self.is_named |= result.starts_with('0');
            }
            "close" if is_file => self.file = None,
            _ => {}
        }
    }
}
