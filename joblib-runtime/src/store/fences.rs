//! Fence pointers: a sample of the IDs of a key table, contiguous in memory. A search
//! of the table alone has about three cache misses; a search of the fences first has
//! one or two.

use std::ops::Range;

/// Number of entries between two fences.
const STEP: usize = 64;
/// Number of fences for a linear search; beyond that the search is binary.
const WALK: usize = 64;

/// The upper halves of every 64th ID of a table.
pub(crate) struct FencePointers(Box<[u64]>);

/// A range of a table: its entries, and the bounds of the upper halves of their IDs.
pub(crate) struct TableRange {
    pub(crate) entries: Range<usize>,
    pub(crate) keys: Range<u64>,
}

impl FencePointers {
    /// Builds the fences of a table of `count` entries.
    pub(crate) fn of(count: usize, key: impl Fn(usize) -> u64) -> FencePointers {
        FencePointers((0..count).step_by(STEP).map(key).collect())
    }

    /// Returns the range of entries in a table of `count` entries whose IDs may start
    /// with `key`.
    ///
    /// The fences of a damaged table need not be sorted; the result is then an
    /// arbitrary range.
    pub(crate) fn part(&self, count: usize, key: u64) -> TableRange {
        let fences = &*self.0;
        let guess = ((u128::from(key) * fences.len() as u128) >> 64) as usize;
        let (before, after) = self.around(guess, key);
        TableRange {
            entries: before.map_or(0, |fence| fence * STEP)
                ..after.map_or(count, |fence| fence * STEP),
            keys: before.map_or(0, |fence| fences[fence])
                ..after.map_or(u64::MAX, |fence| fences[fence]),
        }
    }

    /// Finds the nearest fences below and above `key`, starting at `guess`.
    fn around(&self, guess: usize, key: u64) -> (Option<usize>, Option<usize>) {
        let fences = &*self.0;
        let is_below = |index: usize| fences[index] < key;
        let is_far = |index: usize, below: bool| index < fences.len() && is_below(index) == below;
        let start = match is_far(guess + WALK, true)
            || guess
                .checked_sub(WALK)
                .is_some_and(|index| is_far(index, false))
        {
            true => fences.partition_point(|fence| *fence < key),
            false => guess,
        };
        // Find the last fence below the key, then the next one above it.
        let up = (start..fences.len())
            .take_while(|&index| is_below(index))
            .last();
        let below = up.or_else(|| {
            (0..start.min(fences.len()))
                .rev()
                .find(|&index| is_below(index))
        });
        let first = below.map_or(0, |index| index + 1);
        let above = (first..fences.len()).find(|&index| fences[index] > key);
        (below, above)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(keys: &[u64]) {
        let fences = FencePointers::of(keys.len(), |index| keys[index]);
        let near = keys
            .iter()
            .flat_map(|key| [key.saturating_sub(1), *key, key.saturating_add(1)]);
        for key in near.chain([0, 1, u64::MAX / 2, u64::MAX]) {
            let part = fences.part(keys.len(), key);
            for (index, other) in keys.iter().enumerate() {
                let is_inside = part.entries.contains(&index);
                assert!(
                    is_inside || *other != key,
                    "{key} at {index} is not in {:?}",
                    part.entries
                );
            }
            assert!(
                part.entries.len() <= 3 * STEP || keys.iter().filter(|k| **k == key).count() > STEP
            );
            assert!(part.keys.start <= key && key <= part.keys.end);
        }
    }

    #[test]
    fn the_part_holds_every_entry_of_a_key_and_is_small() {
        check(&[]);
        check(&[7]);
        let spread: Vec<u64> = (0..5000u64)
            .map(|n| n.wrapping_mul(0x9e37_79b9_7f4a_7c15))
            .collect();
        let mut sorted = spread.clone();
        sorted.sort();
        check(&sorted);
        let bunched: Vec<u64> = (0..5000).map(|n| 1 << 40 | n).collect();
        check(&bunched);
        let equal: Vec<u64> = (0..5000).map(|n| n / 1000).collect();
        check(&equal);
    }

    #[test]
    fn fences_that_do_not_ascend_do_no_harm() {
        let keys: Vec<u64> = (0..1000u64)
            .map(|n| n.wrapping_mul(0x9e37_79b9_7f4a_7c15))
            .collect();
        let fences = FencePointers::of(keys.len(), |index| keys[index]);
        for key in keys.iter().copied().chain([0, u64::MAX]) {
            let part = fences.part(keys.len(), key);
            assert!(part.entries.end <= keys.len());
            assert!(part.keys.start <= key && key <= part.keys.end);
        }
    }
}
