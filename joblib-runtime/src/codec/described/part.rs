//! A description that is part of something else, in whichever of two forms gives
//! its value back: its own, which is exact, or else the one for people.
//!
//! That it is read does not suffice: where `flatten` is an option, serde takes for
//! none what it cannot read.

use std::panic::{AssertUnwindSafe, catch_unwind};

use super::{Purpose, kind};
use crate::codec::{DecodeError, EncodeError};

/// Appends a description of a value for a purpose.
pub type Describe<'f> = &'f dyn Fn(Purpose, &mut Vec<u8>) -> Result<(), EncodeError>;

/// Reads a part, and describes what was read for a purpose: nothing, if it cannot
/// be described.
pub type Reread<'f> = &'f dyn Fn(&[u8], Purpose) -> Result<Option<Vec<u8>>, DecodeError>;

/// Appends what `describe` gives to `out`: exact if that comes back, else as for
/// people if that does, and else what can be read at all; or why nothing can.
///
/// # Errors
///
/// It cannot be described.
pub fn describe_part(
    describe: Describe<'_>,
    reread: Reread<'_>,
    out: &mut Vec<u8>,
) -> Result<Result<(), DecodeError>, EncodeError> {
    let start = out.len();
    describe(Purpose::Exact, out)?;
    let exact = ParsedPart::new(reread, &out[start..]);
    if exact.is_that(describe, &out[start..]) {
        return Ok(Ok(()));
    }
    let mut people = vec![kind::FOR_PEOPLE];
    let described = describe(Purpose::Keep, &mut people);
    let tried = described.ok().map(|()| ParsedPart::new(reread, &people));
    let is_better = tried.as_ref().is_some_and(|tried| {
        tried.is_that(describe, &out[start..]) || tried.back.is_ok() && tried.back != exact.back
    });
    if is_better {
        out.truncate(start);
        out.extend(people);
        return Ok(Ok(()));
    }
    let why = tried.and_then(|tried| tried.back.err());
    Ok(exact.back.map(drop).map_err(|own| why.unwrap_or(own)))
}

/// A part that was read.
struct ParsedPart<'t> {
    part: &'t [u8],
    reread: Reread<'t>,
    /// What was read, in the exact form.
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

    /// Whether it is the value that `describe` describes, in exact form as `exact`.
    fn is_that(&self, describe: Describe<'_>, exact: &[u8]) -> bool {
        match &self.back {
            Ok(Some(back)) => back == exact || self.is_unordered(describe).unwrap_or(false),
            _ => false,
        }
    }

    /// Whether it is that value but for the order of its maps and sequences: of
    /// what is hashed, serde does not show that it has none.
    fn is_unordered(&self, describe: Describe<'_>) -> Option<bool> {
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
