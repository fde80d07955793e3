//! The digest of a call's arguments.

use crate::key::KeyError;
use crate::key::select::KeyArguments;

/// What stands for the arguments of a call in its key.
#[derive(Clone, Debug)]
pub struct ArgsDigest(Result<u128, KeyError>);

impl ArgsDigest {
    /// The digest of what was fed.
    #[inline]
    pub fn new(arguments: &KeyArguments) -> Self {
        ArgsDigest(arguments.finish())
    }

    /// The digest, unless an argument could not be encoded.
    #[inline]
    pub(crate) fn encoded(&self) -> Result<u128, &KeyError> {
        self.0.as_ref().copied()
    }

    /// The digest, 0 if an argument could not be encoded.
    pub(crate) fn bits(&self) -> u128 {
        self.encoded().unwrap_or(0)
    }
}
