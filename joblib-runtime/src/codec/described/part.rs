//! A self-describing value that is embedded in something else, in the first of two forms
//! from which it can be decoded: the exact one, or else the human-readable one.
//!
//! Successful decoding is not sufficient: for an optional field with `flatten`, serde
//! returns `None` for what it cannot decode. Therefore the decoded value is compared.

use std::panic::{AssertUnwindSafe, catch_unwind};

use super::{Purpose, kind};
use crate::codec::{DecodeError, EncodeError};

/// Appends the encoding of a value for a purpose.
pub type Describe<'f> = &'f dyn Fn(Purpose, &mut Vec<u8>) -> Result<(), EncodeError>;

/// Decodes an embedded value and encodes the result for a purpose. Returns `None` if the
/// result cannot be encoded.
pub type Reread<'f> = &'f dyn Fn(&[u8], Purpose) -> Result<Option<Vec<u8>>, DecodeError>;

/// Appends the value that `describe` encodes to `out`: in the exact form if that survives
/// a round trip, else in the human-readable form if that does, and else in a form that
/// can be decoded at all. The inner result is an error if neither form can be decoded.
///
/// # Errors
///
/// Fails if the value cannot be encoded.
pub fn describe_part(
    describe: Describe<'_>,
    reread: Reread<'_>,
    out: &mut Vec<u8>,
) -> Result<Result<(), DecodeError>, EncodeError> {
    let start = out.len();
    describe(Purpose::Exact, out)?;
    let exact = ParsedPart::new(reread, &out[start..]);
    if exact.is_original(describe, &out[start..]) {
        return Ok(Ok(()));
    }
    let mut readable = vec![kind::HUMAN_READABLE];
    let described = describe(Purpose::Keep, &mut readable);
    let decoded = described.ok().map(|()| ParsedPart::new(reread, &readable));
    let is_better = decoded.as_ref().is_some_and(|decoded| {
        decoded.is_original(describe, &out[start..])
            || decoded.back.is_ok() && decoded.back != exact.back
    });
    if is_better {
        out.truncate(start);
        out.extend(readable);
        return Ok(Ok(()));
    }
    let why = decoded.and_then(|decoded| decoded.back.err());
    Ok(exact.back.map(drop).map_err(|own| why.unwrap_or(own)))
}

/// An encoded value and the result of decoding it.
struct ParsedPart<'t> {
    part: &'t [u8],
    reread: Reread<'t>,
    /// The decoded value, encoded again in the exact form.
    back: Result<Option<Vec<u8>>, DecodeError>,
}

impl<'t> ParsedPart<'t> {
    fn new(reread: Reread<'t>, part: &'t [u8]) -> Self {
        ParsedPart {
            part,
            reread,
            back: caught(reread, part, Purpose::Exact),
        }
    }

    /// Returns whether the decoded value is the original one, whose exact encoding is
    /// `exact`.
    fn is_original(&self, describe: Describe<'_>, exact: &[u8]) -> bool {
        match &self.back {
            Ok(Some(back)) => back == exact || self.equals_unordered(describe).unwrap_or(false),
            _ => false,
        }
    }

    /// Returns whether the decoded value equals the original one, if the order of maps
    /// and sequences is ignored: serde does not show which collections are unordered.
    fn equals_unordered(&self, describe: Describe<'_>) -> Option<bool> {
        let mut value = Vec::new();
        describe(Purpose::CompareUnordered, &mut value).ok()?;
        let back = caught(self.reread, self.part, Purpose::CompareUnordered);
        Some(back.ok()?? == value)
    }
}

fn caught(
    reread: Reread<'_>,
    part: &[u8],
    purpose: Purpose,
) -> Result<Option<Vec<u8>>, DecodeError> {
    let read = catch_unwind(AssertUnwindSafe(|| reread(part, purpose)));
    read.unwrap_or_else(|_| Err(DecodeError::Other("its `Deserialize` panicked".to_owned())))
}
