//! Time that all processes of a machine share.

use std::time::Duration;

/// Returns the time of the monotonic clock in nanoseconds, which all processes of a
/// machine share.
pub(super) fn nanos() -> u64 {
    let now = rustix::time::clock_gettime(rustix::time::ClockId::Monotonic);
    now.tv_sec as u64 * 1_000_000_000 + now.tv_nsec as u64
}

/// Converts a duration to nanoseconds, saturating.
pub(super) fn nanos_of(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}
