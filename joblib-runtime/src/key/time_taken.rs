//! How long it takes to compute a key. The keys of long arguments are measured; of the
//! others a sample is, because reading the clock takes half as long as a hit.
//!
//! A measurement is passed from the key to the call that uses it by the thread, so that
//! keys that are not measured cost one comparison.

use std::cell::Cell;
use std::time::{Duration, Instant};

/// What is known of the last key of a thread.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Measurement {
    /// It was not measured.
    None,
    /// The next key is to be measured.
    Requested,
    /// It was measured: see `TIME`.
    Taken,
}

thread_local! {
    static MEASUREMENT: Cell<Measurement> = const { Cell::new(Measurement::None) };
    static TIME: Cell<KeyTime> = const { Cell::new(KeyTime::NONE) };
}

/// How long it took to compute a key.
#[derive(Clone, Copy, Debug)]
pub(crate) struct KeyTime {
    /// When its computation began, if it is a sample.
    pub(crate) sample: Option<Instant>,
    /// How long it took to hash the long arguments.
    pub(crate) long: Duration,
}

impl KeyTime {
    const NONE: KeyTime = KeyTime {
        sample: None,
        long: Duration::ZERO,
    };
}

/// Begins a key.
#[inline]
pub(super) fn begin() {
    if MEASUREMENT.get() != Measurement::None {
        begin_after_measurement();
    }
}

#[cold]
fn begin_after_measurement() {
    let is_requested = MEASUREMENT.get() == Measurement::Requested;
    TIME.set(KeyTime {
        sample: is_requested.then(Instant::now),
        ..KeyTime::NONE
    });
    MEASUREMENT.set(match is_requested {
        true => Measurement::Taken,
        false => Measurement::None,
    });
}

/// Adds the time that it took to hash a long argument.
pub(super) fn add_long(time: Duration) {
    let before = match MEASUREMENT.replace(Measurement::Taken) {
        Measurement::Taken => TIME.get(),
        Measurement::None | Measurement::Requested => KeyTime::NONE,
    };
    TIME.set(KeyTime {
        long: before.long + time,
        ..before
    });
}

/// Requests a measurement of the next key of this thread.
pub(crate) fn request() {
    MEASUREMENT.set(Measurement::Requested);
}

/// Returns whether the last key of this thread was measured.
#[inline]
pub(crate) fn is_taken() -> bool {
    MEASUREMENT.get() == Measurement::Taken
}

/// Returns the measurement of the last key of this thread.
#[cold]
pub(crate) fn take() -> KeyTime {
    match MEASUREMENT.replace(Measurement::None) {
        Measurement::Taken => TIME.get(),
        Measurement::None | Measurement::Requested => KeyTime::NONE,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_key_after_a_request_is_measured_and_no_other() {
        begin();
        assert!(!is_taken());
        request();
        begin();
        assert!(is_taken() && take().sample.is_some());
        assert!(!is_taken() && take().sample.is_none());
        request();
        begin();
        begin();
        assert!(!is_taken(), "nobody used the measured key");
    }

    #[test]
    fn the_times_of_long_arguments_add_up_to_the_next_key() {
        let second = Duration::from_secs(1);
        begin();
        add_long(second);
        add_long(second);
        assert_eq!(take().long, 2 * second);
        add_long(second);
        begin();
        assert!(!is_taken());
        add_long(second);
        assert_eq!(take().long, second);
    }
}
