//! The source items that a fingerprint covers, as a list for people and programs.

use std::fmt;

/// An item that a memoized function can reach, as listed by `reaches()`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct SourceItem {
    path: String,
    file: String,
    line: u32,
    hash: u64,
}

impl SourceItem {
    /// Returns the path of the item, for example `simulation::grid::Grid`, or the name
    /// and version of another crate.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// Returns the file of the item, relative to the workspace. Empty for another
    /// crate.
    pub fn file(&self) -> &str {
        &self.file
    }

    /// Returns the first line of the item, counted from 1.
    pub fn line(&self) -> u32 {
        self.line
    }

    /// Returns a hash of the item's tokens. Comments and formatting do not affect it.
    pub fn hash(&self) -> u64 {
        self.hash
    }

    /// Parses the text form: for each item a line of `path`, `file`, `line` and
    /// hexadecimal `hash`, separated by tabs. Other lines are ignored.
    pub(crate) fn parse(text: &str) -> Vec<SourceItem> {
        text.lines().filter_map(SourceItem::parse_line).collect()
    }

    fn parse_line(line: &str) -> Option<SourceItem> {
        let mut fields = line.split('\t');
        Some(SourceItem {
            path: fields.next()?.to_owned(),
            file: fields.next()?.to_owned(),
            line: fields.next()?.parse().ok()?,
            hash: u64::from_str_radix(fields.next()?, 16).ok()?,
        })
    }
}

impl fmt::Display for SourceItem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.file.as_str() {
            "" => f.write_str(&self.path),
            file => write!(f, "{} ({file}:{})", self.path, self.line),
        }
    }
}

/// Returns the differences of two lists: items that are new, gone or changed in `now`.
/// A crate that is there in another version has changed.
pub(crate) fn differences(before: &[SourceItem], now: &[SourceItem]) -> Vec<String> {
    let has_path = |items: &[SourceItem], path: &str| items.iter().any(|item| item.path == path);
    let one_of_crate = |items: &[SourceItem], other: &[SourceItem], name: &str| {
        let mut own = items.iter().filter_map(|item| {
            let (krate, version) = crate_and_version(&item.path)?;
            (krate == name && !has_path(other, &item.path)).then(|| version.to_owned())
        });
        own.next().filter(|_| own.next().is_none())
    };
    let versions = |item: &SourceItem| {
        let (krate, _) = crate_and_version(&item.path)?;
        let from = one_of_crate(before, now, krate)?;
        let to = one_of_crate(now, before, krate)?;
        Some(format!("crate {krate} changed from {from} to {to}"))
    };
    let find = |items: &[SourceItem], path: &str| -> Vec<u64> {
        let same = items.iter().filter(|item| item.path == path);
        let mut hashes: Vec<u64> = same.map(|item| item.hash).collect();
        hashes.sort_unstable();
        hashes
    };
    let mut found = Vec::new();
    for item in now {
        let hashes = find(before, &item.path);
        if hashes.is_empty() {
            found.push(versions(item).unwrap_or_else(|| format!("{item} is new")));
        } else if hashes != find(now, &item.path) {
            found.push(format!("{item} changed"));
        }
    }
    let gone = before
        .iter()
        .filter(|item| find(now, &item.path).is_empty() && versions(item).is_none());
    found.extend(gone.map(|item| format!("{item} is gone")));
    found.dedup();
    found
}

/// Splits the path of a crate into its name, and its version and features.
fn crate_and_version(path: &str) -> Option<(&str, &str)> {
    path.strip_prefix("crate ")?.split_once(' ')
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "app::slow\tsrc/main.rs\t3\tff\napp::helper\tsrc/main.rs\t9\t1\n";

    #[test]
    fn text_form_is_read_back() {
        let items = SourceItem::parse(TEXT);
        assert_eq!(items.len(), 2);
        assert_eq!(items[0].path(), "app::slow");
        assert_eq!(items[0].line(), 3);
        assert_eq!(items[0].hash(), 0xff);
        assert_eq!(items[1].to_string(), "app::helper (src/main.rs:9)");
    }

    #[test]
    fn a_changed_item_is_named_with_file_and_line() {
        let now = SourceItem::parse(&TEXT.replace("9\t1", "12\t2"));
        let found = differences(&SourceItem::parse(TEXT), &now);
        assert_eq!(found, ["app::helper (src/main.rs:12) changed"]);
    }

    #[test]
    fn a_crate_of_another_version_is_named_with_both() {
        let of = |lines: &str| SourceItem::parse(lines);
        let before = of(
            "crate simba 0.9.0\t\t0\t1\ncrate rand 0.8.5 (std)\t\t0\t2\ncrate rand 0.9.1\t\t0\t3\n",
        );
        let now = of(
            "crate simba 0.9.1\t\t0\t4\ncrate rand 0.8.5 (alloc, std)\t\t0\t5\ncrate rand 0.9.1\t\t0\t6\n",
        );
        assert_eq!(
            differences(&before, &now),
            [
                "crate simba changed from 0.9.0 to 0.9.1",
                "crate rand changed from 0.8.5 (std) to 0.8.5 (alloc, std)",
                "crate rand 0.9.1 changed",
            ]
        );
        let two = of("crate rand 0.8.5\t\t0\t1\ncrate rand 0.9.1\t\t0\t1\n");
        assert_eq!(
            differences(&two, &of("crate rand 0.10.0\t\t0\t1\n")),
            [
                "crate rand 0.10.0 is new",
                "crate rand 0.8.5 is gone",
                "crate rand 0.9.1 is gone",
            ]
        );
    }

    #[test]
    fn items_that_came_and_went_are_named() {
        let one = SourceItem::parse(TEXT.lines().next().unwrap());
        let both = SourceItem::parse(TEXT);
        assert_eq!(
            differences(&one, &both),
            ["app::helper (src/main.rs:9) is new"]
        );
        assert_eq!(
            differences(&both, &one),
            ["app::helper (src/main.rs:9) is gone"]
        );
    }
}
