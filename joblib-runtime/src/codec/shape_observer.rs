//! Records which shapes of its type a value shows: the variants, the present options and
//! the collections with elements. Whether a value survives a round trip is known if an
//! earlier value that survived showed the same shapes.

use std::sync::Arc;

/// The hashes of the shapes that were seen, in ascending order.
pub type Seen = Arc<[u64]>;

/// Observes a value while it is encoded, and records the shapes that were not seen
/// before.
#[derive(Debug, Default)]
pub struct ShapeObserver {
    /// `None` if nothing is recorded.
    seen: Option<Seen>,
    fresh: Vec<u64>,
    /// The last shape that was recorded. Most shapes are equal to the one before them.
    last: Part,
}

/// A shape: the addresses of its names, and a number from the constants below.
type Part = [usize; 3];

// The number that distinguishes shapes with the same name.
pub(super) const SOME: usize = 0;
pub(super) const ELEMENT: usize = 1;
pub(super) const ENTRY: usize = 2;
pub(super) const VARIANT: usize = 3;

impl ShapeObserver {
    /// Creates an observer that records the shapes that are not in `seen`.
    pub fn new(seen: Seen) -> ShapeObserver {
        ShapeObserver {
            seen: Some(seen),
            ..ShapeObserver::default()
        }
    }

    /// Records that the value has the type `T`.
    pub fn observe_type<T: ?Sized>(&mut self) {
        const WHOLE: usize = usize::MAX;
        self.part::<T>(WHOLE);
    }

    /// Returns the shapes that were recorded and not seen before.
    pub fn new_shapes(&self) -> &[u64] {
        &self.fresh
    }

    /// Adds the recorded shapes to those that were seen.
    pub(super) fn mark_seen(&mut self) {
        let seen = self.seen.iter().flat_map(|seen| seen.iter());
        let mut all: Vec<u64> = seen.chain(&self.fresh).copied().collect();
        all.sort_unstable();
        self.seen = Some(all.into());
        self.fresh.clear();
    }

    /// Discards the recorded shapes.
    pub(super) fn discard(&mut self) {
        self.fresh.clear();
        self.last = Part::default();
    }

    #[inline]
    pub(super) fn part<T: ?Sized>(&mut self, what: usize) {
        if self.seen.is_some() {
            self.note(std::any::type_name::<T>(), "", what);
        }
    }

    #[inline]
    pub(super) fn variant(&mut self, ty: &'static str, name: &'static str, index: u32) {
        if self.seen.is_some() {
            self.note(ty, name, VARIANT + index as usize);
        }
    }

    /// Compares addresses and not names. If one name has two addresses, the shape is
    /// looked up twice, which only costs time.
    fn note(&mut self, ty: &'static str, name: &'static str, what: usize) {
        let part = [ty.as_ptr() as usize, name.as_ptr() as usize, what];
        if part != self.last {
            self.last = part;
            self.record(part);
        }
    }

    fn record(&mut self, part: Part) {
        let part = part.into_iter().map(|it| it as u64).fold(0, mix);
        let is_seen = |seen: &Seen| seen.binary_search(&part).is_ok();
        if !self.seen.as_ref().is_some_and(is_seen) && !self.fresh.contains(&part) {
            self.fresh.push(part);
        }
    }
}

/// The finalizer of splitmix64.
fn mix(sum: u64, number: u64) -> u64 {
    let mut it = (sum ^ number).wrapping_add(0x9e37_79b9_7f4a_7c15);
    it = (it ^ (it >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    it = (it ^ (it >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    it ^ (it >> 31)
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, HashMap};

    use serde::Serialize;

    use super::*;
    use crate::codec::encode_watched;

    #[derive(Serialize)]
    enum ObservedShape {
        Nothing,
        Number(u8),
        Named { of: Option<u8> },
    }

    /// Returns the number of new shapes of the value, and adds them to `seen`.
    fn fresh<T: Serialize>(seen: &mut Seen, value: &T) -> usize {
        let mut watch = ShapeObserver::new(Seen::clone(seen));
        encode_watched(value, &mut watch, &mut Vec::new()).unwrap();
        let mut all = seen.to_vec();
        all.extend(watch.new_shapes());
        all.sort_unstable();
        *seen = all.into();
        watch.new_shapes().len()
    }

    #[test]
    fn each_variant_is_new_once() {
        let mut seen = Seen::default();
        assert_eq!(fresh(&mut seen, &ObservedShape::Nothing), 1);
        assert_eq!(fresh(&mut seen, &ObservedShape::Number(1)), 1);
        assert_eq!(fresh(&mut seen, &ObservedShape::Number(2)), 0);
        assert_eq!(fresh(&mut seen, &ObservedShape::Named { of: None }), 1);
        assert_eq!(fresh(&mut seen, &ObservedShape::Named { of: Some(1) }), 1);
        assert_eq!(fresh(&mut seen, &ObservedShape::Nothing), 0);
    }

    #[test]
    fn what_is_there_is_new_after_what_is_not() {
        let mut seen = Seen::default();
        assert_eq!(fresh(&mut seen, &None::<u8>), 0);
        assert_eq!(fresh(&mut seen, &Some(1u8)), 1);
        assert_eq!(fresh(&mut seen, &Vec::<u16>::new()), 0);
        assert_eq!(fresh(&mut seen, &vec![1u16, 2]), 1);
        assert_eq!(fresh(&mut seen, &HashMap::<u32, u32>::new()), 0);
        assert_eq!(fresh(&mut seen, &BTreeMap::from([(1u32, 1u32)])), 1);
        assert_eq!(fresh(&mut seen, &vec![Some(1u8), None]), 1);
    }

    #[test]
    fn nobody_watches_unless_asked() {
        let mut watch = ShapeObserver::default();
        encode_watched(&Some(1), &mut watch, &mut Vec::new()).unwrap();
        assert!(watch.new_shapes().is_empty());
    }
}
