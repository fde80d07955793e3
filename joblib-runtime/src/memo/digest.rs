//! The digest of a call's arguments.

use crate::key::select::KeyArguments;
use crate::key::{KeyError, KeyTime};

/// The digest of the arguments of a call, or the reason why there is none.
#[derive(Clone, Debug)]
pub struct ArgsDigest {
    encoded: Result<u128, KeyError>,
    /// How long it took to hash the arguments.
    pub(super) time: KeyTime,
}

impl ArgsDigest {
    /// Computes the digest of the arguments.
    #[inline]
    pub fn new(arguments: &KeyArguments) -> Self {
        ArgsDigest {
            encoded: arguments.finish(),
            time: arguments.time(),
        }
    }

    /// Returns the digest, or the error of the argument that could not be encoded.
    #[inline]
    pub(crate) fn encoded(&self) -> Result<u128, &KeyError> {
        self.encoded.as_ref().copied()
    }

    /// Returns the digest, or 0 if an argument could not be encoded.
    pub(crate) fn bits(&self) -> u128 {
        self.encoded().unwrap_or(0)
    }
}
