//! Decoders that go step by step, held to one stream of the stated size.

use super::UnpackError;

/// What a decoder did in one step.
pub(super) struct DecodeStep {
    pub(super) read: u64,
    pub(super) written: u64,
    pub(super) is_end: bool,
}

/// Fills `out` with the one stream that `packed` is. `step` decodes from the
/// one to the other.
pub(super) fn unpack(
    packed: &[u8],
    out: &mut [u8],
    mut step: impl FnMut(&[u8], &mut [u8]) -> Result<DecodeStep, UnpackError>,
) -> Result<(), UnpackError> {
    let (mut read, mut written) = (0, 0);
    // The end of a stream may come only after a step that has room to write.
    let mut spare = [0];
    loop {
        let is_full = written == out.len();
        let room = match is_full {
            true => &mut spare,
            false => &mut out[written..],
        };
        let done = step(&packed[read..], room)?;
        if is_full && done.written > 0 {
            return Err(UnpackError::damaged(UnpackError::LONGER));
        }
        read += done.read as usize;
        written += done.written as usize;
        if done.is_end {
            break;
        }
        if done.read == 0 && done.written == 0 {
            return Err(UnpackError::damaged("it ends early"));
        }
    }
    if written < out.len() {
        return Err(UnpackError::damaged(UnpackError::SHORTER));
    }
    match read == packed.len() {
        true => Ok(()),
        false => Err(UnpackError::damaged(UnpackError::FOLLOWED)),
    }
}
