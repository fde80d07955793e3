//! The dependency file in `make` syntax that rustc writes next to a compiled crate.
//! It lists the crate's sources and the environment variables that it read.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// The contents of a dependency file.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct DepInfo {
    /// Absolute paths, the root file first.
    pub(crate) sources: Vec<PathBuf>,
    /// Whether they were relative to the working directory of the compiler.
    pub(crate) is_relative: bool,
    /// The file that rustc wrote.
    written: PathBuf,
    /// Whether rustc wrote the compiled file to another directory than the one of the
    /// dependency file.
    pub(crate) is_moved: bool,
    /// The variables that were read; `None` if a variable was not set.
    pub(crate) variables: BTreeMap<String, Option<String>>,
}

impl DepInfo {
    /// Reads the file at `path`. Returns `None` if a source that it names is not
    /// found from the current directory.
    pub(crate) fn read(path: &Path) -> Option<DepInfo> {
        let text = std::fs::read_to_string(path).ok()?;
        let mut info = DepInfo::parse(&text);
        // Cargo starts rustc for all crates of a workspace in the same directory.
        let here = std::env::current_dir().ok()?;
        info.is_moved = info.written.is_absolute() && info.written.parent() != path.parent();
        info.is_relative = info.sources.iter().any(|source| source.is_relative());
        for source in &mut info.sources {
            *source = here.join(&*source);
        }
        let root = info.sources.first()?;
        root.is_file().then_some(info)
    }

    fn parse(text: &str) -> DepInfo {
        let mut info = DepInfo::default();
        for line in text.lines() {
            if let Some(variable) = line.strip_prefix("# env-dep:") {
                let (name, value) = match variable.split_once('=') {
                    Some((name, value)) => (name, Some(unescape(value))),
                    None => (variable, None),
                };
                info.variables.insert(unescape(name), value);
            } else if info.sources.is_empty()
                && let Some((written, sources)) = line.split_once(": ")
            {
                info.written = paths(written).into_iter().next().unwrap_or_default();
                info.sources = paths(sources);
            }
        }
        info
    }
}

/// Splits paths at spaces. A space in a path is escaped by a backslash.
fn paths(text: &str) -> Vec<PathBuf> {
    let mut paths = vec![String::new()];
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        let last = paths.last_mut().expect("the list is never empty");
        match c {
            '\\' if chars.peek() == Some(&' ') => last.extend(chars.next()),
            ' ' => paths.push(String::new()),
            _ => last.push(c),
        }
    }
    paths.retain(|path| !path.is_empty());
    paths.into_iter().map(PathBuf::from).collect()
}

fn unescape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match c {
            '\\' => match chars.next() {
                Some('n') => out.push('\n'),
                Some('r') => out.push('\r'),
                other => out.extend(other),
            },
            _ => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sources_and_variables_are_read() {
        let info = DepInfo::parse(
            "/t/a.d: src/lib.rs src/a\\ b.rs /out/x.rs\n\n/t/liba.rlib: src/lib.rs\n\nsrc/lib.rs:\n\n\
             # env-dep:SET=a\\nb\\\\c\n# env-dep:UNSET\n",
        );
        let sources: Vec<_> = info.sources.iter().map(|s| s.to_str().unwrap()).collect();
        assert_eq!(sources, ["src/lib.rs", "src/a b.rs", "/out/x.rs"]);
        assert_eq!(info.variables["SET"].as_deref(), Some("a\nb\\c"));
        assert_eq!(info.variables["UNSET"], None);
    }
}
