//! The lines of the items behind fingerprints: functions of a crate share most
//! of what they reach, so a function has the numbers of the lines that others have,
//! too, and the text of those that are its own.

use std::borrow::Cow;

/// Lines of one crate, which one function brings for others.
#[derive(Debug)]
pub struct ItemLines {
    table: u128,
    start: u32,
    text: &'static str,
}

inventory::collect!(ItemLines);

impl ItemLines {
    /// Lines of the crate called `table`, the first of which has the number
    /// `start`.
    pub const fn new(table: u128, start: u32, text: &'static str) -> ItemLines {
        ItemLines { table, start, text }
    }
}

/// Starts a list of numbers.
const MARK: char = '\u{1}';

/// The list of items as text, where it is numbers and where it is text.
///
/// Numbers follow [`MARK`] and the name of the table, as in `0-7,9`; what
/// stands on further lines is text.
pub(crate) fn text(list: &'static str) -> Cow<'static, str> {
    let Some(coded) = list.strip_prefix(MARK) else {
        return Cow::Borrowed(list);
    };
    let (coded, rest) = coded.split_once('\n').unwrap_or((coded, ""));
    let mut text = written(coded).unwrap_or_default();
    text.push_str(rest);
    Cow::Owned(text)
}

fn written(coded: &str) -> Option<String> {
    let (table, numbers) = coded.split_once(' ')?;
    let table = u128::from_str_radix(table, 16).ok()?;
    let mut brought: Vec<&ItemLines> = inventory::iter::<ItemLines>
        .into_iter()
        .filter(|lines| lines.table == table)
        .collect();
    brought.sort_by_key(|lines| lines.start);
    let lines: Vec<(u32, &str)> = brought
        .into_iter()
        .flat_map(|brought| (brought.start..).zip(brought.text.lines()))
        .collect();
    let mut text = String::new();
    for range in numbers.split(',') {
        let (first, last) = range.split_once('-').unwrap_or((range, range));
        let (first, last): (u32, u32) = (first.parse().ok()?, last.parse().ok()?);
        let start = lines.partition_point(|(number, _)| *number < first);
        for (_, line) in lines[start..].iter().take_while(|(n, _)| *n <= last) {
            text.push_str(line);
            text.push('\n');
        }
    }
    Some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    inventory::submit! { ItemLines::new(7, 2, "c\nd\n") }
    inventory::submit! { ItemLines::new(7, 0, "a\nb\n") }
    inventory::submit! { ItemLines::new(8, 0, "x\n") }

    #[test]
    fn numbers_become_the_lines_of_their_crate() {
        assert_eq!(text("\u{1}7 0-2"), "a\nb\nc\n");
        assert_eq!(text("\u{1}7 1,3\nmore\n"), "b\nd\nmore\n");
        assert_eq!(text("\u{1}8 0"), "x\n");
    }

    #[test]
    fn text_stays_as_it_is() {
        assert_eq!(text("a\tb\n"), "a\tb\n");
        assert_eq!(text(""), "");
    }

    #[test]
    fn lines_that_nobody_brought_are_left_out() {
        assert_eq!(text("\u{1}9 0-4"), "");
    }
}
