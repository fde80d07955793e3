//! The lines of the items behind the fingerprints of a crate, as the program has them:
//! the list of a function has the lines that no function had before as text, and those
//! of others as numbers. The second function that has a line brings it for all others;
//! what most functions are known to have, the first one brings.

use std::collections::HashMap;

use super::database::{CrateDb, ItemId, ItemKind};
use super::digest::ReachDigest;
use super::item_list::{CoveredItem, render_items};
use super::normalize;

/// Which lines are written by now.
#[derive(Debug, Default)]
pub(super) struct ItemTable {
    has_begun: bool,
    written: HashMap<LineKey, LinePlace>,
    next: u32,
    /// The numbers of the items of snapshots, as text.
    shared: HashMap<usize, String>,
}

/// What a line says.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum LineKey {
    Item(ItemId),
    /// What is no item, as it is written.
    Note(String),
}

/// Where a line is.
#[derive(Clone, Copy, Debug)]
enum LinePlace {
    /// In the list of one function.
    There,
    /// In the program, under this number.
    As(u32),
}

/// What a function lists.
#[derive(Clone, Debug, Default)]
pub(crate) struct FunctionList {
    /// Which crate's table it is.
    pub(crate) table: u128,
    /// Numbers and ranges of them, such as `0-7,9`.
    pub(crate) numbers: String,
    /// The lines that no function had before, and perhaps none will have.
    pub(crate) own: String,
    /// The number of the first of `lines`.
    pub(crate) start: u32,
    /// The lines that are brought for all functions.
    pub(crate) lines: String,
}

impl CrateDb {
    /// The items of `summary` as numbers and text, and the lines that it brings for
    /// others.
    pub(super) fn listing(&mut self, summary: &ReachDigest) -> FunctionList {
        let mut listing = FunctionList {
            table: self.table_name(),
            start: self.table.next,
            ..FunctionList::default()
        };
        if !std::mem::replace(&mut self.table.has_begun, true) {
            // One function brings the lines of all that are annotated, so that
            // most of the others need to bring none.
            let annotated = self.annotated();
            self.numbers(&annotated, &mut listing.lines);
        }
        if let Some((number, part)) = &summary.shared {
            if !self.table.shared.contains_key(number) {
                let numbers = self.numbers(&part.items, &mut listing.lines);
                self.table.shared.insert(*number, ranges(numbers));
            }
            listing.numbers.push_str(&self.table.shared[number]);
        }
        let mut numbers = Vec::with_capacity(summary.items.len());
        let notes = summary.notes.iter();
        let notes = notes.map(|note| LineKey::Note(render_items(std::slice::from_ref(note))));
        for line in sorted(&summary.items).chain(notes) {
            if self.table.written.contains_key(&line) {
                numbers.push(self.number(line, &mut listing.lines));
            } else {
                listing.own.push_str(&self.text(&line));
                self.table.written.insert(line, LinePlace::There);
            }
        }
        if !listing.numbers.is_empty() && !numbers.is_empty() {
            listing.numbers.push(',');
        }
        listing.numbers.push_str(&ranges(numbers));
        listing
    }

    /// The memoized functions of the crate that is compiled.
    fn annotated(&self) -> Vec<ItemId> {
        let is_annotated = |id: &ItemId| {
            let item = self.item(*id);
            let file = &self.files[item.file];
            let mut attributes = item.span.start..item.head;
            item.kind == ItemKind::Fn
                && self.crate_of(*id) == 0
                && attributes.any(|i| file.is_word(i, "memoize"))
        };
        (0..self.items.len() as ItemId)
            .filter(is_annotated)
            .collect()
    }

    fn numbers(&mut self, items: &[ItemId], lines: &mut String) -> Vec<u32> {
        let number = |line| self.number(line, lines);
        sorted(items).map(number).collect()
    }

    /// The number of `line`, which is for all functions from here on.
    fn number(&mut self, line: LineKey, lines: &mut String) -> u32 {
        if let Some(LinePlace::As(number)) = self.table.written.get(&line) {
            return *number;
        }
        lines.push_str(&self.text(&line));
        let number = self.table.next;
        self.table.next += 1;
        self.table.written.insert(line, LinePlace::As(number));
        number
    }

    fn text(&mut self, line: &LineKey) -> String {
        match line {
            LineKey::Item(id) => render_items(&[self.listed_item(*id)]),
            LineKey::Note(text) => text.clone(),
        }
    }

    /// A name that no other crate of a program has for its table.
    fn table_name(&self) -> u128 {
        let package =
            ["CARGO_PKG_NAME", "CARGO_PKG_VERSION"].map(|name| self.context.variable(name));
        let text = format!("{package:?} {}", self.context.identity);
        normalize::hash(text.as_bytes())
    }

    /// All items of `summary` as text.
    pub(super) fn items_text(&mut self, summary: &ReachDigest) -> String {
        let mut ids = summary.items.clone();
        if let Some((_, part)) = &summary.shared {
            ids.extend(&part.items);
        }
        let mut items: Vec<CoveredItem> = ids.into_iter().map(|id| self.listed_item(id)).collect();
        items.extend(summary.notes.iter().cloned());
        items.sort();
        render_items(&items)
    }
}

fn sorted(items: &[ItemId]) -> impl Iterator<Item = LineKey> + use<> {
    let mut items = items.to_vec();
    items.sort_unstable();
    items.into_iter().map(LineKey::Item)
}

/// Numbers as text, those in a row as a range.
fn ranges(mut numbers: Vec<u32>) -> String {
    numbers.sort_unstable();
    let mut text = String::new();
    let mut rest = numbers.into_iter().peekable();
    while let Some(first) = rest.next() {
        let mut last = first;
        while let Some(next) = rest.next_if_eq(&(last + 1)) {
            last = next;
        }
        if !text.is_empty() {
            text.push(',');
        }
        text.push_str(&first.to_string());
        if last > first {
            text.push('-');
            text.push_str(&last.to_string());
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::ranges;

    #[test]
    fn numbers_in_a_row_are_a_range() {
        assert_eq!(ranges(vec![5, 0, 1, 2, 9, 8]), "0-2,5,8-9");
        assert_eq!(ranges(Vec::new()), "");
    }
}
