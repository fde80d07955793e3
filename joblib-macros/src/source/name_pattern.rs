//! Names that macros build from parts, as `paste!` builds `add_one` from `[<add_
//! $n>]`: the known parts, and the names that may result.

use super::literal;
use super::name::Name;
use super::token::{LexedFile, Span, TokenKind};

/// The known parts of such a name, in lower case and without underscores. Any text
/// may be between the parts, and at the open ends.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct NamePattern {
    parts: Vec<String>,
    is_open_before: bool,
    is_open_after: bool,
}

/// Returns whether the tokens between brackets are pasted to one name.
pub(super) fn is_pasted(file: &LexedFile, inside: &Span) -> bool {
    inside.len() > 2 && file.is(inside.start, b'<') && file.is(inside.end - 1, b'>')
}

impl NamePattern {
    /// Returns the pattern of the name in `span`, which is between `[<` and `>]`.
    pub(super) fn pasted(file: &LexedFile, span: Span) -> NamePattern {
        let mut segments = Vec::new();
        let mut at = span.start;
        while at < span.end {
            if file.is(at, b'$') {
                segments.push(None);
                at = literal::after_fragment(file, at);
            } else if file.is(at, b':') {
                at = changed(file, at, &mut segments);
            } else {
                segments.push(part(file, at));
                // A macro call such as `env!` is a single part.
                let is_call = file.is(at + 1, b'!') && file.opens(at + 2);
                at = file.after(if is_call { at + 2 } else { at });
            }
        }
        NamePattern::of(segments)
    }

    /// Returns the pattern that matches any name.
    pub(super) fn any() -> NamePattern {
        NamePattern::of(vec![None])
    }

    /// Returns the pattern of the names that a format string such as `"add_{}"`
    /// builds, if it can build a name.
    pub(super) fn formatted(text: &str) -> Option<NamePattern> {
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
        let pattern = NamePattern::of(plain.filter(|s| s.as_deref() != Some("")).collect());
        (!pattern.is_any()).then_some(pattern)
    }

    fn of(segments: Vec<Option<String>>) -> NamePattern {
        NamePattern {
            is_open_before: !matches!(segments.first(), Some(Some(_))),
            is_open_after: !matches!(segments.last(), Some(Some(_))),
            parts: segments.into_iter().flatten().collect(),
        }
    }

    /// Returns whether no part of the name is known.
    pub(super) fn is_any(&self) -> bool {
        self.parts.iter().all(String::is_empty)
    }

    /// Returns whether `name` may be the result.
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

/// Modifiers after `:` that change only the case of the preceding part.
const CASES: [&str; 6] = [
    "camel",
    "lower",
    "lower_camel",
    "snake",
    "upper",
    "upper_camel",
];

/// Applies the modifier after the `:` at `at` to the preceding part and returns the
/// next position.
fn changed(file: &LexedFile, at: usize, segments: &mut [Option<String>]) -> usize {
    let is_case = CASES.contains(&file.text(at + 1));
    if let (false, Some(last)) = (is_case, segments.last_mut()) {
        *last = None;
    }
    let next = at + 2;
    match file.opens(next) {
        true => file.after(next),
        false => next,
    }
}

/// Returns the text that the token at `at` adds to a name, if it is known.
fn part(file: &LexedFile, at: usize) -> Option<String> {
    let text = file.text(at);
    let is_call = file.is(at + 1, b'!') && file.opens(at + 2);
    let is_name = |text: &String| text.chars().all(|c| c == '_' || c.is_alphanumeric());
    let part = match file.get(at)?.kind {
        TokenKind::Word if !is_call => Some(text.to_owned()),
        // A number with its suffix.
        TokenKind::Literal if text.starts_with(|c: char| c.is_ascii_digit()) => {
            Some(text.to_owned())
        }
        TokenKind::Literal => literal::unquote(text),
        _ => None,
    };
    part.filter(is_name).map(|part| plain(&part))
}

/// Removes the differences between cases from a name. Digits belong to the preceding
/// word.
fn plain(text: &str) -> String {
    let text = text.trim_start_matches("r#").trim_matches('"');
    let letters = text.chars().filter(|&c| c != '_');
    letters.flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pasted(code: &str) -> NamePattern {
        let file = LexedFile::new("".into(), code.to_owned());
        NamePattern::pasted(&file, file.all())
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
    fn a_part_that_is_not_known_may_be_anything() {
        for (code, name) in [
            ("pre $($n)*", "pre"),
            ("pre $($n)*", "prebig"),
            ("pre $($n)_+ post", "pre_a_b_post"),
            ("pre $($n)? post", "prepost"),
            ("$($n)* post", "bigpost"),
            ("pre $($a $($b)*)* post", "pre_a_b_post"),
            ("pre env!(\"NAME\")", "prebig"),
            ("pre (x) post", "pre_big_post"),
            ("item:plural _of $n", "items_of_big"),
            ("item:replace(\"t\", \"d\") $n", "idem_big"),
        ] {
            assert!(pasted(code).matches(Name::new(name)), "{name} of {code}");
        }
        assert!(!pasted("pre $($n)*").matches(Name::new("big")));
        assert!(!pasted("pre $($n)* post").matches(Name::new("prebig")));
        assert!(pasted("pre \"big\" 2").matches(Name::new("pre_big2")));
        assert!(pasted("pre 2u8").matches(Name::new("pre_2u8")));
        assert!(!pasted("pre \"big\" 2").matches(Name::new("pre_small2")));
    }

    #[test]
    fn format_strings_make_names() {
        let pattern = NamePattern::formatted("add_{}").unwrap();
        assert!(pattern.matches(Name::new("add_one")));
        assert!(NamePattern::formatted("no name: {}").is_none());
        assert!(NamePattern::formatted("plain").is_none());
        assert!(NamePattern::formatted("{}").is_none());
    }
}
