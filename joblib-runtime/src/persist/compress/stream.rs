//! Runs incremental decoders and verifies that the input is one stream of the expected
//! size.

use super::UnpackError;

/// The result of one decoding step.
pub(super) struct DecodeStep {
    pub(super) read: u64,
    pub(super) written: u64,
    pub(super) is_end: bool,
}

/// Decompresses `packed`, which must be exactly one stream, and fills `out`. `step`
/// decodes from its first argument to its second.
pub(super) fn unpack(
    packed: &[u8],
    out: &mut [u8],
    mut step: impl FnMut(&[u8], &mut [u8]) -> Result<DecodeStep, UnpackError>,
) -> Result<(), UnpackError> {
    let (mut read, mut written) = (0, 0);
    // A decoder may need a step with room for output to report the end of the stream.
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
            return Err(UnpackError::damaged("the compressed data ends early"));
        }
    }
    if written < out.len() {
        return Err(UnpackError::damaged(UnpackError::SHORTER));
    }
    match read == packed.len() {
        true => Ok(()),
        false => Err(UnpackError::damaged(UnpackError::TRAILING_BYTES)),
    }
}
