//! Chooses the hits to audit: a share of them, set by the environment or by the cache.

use std::hash::{BuildHasher, RandomState};
use std::sync::LazyLock;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};

use crate::memo::diagnostics;

/// The share of the hits to audit, and whether a difference is a panic.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct AuditPolicy {
    /// A hit is chosen if a random number is below this. `u64::MAX` chooses every hit.
    threshold: u64,
    pub(super) is_strict: bool,
}

/// Whether any cache of the process audits its hits.
static IS_ON: AtomicBool = AtomicBool::new(false);

/// Returns whether any cache of the process audits its hits.
#[inline]
pub(in crate::memo) fn is_on() -> bool {
    IS_ON.load(Relaxed)
}

impl AuditPolicy {
    pub(crate) const OFF: AuditPolicy = AuditPolicy {
        threshold: 0,
        is_strict: false,
    };

    /// Returns the policy for this share of the hits.
    #[track_caller]
    pub(crate) const fn of(fraction: f64, is_strict: bool) -> AuditPolicy {
        match AuditPolicy::checked(fraction, is_strict) {
            Some(audit) => audit,
            None => panic!("invalid share of audited hits; expected a number from 0.0 to 1.0"),
        }
    }

    const fn checked(fraction: f64, is_strict: bool) -> Option<AuditPolicy> {
        if !(fraction >= 0.0 && fraction <= 1.0) {
            return None;
        }
        // Larger values saturate at `u64::MAX`.
        let threshold = (fraction * 18_446_744_073_709_551_616.0) as u64;
        Some(AuditPolicy {
            threshold,
            is_strict,
        })
    }

    /// Combines the policy of a cache with `JOBLIB_RS_AUDIT`. The variable overrides
    /// the share; an audit is strict if either of the two is strict.
    pub(crate) fn effective(self) -> AuditPolicy {
        static VARIABLE: LazyLock<Option<AuditPolicy>> = LazyLock::new(from_environment);
        let audit = match *VARIABLE {
            Some(variable) => AuditPolicy {
                threshold: variable.threshold,
                is_strict: variable.is_strict || self.is_strict,
            },
            None => self,
        };
        if audit.threshold > 0 {
            IS_ON.store(true, Relaxed);
        }
        audit
    }

    /// Returns whether to audit the next hit.
    pub(super) fn chooses(self) -> bool {
        match self.threshold {
            0 => false,
            u64::MAX => true,
            threshold => number() < threshold,
        }
    }
}

/// Returns the next number of a random sequence, which differs in every process so that
/// short processes do not all audit the same hits.
fn number() -> u64 {
    static SEED: LazyLock<u64> = LazyLock::new(|| RandomState::new().hash_one(0));
    static DRAWN: AtomicU64 = AtomicU64::new(0);
    splitmix(SEED.wrapping_add(DRAWN.fetch_add(1, Relaxed).wrapping_mul(GOLDEN)))
}

const GOLDEN: u64 = 0x9e37_79b9_7f4a_7c15;

/// The finalizer of splitmix64.
fn splitmix(mut it: u64) -> u64 {
    it = (it ^ (it >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    it = (it ^ (it >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    it ^ (it >> 31)
}

fn from_environment() -> Option<AuditPolicy> {
    let value =
        crate::secure_execution::var_os("JOBLIB_RS_AUDIT").filter(|value| !value.is_empty())?;
    let audit = value.to_str().and_then(parse);
    if audit.is_none() {
        diagnostics::warn(format_args!(
            "invalid JOBLIB_RS_AUDIT {value:?} is ignored; expected a percentage such as 1% or a \
             fraction such as 0.01, or either with `,strict` appended to panic on a difference"
        ));
    }
    audit
}

/// Parses `1%`, `0.01` or `1%,strict`.
fn parse(text: &str) -> Option<AuditPolicy> {
    let (share, is_strict) = match text.split_once(',') {
        Some((share, strict)) if strict.trim() == "strict" => (share, true),
        Some(_) => return None,
        None => (text, false),
    };
    let share = share.trim();
    let fraction = match share.strip_suffix('%') {
        Some(percentage) => percentage.trim_end().parse::<f64>().ok()? / 100.0,
        None => share.parse().ok()?,
    };
    AuditPolicy::checked(fraction, is_strict)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_read_as_they_are_written() {
        let half = AuditPolicy::of(0.5, false);
        assert_eq!(parse("50%"), Some(half));
        assert_eq!(parse(" 0.5 "), Some(half));
        assert_eq!(parse("50 %"), Some(half));
        assert_eq!(parse("1%"), Some(AuditPolicy::of(0.01, false)));
        assert_eq!(parse("100%"), Some(AuditPolicy::of(1.0, false)));
        assert_eq!(parse("0"), Some(AuditPolicy::OFF));
        assert_eq!(parse("50%, strict"), Some(AuditPolicy::of(0.5, true)));
    }

    #[test]
    fn what_is_no_share_is_refused() {
        for text in [
            "",
            "%",
            "5",
            "-1%",
            "101%",
            "nan",
            "inf",
            "one",
            "1%,strikt",
            "strict",
        ] {
            assert_eq!(parse(text), None, "{text:?}");
        }
    }

    #[test]
    fn every_hit_is_chosen_as_often_as_any_other() {
        assert!((0..1000).all(|_| AuditPolicy::of(1.0, false).chooses()));
        assert!(!(0..1000).any(|_| AuditPolicy::OFF.chooses()));
        let audit = AuditPolicy::of(0.25, false);
        let chosen: Vec<bool> = (0..40_000).map(|_| audit.chooses()).collect();
        for part in chosen.chunks(10_000) {
            let count = part.iter().filter(|it| **it).count();
            assert!((2_200..2_800).contains(&count), "{count} of 10,000");
        }
        // The choice is independent of the one before.
        for before in [false, true] {
            let after = chosen.windows(2).filter(|two| two[0] == before);
            let (all, both) = after.fold((0, 0), |(all, both), two| {
                (all + 1, both + i32::from(two[1]))
            });
            let share = f64::from(both) / f64::from(all);
            assert!((0.2..0.3).contains(&share), "{share} after {before}");
        }
    }

    #[test]
    #[should_panic(expected = "from 0.0 to 1.0")]
    fn a_share_beyond_all_is_refused() {
        let _ = AuditPolicy::of(1.5, false);
    }
}
