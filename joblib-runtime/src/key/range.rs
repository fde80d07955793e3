//! Keys of ranges and their bounds.

use std::ops::{
    Bound, Range, RangeBounds, RangeFrom, RangeFull, RangeInclusive, RangeTo, RangeToInclusive,
};

use super::{Key, KeyHasher, tag};

macro_rules! ranges {
    ($($type:ident = $tag:ident, |$range:ident, $hasher:ident| $feed:expr);* $(;)?) => {$(
        impl<T: Key> Key for $type<T> {
            fn feed_type(hasher: &mut KeyHasher) {
                hasher.write_u8(tag::$tag);
                T::feed_type(hasher);
            }

            fn feed(&self, $hasher: &mut KeyHasher) {
                let $range = self;
                $feed
            }
        }
    )*};
}

ranges! {
    Range = RANGE, |range, hasher| {
        range.start.feed(hasher);
        range.end.feed(hasher);
    };
    RangeFrom = RANGE_FROM, |range, hasher| range.start.feed(hasher);
    RangeTo = RANGE_TO, |range, hasher| range.end.feed(hasher);
    RangeToInclusive = RANGE_TO_INCLUSIVE, |range, hasher| range.end.feed(hasher);
    // After iteration to its end, a range has an excluded end and differs from a new one.
    RangeInclusive = RANGE_INCLUSIVE, |range, hasher| {
        range.start().feed(hasher);
        feed_bound(range.end_bound(), hasher);
    };
    Bound = BOUND, |bound, hasher| feed_bound(bound.as_ref(), hasher);
}

impl Key for RangeFull {
    fn feed_type(hasher: &mut KeyHasher) {
        hasher.write_u8(tag::RANGE_FULL);
    }

    fn feed(&self, _: &mut KeyHasher) {}
}

fn feed_bound<T: Key>(bound: Bound<&T>, hasher: &mut KeyHasher) {
    let (kind, value) = match bound {
        Bound::Unbounded => (0, None),
        Bound::Included(value) => (1, Some(value)),
        Bound::Excluded(value) => (2, Some(value)),
    };
    hasher.write_u8(kind);
    if let Some(value) = value {
        value.feed(hasher);
    }
}
