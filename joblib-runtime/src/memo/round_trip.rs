//! Checks that a stored result can be read back as an equal one.
//!
//! The check runs when a function first stores a result with an unseen feature of its
//! type (its first value, a variant, an option with a value, a collection with an
//! element), at every store whose number is a power of two, and at every store after a
//! failure, or of a type with data that is not observed. So it costs almost nothing for
//! ordinary results.

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::RwLock;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};

use super::diagnostics;
use super::equivalence::ComparedForm;
use super::erased::{AnyResult, EncodingVTable};
use super::function::{FunctionState, MemoFunction};
use crate::codec::{DESCRIBED, DecodeError, EncodeError, Purpose, Seen, ShapeObserver};
use crate::unpoisoned::{read, write};

/// What a function has verified about the encoding of its results.
#[derive(Debug, Default)]
pub(crate) struct RoundTripProof {
    seen: RwLock<Seen>,
    stores: AtomicU64,
    /// Whether every result is checked.
    checks_all: AtomicBool,
}

impl RoundTripProof {
    /// Checks every result from now on.
    pub(super) fn check_all(&self) {
        self.checks_all.store(true, Relaxed);
    }

    fn seen(&self) -> Seen {
        Seen::clone(&read(&self.seen))
    }

    fn add(&self, fresh: &[u64]) {
        if fresh.is_empty() {
            return;
        }
        let mut seen = write(&self.seen);
        let mut all: Vec<u64> = seen.iter().chain(fresh).copied().collect();
        all.sort_unstable();
        all.dedup();
        *seen = all.into();
    }

    /// Counts a store. Returns whether its result is to be checked.
    fn is_due(&self) -> bool {
        let number = self.stores.fetch_add(1, Relaxed) + 1;
        number.is_power_of_two() || self.checks_all.load(Relaxed)
    }
}

/// Why a result cannot be stored in an encoding.
#[derive(Debug)]
enum ProofFailure {
    Unencodable(EncodeError),
    Undecodable(DecodeError),
    Panicked,
    /// It is encoded differently after reading back.
    Changed,
    /// Its `PartialEq` says that it differs after reading back.
    Unequal,
}

impl fmt::Display for ProofFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ProofFailure::Unencodable(error) => write!(f, "it cannot be encoded: {error}"),
            ProofFailure::Undecodable(error) => write!(f, "it cannot be read back: {error}"),
            ProofFailure::Panicked => f.write_str("reading it back panicked"),
            ProofFailure::Changed => f.write_str("it reads back as a different value"),
            ProofFailure::Unequal => f.write_str(
                "it reads back as a value that is not equal to it, for example because a field is \
                 skipped, or because `PartialEq` compares state that is not encoded",
            ),
        }
    }
}

/// Encodes a result into `out`, which is empty. Returns the encoding, or `None` if the
/// result cannot be stored.
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
    let failure = match result.encode(&mut watch, out) {
        Ok(()) if watch.new_shapes().is_empty() && !is_due => return Some(format.encoding),
        Ok(()) if out.len() >= LARGE && !format.describes && !format.has_unobserved_data => {
            return Some(format.encoding);
        }
        Ok(()) => match check_read_back(result, format.encoding, out) {
            Ok(()) => {
                proven.add(watch.new_shapes());
                if format.has_unobserved_data {
                    proven.check_all();
                }
                return Some(format.encoding);
            }
            Err(failure) => failure,
        },
        Err(error) => ProofFailure::Unencodable(error),
    };
    // The failure depends on the value, not on its type: either the same features
    // passed before, or something is lost that may equal the default in other values.
    if watch.new_shapes().is_empty()
        || matches!(failure, ProofFailure::Changed | ProofFailure::Unequal)
    {
        proven.check_all();
    }
    described((site, bound), result, &failure, out)
}

/// Like [`encode`], for a result that the usual encoding does not preserve.
#[cold]
fn described(
    (site, bound): (&MemoFunction, &FunctionState),
    result: &dyn AnyResult,
    failure: &ProofFailure,
    out: &mut Vec<u8>,
) -> Option<u8> {
    let EncodingVTable {
        type_name,
        describes,
        ..
    } = result.format();
    let what = format!("a result of {}, a `{type_name}`,", site.place());
    if !describes {
        return refuse(bound, what, failure);
    }
    out.clear();
    let described = result
        .describe(Purpose::Keep, out)
        .map_err(ProofFailure::Unencodable)
        .and_then(|()| check_read_back(result, DESCRIBED, out));
    match described {
        Ok(()) => {
            let text = format!(
                "{what} is stored in the self-describing encoding, which takes more space and time: in \
                 the compact encoding {failure}; for a compact encoding, derive `joblib::Persist` for \
                 the type, or return a type without `serde_json::Value`, `untagged`, `tag`, \
                 `flatten` or similar"
            );
            diagnostics::warn_of(what, text);
            Some(DESCRIBED)
        }
        Err(failure) => refuse(bound, what, &failure),
    }
}

/// Warns that a result is not stored.
fn refuse(bound: &FunctionState, what: String, failure: &ProofFailure) -> Option<u8> {
    let text = format!(
        "{what} is not stored, and every call computes it: {failure}; make its `Serialize` and \
         `Deserialize`, its `Persist` or the functions of `store` preserve all of the value, or \
         return another type"
    );
    bound.counters.error();
    diagnostics::warn_of(what, text);
    None
}

/// Results of at least this many bytes are read back but not encoded again, because
/// there may not be enough memory for another copy. They are not even read back if only
/// the library's own code encodes them.
const LARGE: usize = 16 << 20;

/// Checks that the encoded bytes of a result read back as an equal one.
fn check_read_back(result: &dyn AnyResult, encoding: u8, bytes: &[u8]) -> Result<(), ProofFailure> {
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
    match one.is_same(&*back, other) {
        true => Ok(()),
        false => Err(ProofFailure::Changed),
    }
}
