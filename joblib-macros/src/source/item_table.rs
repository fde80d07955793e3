//! The item lines behind the fingerprints of a crate, as stored in the program. The
//! list of a function contains the lines that no earlier function had as text, and
//! lines of other functions as indexes. The second function with a line defines it
//! for all further functions. The first function defines the lines that most
//! functions are known to have.

use std::collections::HashMap;

use super::database::{CrateDb, ItemId, ItemKind};
use super::digest::ReachDigest;
use super::item_list::{CoveredItem, render_items};
use super::normalize;

/// The lines that have been written.
#[derive(Debug, Default)]
pub(super) struct ItemTable {
    has_begun: bool,
    written: HashMap<LineKey, LinePlace>,
    next: u32,
    /// The indexes of the items of snapshots, as text.
    shared: HashMap<usize, String>,
}

/// The identity of a line.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum LineKey {
    Item(ItemId),
    /// A line that is not an item, as written.
    Note(String),
}

/// The location of a line.
#[derive(Clone, Copy, Debug)]
enum LinePlace {
    /// In the list of one function.
    There,
    /// In the shared lines, with this index.
    As(u32),
}

/// The list of a function.
#[derive(Clone, Debug, Default)]
pub(crate) struct FunctionList {
    /// The crate whose table the indexes refer to.
    pub(crate) table: u128,
    /// Indexes and ranges of them, for example `0-7,9`.
    pub(crate) numbers: String,
    /// The lines that no earlier function had.
    pub(crate) own: String,
    /// The index of the first of `lines`.
    pub(crate) start: u32,
    /// The lines that this function defines for all functions.
    pub(crate) lines: String,
}

impl CrateDb {
    /// Returns the items of `summary` as indexes and text, and the lines that it
    /// defines for others.
    pub(super) fn listing(&mut self, summary: &ReachDigest) -> FunctionList {
        let mut listing = FunctionList {
            table: self.table_name(),
            start: self.table.next,
            ..FunctionList::default()
        };
        if !std::mem::replace(&mut self.table.has_begun, true) {
            // The first function defines the lines of all annotated functions, so
            // that most of the others need not define any.
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

    /// Returns the memoized functions of the compiled crate.
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

    /// Returns the index of `line`, which all functions share from here on.
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

    /// Returns a name for the table that is unique among the crates of a program.
    fn table_name(&self) -> u128 {
        let package =
            ["CARGO_PKG_NAME", "CARGO_PKG_VERSION"].map(|name| self.context.variable(name));
        let text = format!("{package:?} {}", self.context.identity);
        normalize::hash(text.as_bytes())
    }

    /// Returns all items of `summary` as text.
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

/// Formats numbers as text and joins consecutive ones to a range.
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
