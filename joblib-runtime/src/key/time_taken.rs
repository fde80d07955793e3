//! How long it takes to compute a key. The keys of long arguments are measured; of the
//! others a sample is, because reading the clock takes half as long as a hit.

use std::cell::Cell;
use std::time::{Duration, Instant};

/// The mean number of keys of a thread from one that is sampled to the next.
const GAP: u32 = 64;

thread_local! {
    /// The number of keys until the next that is sampled, and what it was at first.
    static NEXT: Cell<(u32, u32)> = const { Cell::new((0, 0)) };
}

/// How long it took to compute a key.
#[derive(Clone, Copy, Debug, Default)]
pub struct KeyTime {
    pub(crate) sample: Option<KeySample>,
    /// How long it took to hash the long arguments.
    pub(crate) long: Duration,
}

/// A key that was chosen to be measured.
#[derive(Clone, Copy, Debug)]
pub(crate) struct KeySample {
    /// When its computation began.
    pub(crate) start: Instant,
    /// How many keys it stands for.
    pub(crate) weight: u32,
}

impl KeySample {
    /// Returns the sample for the key whose computation begins, if it is one.
    #[inline]
    pub(super) fn next() -> Option<KeySample> {
        let (left, gap) = NEXT.get();
        if left > 0 {
            NEXT.set((left - 1, gap));
            return None;
        }
        Some(KeySample::take(gap))
    }

    #[cold]
    fn take(gap: u32) -> KeySample {
        let start = Instant::now();
        // Gaps of random length, so that no pattern in the calls falls in step with them. The
        // last digits of the clock are random enough.
        let gap_after = GAP / 2 + nanos(start) % GAP;
        NEXT.set((gap_after, gap_after));
        KeySample {
            start,
            weight: gap + 1,
        }
    }
}

/// Returns the last digits of the clock.
fn nanos(now: Instant) -> u32 {
    thread_local! {
        static FIRST: Instant = Instant::now();
    }
    FIRST.with(|first| now.saturating_duration_since(*first).subsec_nanos())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_weights_of_the_sampled_keys_are_the_number_of_all() {
        let sampling = std::thread::spawn(|| {
            let mut last = 0;
            let mut weights = 0;
            for key in 1..=100_000u32 {
                if let Some(sample) = KeySample::next() {
                    weights += sample.weight;
                    last = key;
                }
            }
            (last, weights)
        });
        let (last, weights) = sampling.join().unwrap();
        assert_eq!(last, weights);
        assert!(100_000 - last < 2 * GAP);
    }
}
