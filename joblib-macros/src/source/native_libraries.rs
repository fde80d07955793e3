//! Libraries in other languages that are passed to the linker by name, by directory
//! or as a file.

use std::path::{Path, PathBuf};

/// The libraries and directories in the linker's arguments.
#[derive(Clone, Debug, Default)]
pub(super) struct NativeLibraries {
    pub(super) libraries: Vec<String>,
    pub(super) directories: Vec<PathBuf>,
    /// Files that are passed by path.
    given: Vec<PathBuf>,
}

impl NativeLibraries {
    /// Applies the argument of rustc's `-L`.
    pub(super) fn search(&mut self, argument: &str) {
        let (kind, path) = argument.split_once('=').unwrap_or(("all", argument));
        if matches!(kind, "all" | "native") {
            self.directories.extend(absolute(path));
        }
    }

    /// Applies the argument of rustc's `-l`: a kind with modifiers, a name, and
    /// optionally another name to link it under.
    pub(super) fn link(&mut self, argument: &str) {
        let (kind, names) = argument.split_once('=').unwrap_or(("", argument));
        let kind = kind.split(':').next().unwrap_or(kind);
        if kind != "framework" {
            self.libraries.extend(names.split(':').map(str::to_owned));
        }
    }

    /// Applies linker arguments such as `-lname`, `-Wl,-Ldirectory` or a path.
    pub(super) fn add_linker_arguments(&mut self, arguments: &str) {
        for argument in arguments.split([',', ' ']) {
            if let Some(directory) = argument.strip_prefix("-L") {
                self.directories.extend(absolute(directory));
            } else if let Some(name) = argument.strip_prefix("-l") {
                self.libraries.push(name.trim_start_matches(':').to_owned());
            } else {
                let path = argument.split_once('=').map_or(argument, |(_, path)| path);
                let path = absolute(path.trim_start_matches('@'));
                // Either the directory of a separate `-L`, or a file.
                let path = path.filter(|path| path.exists());
                let is_dir = path.as_ref().is_some_and(|path| path.is_dir());
                let list = if is_dir {
                    &mut self.directories
                } else {
                    &mut self.given
                };
                list.extend(path);
            }
        }
    }

    /// Returns the files of the libraries that are found, and the members of thin
    /// archives.
    pub(super) fn files(&self) -> Vec<PathBuf> {
        let mut found = self.given.clone();
        for name in &self.libraries {
            for directory in &self.directories {
                let named = [
                    format!("lib{name}.a"),
                    format!("lib{name}.so"),
                    format!("lib{name}.dylib"),
                    format!("lib{name}.dll.a"),
                    format!("{name}.lib"),
                    // The library is named by its full file name.
                    name.clone(),
                ];
                found.extend(named.map(|file| directory.join(file)));
            }
        }
        found.retain(|path| path.is_file());
        let parts: Vec<PathBuf> = found.iter().flat_map(|path| parts(path)).collect();
        found.extend(parts);
        found.sort();
        found.dedup();
        found
    }
}

/// Returns the files that a thin archive refers to. The archive does not contain
/// their bytes.
fn parts(archive: &Path) -> Vec<PathBuf> {
    const THIN: &[u8] = b"!<thin>\n";
    const NAMES: &[u8] = b"//";
    const HEADER: usize = 60;

    let mut magic = [0; THIN.len()];
    let is_thin = std::fs::File::open(archive)
        .and_then(|mut file| std::io::Read::read_exact(&mut file, &mut magic))
        .is_ok_and(|()| magic == THIN);
    let bytes = match is_thin {
        true => std::fs::read(archive).unwrap_or_default(),
        false => return Vec::new(),
    };
    let dir = archive.parent().unwrap_or(Path::new(""));
    let mut found = Vec::new();
    let mut at = THIN.len();
    while let Some(header) = bytes.get(at..at + HEADER) {
        let size = String::from_utf8_lossy(&header[48..58]);
        let size: usize = size.trim().parse().unwrap_or_default();
        at += HEADER;
        let is_table = header.starts_with(b"/") && !header[1].is_ascii_digit();
        if header.starts_with(NAMES) {
            let names = bytes.get(at..at + size).unwrap_or_default();
            let names = String::from_utf8_lossy(names);
            let names = names.split('\n').map(|name| name.trim_end_matches('/'));
            found.extend(names.map(|name| dir.join(name)));
        } else if !is_table {
            // A short name is stored in the header.
            let name = String::from_utf8_lossy(&header[..16]);
            found.push(dir.join(name.trim().trim_end_matches('/')));
        }
        if is_table {
            at += size.next_multiple_of(2);
        }
    }
    found.retain(|path| path.is_file());
    found
}

fn absolute(path: &str) -> Option<PathBuf> {
    std::path::absolute(path).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns the names of the libraries that are found in a directory with these
    /// files.
    fn found(files: &[(&str, &str)], tell: impl Fn(&mut NativeLibraries, &Path)) -> Vec<String> {
        let dir = tempfile::TempDir::new().unwrap();
        for (name, text) in files {
            std::fs::write(dir.path().join(name), text).unwrap();
        }
        let mut native = NativeLibraries::default();
        tell(&mut native, dir.path());
        let files = native.files();
        let names = files.iter().map(|path| path.file_name().unwrap());
        names
            .map(|name| name.to_str().unwrap().to_owned())
            .collect()
    }

    #[test]
    fn libraries_are_found_in_every_form_of_linker_argument() {
        let files = [("libone.a", ""), ("two.o", ""), ("libthree.so.1", "")];
        let all = found(&files, |native, dir| {
            let dir = dir.display();
            native.add_linker_arguments(&format!("-Wl,-L{dir}"));
            native.add_linker_arguments("-lone");
            native.add_linker_arguments(&format!("{dir}/two.o"));
            native.add_linker_arguments("-l:libthree.so.1");
        });
        assert_eq!(all, ["libone.a", "libthree.so.1", "two.o"]);
        let whole = found(&files, |native, dir| {
            native.search(&format!("native={}", dir.display()));
            native.link("static:+verbatim=libone.a");
        });
        assert_eq!(whole, ["libone.a"]);
        let renamed = found(&files, |native, dir| {
            native.add_linker_arguments("-L");
            native.add_linker_arguments(&dir.display().to_string());
            native.link("static=other:one");
        });
        assert_eq!(renamed, ["libone.a"]);
    }

    #[test]
    fn what_a_thin_archive_is_made_of_is_found() {
        let header = |name: &str, size: usize| format!("{name:<16}{:<32}{size:<10}`\n", "0");
        let names = "a_name_that_is_long.o/\n";
        let archive = format!(
            "!<thin>\n{}{names}\n{}{}",
            header("//", names.len()),
            header("/0", 12),
            header("short.o/", 34),
        );
        let files = [
            ("libthin.a", archive.as_str()),
            ("a_name_that_is_long.o", ""),
            ("short.o", ""),
        ];
        let all = found(&files, |native, dir| {
            native.search(&dir.display().to_string());
            native.link("thin");
        });
        assert_eq!(all, ["a_name_that_is_long.o", "libthin.a", "short.o"]);
    }
}
