//! The files whose code is loaded into this process.

use std::collections::BTreeSet;
use std::fs::File;
use std::io;
use std::path::Path;

const EXECUTABLE: &str = "/proc/self/exe";

/// Opens the executable as it was started, even if the file was replaced on disk since.
pub(super) fn executable() -> io::Result<File> {
    File::open(EXECUTABLE)
}

/// Opens every other file that is mapped as executable, each once.
pub(super) fn libraries() -> io::Result<Vec<File>> {
    let own = std::fs::read_link(EXECUTABLE)?;
    let paths = mapped(&own)?;
    let files = paths.iter().map(|path| open(path)).collect();
    // If a library was replaced in between, its path in the second list differs.
    match mapped(&own)? == paths {
        true => files,
        false => Err(io::Error::other("libraries are being loaded or replaced")),
    }
}

fn mapped(own: &Path) -> io::Result<BTreeSet<String>> {
    let maps = std::fs::read_to_string("/proc/self/maps")?;
    let paths = maps
        .lines()
        .filter_map(code_path)
        .filter(|path| Path::new(path) != own);
    Ok(paths.map(str::to_owned).collect())
}

fn open(path: &str) -> io::Result<File> {
    if path.ends_with(" (deleted)") {
        return Err(io::Error::other(format!(
            "{path} was replaced since it was loaded"
        )));
    }
    File::open(path).map_err(|error| io::Error::new(error.kind(), format!("{path}: {error}")))
}

/// Returns the path in a line `start-end rights offset device inode path` of
/// `/proc/self/maps`, if the line describes code from a file.
fn code_path(line: &str) -> Option<&str> {
    let mut rest = line;
    let mut field = || {
        let (field, after) = rest.trim_start().split_once(' ')?;
        rest = after;
        Some(field)
    };
    let (_range, rights, _offset, _device, _inode) =
        (field()?, field()?, field()?, field()?, field()?);
    let path = rest.trim_start();
    // Mappings without a file have a name in brackets or none, such as `[vdso]`.
    (rights.contains('x') && path.starts_with('/')).then_some(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_from_files_is_found_in_the_list() {
        let line = "7f2c4a000000-7f2c4a028000 r-xp 00000000 fd:01 1234                       /usr/lib/my lib.so";
        assert_eq!(code_path(line), Some("/usr/lib/my lib.so"));
        for other in [
            line.replace("r-xp", "r--p"),
            line.replace("/usr/lib/my lib.so", "[vdso]"),
            line.replace("/usr/lib/my lib.so", ""),
            String::new(),
        ] {
            assert_eq!(code_path(&other), None, "{other}");
        }
    }

    #[test]
    fn the_executable_is_no_library() {
        let own = std::fs::read_link(EXECUTABLE).unwrap();
        assert!(!mapped(&own).unwrap().contains(own.to_str().unwrap()));
    }

    #[test]
    fn a_library_that_was_replaced_is_told() {
        let error = open("/usr/lib/libgone.so (deleted)").unwrap_err();
        assert!(error.to_string().contains("was replaced"), "{error}");
    }
}
