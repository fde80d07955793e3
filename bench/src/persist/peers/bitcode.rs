//! `bitcode` 0.6 with its own derives. Writes to bytes and reads from bytes.

use std::fs;
use std::path::Path;

use bitcode::{DecodeOwned, Encode};

use crate::Result;
use crate::persist::format::Format;

pub(crate) struct Bitcode;

impl<T: Encode + DecodeOwned + PartialEq> Format<T> for Bitcode {
    type Held = T;

    fn hold(value: T) -> Result<T> {
        Ok(value)
    }

    fn dump(value: &T, path: &Path) -> Result {
        Ok(fs::write(path, bitcode::encode(value))?)
    }

    fn load(path: &Path) -> Result<T> {
        Ok(bitcode::decode(&fs::read(path)?)?)
    }
}
