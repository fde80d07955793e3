//! Sorts entries by the ranks of their keys. This needs little work and memory per key,
//! so more entries are sorted at once than with other keys.

use super::prefix_sort::{AHEAD, Prefetch};
use super::{MOST, SAMPLES, bounds};
use crate::persist::error::Error;

/// The maximum memory in bytes for sorting at once, unless that requires more than
/// [`MOST`](super::MOST) partitions: passes over all entries would dominate the time.
const ROOM: usize = 16 << 20;

/// Passes the entries to `each` in the order of their ranks. `entries` must return the
/// same entries in the same order every time.
pub(in crate::persist) fn in_order_of_ranks<V: Prefetch, I>(
    entries: impl Fn() -> I,
    mut each: impl FnMut(u64, V) -> Result<(), Error>,
) -> Result<(), Error>
where
    I: ExactSizeIterator<Item = (u64, V)>,
{
    let count = entries().len();
    let size = count.saturating_mul(size_of::<(u64, V)>());
    let parts = size.div_ceil(ROOM).min(MOST);
    if parts <= 1 {
        let mut sorted: Vec<_> = entries().collect();
        return pass_on(&mut sorted, &mut each);
    }
    let step = count.div_ceil(parts * SAMPLES);
    let samples = entries().step_by(step).map(|(rank, _)| rank).collect();
    let bounds = bounds(samples, parts);
    let part_of = |rank| bounds.partition_point(|bound| *bound <= rank);
    let part_of: Vec<u8> = entries().map(|(rank, _)| part_of(rank) as u8).collect();
    let mut sorted = Vec::new();
    for part in 0..parts {
        let all = entries().zip(&part_of);
        sorted.extend(all.filter_map(|(entry, it)| (usize::from(*it) == part).then_some(entry)));
        pass_on(&mut sorted, &mut each)?;
    }
    Ok(())
}

/// Sorts the entries, passes them to `each` and clears the list.
fn pass_on<V: Prefetch>(
    entries: &mut Vec<(u64, V)>,
    each: &mut impl FnMut(u64, V) -> Result<(), Error>,
) -> Result<(), Error> {
    entries.sort_unstable_by_key(|(rank, _)| *rank);
    let (mut far, mut near) = (entries.iter().skip(2 * AHEAD), entries.iter().skip(AHEAD));
    for (rank, value) in entries.iter() {
        if let Some((_, value)) = far.next() {
            value.fetch();
        }
        if let Some((_, value)) = near.next() {
            value.fetch_contents();
        }
        each(*rank, *value)?;
    }
    entries.clear();
    Ok(())
}
