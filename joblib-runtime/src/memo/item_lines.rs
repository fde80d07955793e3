//! The lines of the source items that fingerprints cover. Functions of a crate share
//! most of the items that they reach. So a function stores the numbers of the lines
//! that others have too, and the text of its own lines only.

use std::borrow::Cow;

/// Consecutive lines of one crate's table, which one function contributes for all.
#[derive(Debug)]
pub struct ItemLines {
    table: u128,
    start: u32,
    text: &'static str,
}

inventory::collect!(ItemLines);

impl ItemLines {
    /// Creates lines of the crate `table`. The first line has the number `start`.
    pub const fn new(table: u128, start: u32, text: &'static str) -> ItemLines {
        ItemLines { table, start, text }
    }
}

/// The first character of a list in numbers.
const MARK: char = '\u{1}';

/// Returns a list of items as text. The list may be text already, or line numbers
/// followed by text.
///
/// Numbers follow [`MARK`] and the name of the table, as in `0-7,9`. All further lines
/// are text.
pub(crate) fn text(list: &'static str) -> Cow<'static, str> {
    let Some(coded) = list.strip_prefix(MARK) else {
        return Cow::Borrowed(list);
    };
    let (coded, rest) = coded.split_once('\n').unwrap_or((coded, ""));
    let mut text = expand(coded).unwrap_or_default();
    text.push_str(rest);
    Cow::Owned(text)
}

fn expand(coded: &str) -> Option<String> {
    let (table, numbers) = coded.split_once(' ')?;
    let table = u128::from_str_radix(table, 16).ok()?;
    let mut chunks: Vec<&ItemLines> = inventory::iter::<ItemLines>
        .into_iter()
        .filter(|lines| lines.table == table)
        .collect();
    chunks.sort_by_key(|lines| lines.start);
    let lines: Vec<(u32, &str)> = chunks
        .into_iter()
        .flat_map(|chunk| (chunk.start..).zip(chunk.text.lines()))
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
