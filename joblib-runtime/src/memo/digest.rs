//! The digest of a call's arguments.

use crate::key::KeyError;
use crate::key::select::KeyArguments;

/// The digest of the arguments of a call, or the reason why there is none.
#[derive(Clone, Debug)]
pub struct ArgsDigest(Result<u128, KeyError>);

impl ArgsDigest {
    /// Computes the digest of the arguments.
    #[inline]
    pub fn new(arguments: &KeyArguments) -> Self {
        ArgsDigest(arguments.finish())
    }

    /// Returns the digest, or the error of the argument that could not be encoded.
    #[inline]
    pub(crate) fn encoded(&self) -> Result<u128, &KeyError> {
        self.0.as_ref().copied()
    }

    /// Returns the digest, or 0 if an argument could not be encoded.
    pub(crate) fn bits(&self) -> u128 {
        self.encoded().unwrap_or(0)
    }
}
