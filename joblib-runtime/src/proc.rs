//! The files of `/proc` that several modules read, as proc(5) describes them.

use std::ffi::OsString;
use std::fmt::Display;
use std::fs;
use std::io;
use std::os::unix::ffi::OsStringExt;
use std::path::PathBuf;
use std::str::FromStr;

/// The executable of this process, which stays the same when the file on disk is replaced.
pub(crate) const EXECUTABLE: &str = "/proc/self/exe";

/// A part of a file that is mapped into this process: a line of `/proc/self/maps`.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct FileMapping {
    pub(crate) start: usize,
    pub(crate) end: usize,
    pub(crate) is_writable: bool,
    pub(crate) is_executable: bool,
    pub(crate) is_shared: bool,
    /// The offset of the start in the file, in bytes.
    pub(crate) offset: u64,
    /// The major and the minor device number.
    pub(crate) device: (u32, u32),
    pub(crate) inode: u64,
    /// The path of a removed or replaced file has the suffix ` (deleted)`.
    pub(crate) path: PathBuf,
}

/// Returns what is mapped from files, in the order of addresses.
pub(crate) fn file_mappings() -> io::Result<Vec<FileMapping>> {
    let maps = fs::read("/proc/self/maps")?;
    let lines = maps.split(|byte| *byte == b'\n');
    Ok(lines.filter_map(FileMapping::parse).collect())
}

impl FileMapping {
    /// Parses a line `start-end rights offset device inode path`. Returns `None` if
    /// nothing of a file is mapped.
    fn parse(line: &[u8]) -> Option<FileMapping> {
        let mut fields = line.splitn(6, |byte| *byte == b' ');
        let mut field = || std::str::from_utf8(fields.next()?).ok();
        let (start, end) = field()?.split_once('-')?;
        let rights = field()?.as_bytes();
        let offset = u64::from_str_radix(field()?, 16).ok()?;
        let (major, minor) = field()?.split_once(':')?;
        let inode = field()?.parse().ok()?;
        let path = fields.next()?.trim_ascii_start();
        // Mappings without a file have a name in brackets or none, such as `[vdso]`.
        if path.first() != Some(&b'/') {
            return None;
        }
        Some(FileMapping {
            start: usize::from_str_radix(start, 16).ok()?,
            end: usize::from_str_radix(end, 16).ok()?,
            is_writable: rights.get(1) == Some(&b'w'),
            is_executable: rights.get(2) == Some(&b'x'),
            is_shared: rights.get(3) == Some(&b's'),
            offset,
            device: (
                u32::from_str_radix(major, 16).ok()?,
                u32::from_str_radix(minor, 16).ok()?,
            ),
            inode,
            path: OsString::from_vec(unescaped(path)).into(),
        })
    }
}

/// Unescapes a path. The kernel writes a line feed as `\012`.
fn unescaped(path: &[u8]) -> Vec<u8> {
    let mut plain = Vec::with_capacity(path.len());
    let mut rest = path;
    while let Some((&byte, after)) = rest.split_first() {
        match rest.strip_prefix(b"\\012") {
            Some(after) => {
                plain.push(b'\n');
                rest = after;
            }
            None => {
                plain.push(byte);
                rest = after;
            }
        }
    }
    plain
}

/// The state of a process or thread: the line of `/proc/PID/stat`, after the name of the
/// program.
#[derive(Debug)]
pub(crate) struct Stat(String);

impl Stat {
    /// Reads the line of the process or thread with this id.
    pub(crate) fn read(id: impl Display) -> io::Result<Stat> {
        let line = fs::read(format!("/proc/{id}/stat"))?;
        Stat::parse(&line).ok_or_else(|| io::ErrorKind::InvalidData.into())
    }

    /// Parses a line. The name, in parentheses, may contain any bytes, also parentheses
    /// and, because the kernel cuts it, half of a character.
    pub(crate) fn parse(line: &[u8]) -> Option<Stat> {
        let name_end = line.iter().rposition(|byte| *byte == b')')?;
        let fields = std::str::from_utf8(&line[name_end + 1..]).ok()?;
        Some(Stat(fields.to_owned()))
    }

    /// Returns the field with this number in proc_pid_stat(5), where 3 is the first after
    /// the name.
    pub(crate) fn field<T: FromStr>(&self, number: usize) -> Option<T> {
        let mut fields = self.0.split_ascii_whitespace();
        fields.nth(number.checked_sub(3)?)?.parse().ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_maps_are_read() {
        let line = b"7f2c10000000-7f2c10400000 r-xs 00001000 fd:10 1234                       /a b/c\\012d";
        let line = FileMapping::parse(line).unwrap();
        assert_eq!((line.start, line.end), (0x7f2c_1000_0000, 0x7f2c_1040_0000));
        assert_eq!(
            (line.is_shared, line.is_writable, line.is_executable),
            (true, false, true)
        );
        assert_eq!(
            (line.offset, line.inode, line.device),
            (0x1000, 1234, (0xfd, 0x10))
        );
        assert_eq!(line.path, PathBuf::from("/a b/c\nd"));
        for other in [
            "7ffc1000-7ffc2000 rw-p 00000000 00:00 0 [stack]",
            "7ffc1000-7ffc2000 rw-p 00000000 00:00 0 ",
            "nonsense",
            "",
        ] {
            assert_eq!(FileMapping::parse(other.as_bytes()), None, "{other}");
        }
    }

    #[test]
    fn the_fields_of_a_process_are_read_whatever_its_program_is_called() {
        for name in ["sh", "a b", ") R 1 (", "\n"].map(str::as_bytes) {
            assert_fields(name);
        }
        // The kernel stores 15 bytes of a name, here with half of the `ü`.
        assert_fields(&"verteilungs-grün".as_bytes()[..15]);
    }

    fn assert_fields(name: &[u8]) {
        let line = [b"7 (", name, b") S 41 7 7 0 -1"].concat();
        let stat = Stat::parse(&line).unwrap();
        assert_eq!(stat.field::<char>(3), Some('S'));
        assert_eq!(stat.field::<u32>(4), Some(41));
        assert_eq!(stat.field::<i32>(8), Some(-1));
        assert_eq!(stat.field::<u32>(9), None);
        assert_eq!(stat.field::<u32>(2), None);
    }

    #[test]
    fn the_parent_of_this_process_is_read() {
        let stat = Stat::read(std::process::id()).unwrap();
        assert_eq!(stat.field(4), Some(std::os::unix::process::parent_id()));
        assert!(Stat::read(u32::MAX).is_err());
    }
}
