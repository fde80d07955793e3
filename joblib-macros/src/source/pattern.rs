//! Names that macros put together from parts, as `paste!` makes `add_one` of
//! `[<add_ $n>]`: which parts are known, and which names they may become.

use super::name::Name;
use super::token::{File, Span};

/// What is known of such a name, in lower case and without underscores; any
/// text may stand between the parts, and at the ends that are open.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Pattern {
    parts: Vec<String>,
    is_open_before: bool,
    is_open_after: bool,
}

impl Pattern {
    /// The name in `span`, which stands between `[<` and `>]`.
    pub(super) fn pasted(file: &File, span: Span) -> Pattern {
        let mut segments = Vec::new();
        let mut at = span.start;
        while at < span.end {
            if file.is(at, b'$') {
                segments.push(None);
                at += 2;
            } else if file.is(at, b':') {
                // `:camel` and its like change the case of what is before.
                at += 2;
            } else {
                let is_lifetime = file.text(at).starts_with('\'');
                segments.push((!is_lifetime).then(|| plain(file.text(at))));
                at = file.after(at);
            }
        }
        Pattern::of(segments)
    }

    /// Any name at all.
    pub(super) fn any() -> Pattern {
        Pattern::of(vec![None])
    }

    /// The name that a format string such as `"add_{}"` makes, if it may make
    /// one.
    pub(super) fn formatted(text: &str) -> Option<Pattern> {
        let mut segments = Vec::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once('{') {
            segments.push(Some(before));
            segments.push(None);
            rest = after.split_once('}')?.1;
        }
        segments.push(Some(rest));
        let is_name = |text: &&str| text.chars().all(|c| c == '_' || c.is_alphanumeric());
        let has_hole = segments.len() > 1;
        if !has_hole || !segments.iter().flatten().all(is_name) {
            return None;
        }
        let segments = segments.into_iter();
        let plain = segments.map(|segment| segment.map(plain));
        let pattern = Pattern::of(plain.filter(|s| s.as_deref() != Some("")).collect());
        (!pattern.is_any()).then_some(pattern)
    }

    fn of(segments: Vec<Option<String>>) -> Pattern {
        Pattern {
            is_open_before: !matches!(segments.first(), Some(Some(_))),
            is_open_after: !matches!(segments.last(), Some(Some(_))),
            parts: segments.into_iter().flatten().collect(),
        }
    }

    /// Whether nothing of the name is known.
    pub(super) fn is_any(&self) -> bool {
        self.parts.iter().all(String::is_empty)
    }

    /// Whether `name` may have been put together so.
    pub(super) fn matches(&self, name: Name) -> bool {
        let name = plain(name.as_str());
        let mut rest = name.as_str();
        for (i, part) in self.parts.iter().enumerate() {
            let is_first = i == 0 && !self.is_open_before;
            let is_last = i + 1 == self.parts.len() && !self.is_open_after;
            let found = match (is_first, is_last) {
                (true, true) => (rest == part).then_some(0),
                (true, false) => rest.starts_with(part.as_str()).then_some(0),
                (false, true) => rest
                    .ends_with(part.as_str())
                    .then(|| rest.len() - part.len()),
                (false, false) => rest.find(part.as_str()),
            };
            match found {
                Some(at) => rest = &rest[at + part.len()..],
                None => return false,
            }
        }
        true
    }
}

/// A name without what cases differ in. Digits stay with what is before.
fn plain(text: &str) -> String {
    let text = text.trim_start_matches("r#").trim_matches('"');
    let letters = text.chars().filter(|&c| c != '_');
    letters.flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pasted(code: &str) -> Pattern {
        let file = File::new("".into(), code.to_owned());
        Pattern::pasted(&file, file.all())
    }

    #[test]
    fn names_in_any_case_are_found() {
        let pattern = pasted("add_ $n");
        assert!(pattern.matches(Name::new("add_one")));
        assert!(pattern.matches(Name::new("ADD_TWO")));
        assert!(!pattern.matches(Name::new("sub_one")));
        assert!(pasted("Wrap $n:camel").matches(Name::new("WrapInner")));
        assert!(pasted("$a _of_ $b").matches(Name::new("sum_of_squares")));
        assert!(!pasted("$a _end").matches(Name::new("ending")));
        assert!(pasted("$a _end").matches(Name::new("end_to_end")));
    }

    #[test]
    fn a_name_of_unknown_parts_is_any() {
        assert!(pasted("$a $b").is_any());
        assert!(pasted("$a _ $b").is_any());
        assert!(!pasted("$a x").is_any());
    }

    #[test]
    fn format_strings_make_names() {
        let pattern = Pattern::formatted("add_{}").unwrap();
        assert!(pattern.matches(Name::new("add_one")));
        assert!(Pattern::formatted("no name: {}").is_none());
        assert!(Pattern::formatted("plain").is_none());
        assert!(Pattern::formatted("{}").is_none());
    }
}
