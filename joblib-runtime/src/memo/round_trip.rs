//! Whether what is stored of a result can be read back as that result.
//!
//! It is tried when a function first stores a result that shows something of
//! its type which none before did (the first of the type, a variant, an option
//! that is there, an element), at every store whose number is a power of two,
//! and always once it went wrong. So it costs ordinary results nothing.

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::sync::{PoisonError, RwLock};

use super::diagnostics;
use super::equivalence::ComparedForm;
use super::erased::{AnyResult, EncodingVTable};
use super::function::{FunctionState, MemoFunction};
use crate::codec::{DESCRIBED, DecodeError, EncodeError, Purpose, Seen, ShapeObserver};

/// What of its results a function knows to be read back well.
#[derive(Debug, Default)]
pub(crate) struct RoundTripProof {
    seen: RwLock<Seen>,
    stores: AtomicU64,
    /// Whether every result is to be tried.
    is_wary: AtomicBool,
}

impl RoundTripProof {
    /// Tries all results from now on.
    pub(super) fn doubt(&self) {
        self.is_wary.store(true, Relaxed);
    }

    fn seen(&self) -> Seen {
        Seen::clone(&self.seen.read().unwrap_or_else(PoisonError::into_inner))
    }

    fn add(&self, fresh: &[u64]) {
        if fresh.is_empty() {
            return;
        }
        let mut seen = self.seen.write().unwrap_or_else(PoisonError::into_inner);
        let mut all: Vec<u64> = seen.iter().chain(fresh).copied().collect();
        all.sort_unstable();
        all.dedup();
        *seen = all.into();
    }

    /// Counts a store; whether its result is to be tried.
    fn is_due(&self) -> bool {
        let number = self.stores.fetch_add(1, Relaxed) + 1;
        number.is_power_of_two() || self.is_wary.load(Relaxed)
    }
}

/// Why a result cannot be kept as it would be.
#[derive(Debug)]
enum ProofFailure {
    Unencodable(EncodeError),
    Undecodable(DecodeError),
    Panicked,
    /// Its encoding is another.
    Changed,
    /// It is not equal, by its own account.
    Unequal,
}

impl fmt::Display for ProofFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ProofFailure::Unencodable(error) => write!(f, "it cannot be encoded: {error}"),
            ProofFailure::Undecodable(error) => write!(f, "it cannot be read back: {error}"),
            ProofFailure::Panicked => f.write_str("its `Deserialize` panicked"),
            ProofFailure::Changed => f.write_str("what is read back is another value"),
            ProofFailure::Unequal => f.write_str(
                "what is read back is not equal to it, as when a field is skipped, or `PartialEq` \
                 compares what is no part of the value",
            ),
        }
    }
}

/// Encodes a result that is to be stored into `out`, which is empty; gives the
/// encoding, unless the result cannot be kept.
pub(super) fn encode(
    site: &MemoFunction,
    bound: &FunctionState,
    result: &dyn AnyResult,
    out: &mut Vec<u8>,
) -> Option<u8> {
    let format = result.format();
    let proven = &bound.proven;
    let is_due = proven.is_due();
    let mut watch = ShapeObserver::new(proven.seen());
    let why = match result.encode(&mut watch, out) {
        Ok(()) if watch.fresh().is_empty() && !is_due => return Some(format.encoding),
        Ok(()) if out.len() >= LARGE && !format.describes && !format.is_veiled => {
            return Some(format.encoding);
        }
        Ok(()) => match tried(result, format.encoding, out) {
            Ok(()) => {
                proven.add(watch.fresh());
                if format.is_veiled {
                    proven.doubt();
                }
                return Some(format.encoding);
            }
            Err(why) => why,
        },
        Err(error) => ProofFailure::Unencodable(error),
    };
    // It depends on the value and not on its type: what was seen before went
    // well then, or something is lost that may be the default another time.
    if watch.fresh().is_empty() || matches!(why, ProofFailure::Changed | ProofFailure::Unequal) {
        proven.doubt();
    }
    described((site, bound), result, &why, out)
}

/// As [`encode`], of a result that the usual encoding does not keep.
#[cold]
fn described(
    (site, bound): (&MemoFunction, &FunctionState),
    result: &dyn AnyResult,
    why: &ProofFailure,
    out: &mut Vec<u8>,
) -> Option<u8> {
    let EncodingVTable {
        type_name,
        describes,
        ..
    } = result.format();
    let what = format!("a result of {}, a `{type_name}`,", site.place());
    if !describes {
        return refuse(bound, what, why);
    }
    out.clear();
    let described = result
        .describe(Purpose::Keep, out)
        .map_err(ProofFailure::Unencodable)
        .and_then(|()| tried(result, DESCRIBED, out));
    match described {
        Ok(()) => {
            let text = format!(
                "{what} is stored with a description of itself, which takes more room and time: in \
                 compact form {why}; to have it compact, derive `joblib::Persist` for the type, or \
                 return one without `serde_json::Value`, `untagged`, `tag`, `flatten` and the like"
            );
            diagnostics::warn_of(what, text);
            Some(DESCRIBED)
        }
        Err(why) => refuse(bound, what, &why),
    }
}

/// Tells that a result is not stored.
fn refuse(bound: &FunctionState, what: String, why: &ProofFailure) -> Option<u8> {
    let text = format!(
        "{what} is not stored, and every call computes it: {why}; let its `Serialize` and \
         `Deserialize`, or its `Persist`, keep all of it, or return another type"
    );
    bound.counters.error();
    diagnostics::warn_of(what, text);
    None
}

/// Results of which so much is stored are read back and not encoded again, or
/// not even read where only the library's own code has encoded them: another
/// copy of them may find no room.
const LARGE: usize = 16 << 20;

/// Reads what is stored of a result back.
fn tried(result: &dyn AnyResult, encoding: u8, bytes: &[u8]) -> Result<(), ProofFailure> {
    let read_back = || result.read_back(encoding, bytes);
    let back = catch_unwind(AssertUnwindSafe(read_back)).map_err(|_| ProofFailure::Panicked)?;
    let back = back.map_err(ProofFailure::Undecodable)?;
    if back.is_unequal() {
        return Err(ProofFailure::Unequal);
    }
    if bytes.len() >= LARGE {
        return Ok(());
    }
    let mut again = Vec::new();
    let encoded = back.encode(&mut ShapeObserver::default(), &mut again);
    if encoding == result.format().encoding && encoded.is_ok() && again == bytes {
        return Ok(());
    }
    let forms = ComparedForm::of(result).and_then(|one| Ok((one, ComparedForm::of(&*back)?)));
    let (one, other) = forms.map_err(ProofFailure::Unencodable)?;
    match one.is_that_of(&*back, other) {
        true => Ok(()),
        false => Err(ProofFailure::Changed),
    }
}
