//! A description that is part of something else, in whichever of the two forms
//! its type reads: its own, which is exact, or else the one it has for people.

use std::panic::{AssertUnwindSafe, catch_unwind};

use super::{Purpose, kind};
use crate::codec::{DecodeError, EncodeError};

/// Appends to `out` what `describe` gives, in its exact form if `read` takes that,
/// else in the one for people if `read` takes that, and else in the exact one
/// again; why `read` takes neither.
///
/// # Errors
///
/// It cannot be described.
pub fn describe_part(
    describe: &dyn Fn(Purpose, &mut Vec<u8>) -> Result<(), EncodeError>,
    read: &dyn Fn(&[u8]) -> Result<(), DecodeError>,
    out: &mut Vec<u8>,
) -> Result<Result<(), DecodeError>, EncodeError> {
    let start = out.len();
    describe(Purpose::Exact, out)?;
    let Err(why) = tried(read, &out[start..]) else {
        return Ok(Ok(()));
    };
    let exact = out.split_off(start);
    out.push(kind::FOR_PEOPLE);
    let described = describe(Purpose::Keep, out);
    let why = match described.is_ok().then(|| tried(read, &out[start..])) {
        Some(Ok(())) => return Ok(Ok(())),
        Some(Err(why)) => why,
        None => why,
    };
    out.truncate(start);
    out.extend(exact);
    Ok(Err(why))
}

fn tried(read: &dyn Fn(&[u8]) -> Result<(), DecodeError>, bytes: &[u8]) -> Result<(), DecodeError> {
    let read = catch_unwind(AssertUnwindSafe(|| read(bytes)));
    read.unwrap_or_else(|_| Err(DecodeError::Other("its `Deserialize` panicked".to_owned())))
}
