//! The items behind a fingerprint as text, one line each. A stored list can be
//! compared with a later one.

/// One item that a fingerprint covers.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct CoveredItem {
    /// Its path; `~` stands for the module of the function.
    pub(crate) path: String,
    /// Its file, relative to the workspace.
    pub(crate) file: String,
    /// The 1-based line of its name.
    pub(crate) line: u32,
    /// A digest of everything that the fingerprint covers of it.
    pub(crate) hash: u64,
}

/// Formats items as lines of path, file, line and hash, separated by tabs.
pub(crate) fn render_items(items: &[CoveredItem]) -> String {
    let line = |item: &CoveredItem| {
        format!(
            "{}\t{}\t{}\t{:016x}\n",
            item.path, item.file, item.line, item.hash
        )
    };
    items.iter().map(line).collect()
}

/// Parses the output of [`render_items`]. Returns `None` if the text has another
/// form.
pub(crate) fn parse_items(text: &str) -> Option<Vec<CoveredItem>> {
    text.lines().map(parse_item).collect()
}

fn parse_item(line: &str) -> Option<CoveredItem> {
    let mut fields = line.split('\t');
    let item = CoveredItem {
        path: fields.next()?.to_owned(),
        file: fields.next()?.to_owned(),
        line: fields.next()?.parse().ok()?,
        hash: u64::from_str_radix(fields.next()?, 16).ok()?,
    };
    fields.next().is_none().then_some(item)
}

/// Returns the differences between two lists, one phrase for each item.
pub(crate) fn differences(before: &str, now: &str) -> Vec<String> {
    let (Some(before), Some(now)) = (parse_items(before), parse_items(now)) else {
        return Vec::new();
    };
    let is_in = |list: &[CoveredItem], item: &CoveredItem| {
        list.iter()
            .any(|other| other.path == item.path && other.hash == item.hash)
    };
    let has_path =
        |list: &[CoveredItem], item: &CoveredItem| list.iter().any(|other| other.path == item.path);
    let place = |item: &CoveredItem| format!("`{}` ({}:{})", item.path, item.file, item.line);
    let mut found = Vec::new();
    for item in now.iter().filter(|item| !is_in(&before, item)) {
        let what = if has_path(&before, item) {
            "changed"
        } else {
            "is new"
        };
        found.push(format!("{} {what}", place(item)));
    }
    for item in before.iter().filter(|item| !has_path(&now, item)) {
        found.push(format!("{} is gone", place(item)));
    }
    if found.is_empty() {
        found.push("a file, an environment variable, a `cfg` or a crate's version".to_owned());
    }
    found
}
