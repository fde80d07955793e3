//! Reads the memory statistics of a process from `/proc` of Linux.

use std::fs;
use std::path::PathBuf;

use crate::Result;

/// Returns the bytes of the field `name` in a file of lines such as `VmHWM: 12 kB`.
pub(crate) fn field(process: u32, file: &str, name: &str) -> Result<f64> {
    let path = PathBuf::from(format!("/proc/{process}/{file}"));
    let text = fs::read_to_string(&path)?;
    let value = text.lines().find_map(|line| {
        let (found, value) = line.split_once(':')?;
        let kilobytes = value.trim().strip_suffix("kB")?.trim();
        (found == name).then_some(kilobytes)
    });
    let value = value.ok_or_else(|| format!("{}: the field {name} is missing", path.display()))?;
    Ok(value.parse::<f64>()? * 1024.0)
}
