//! `postcard` 1.2 with serde. Writes to a buffered file and reads from bytes.

use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::Path;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::Result;
use crate::persist::format::Format;

pub(crate) struct Postcard;

impl<T: Serialize + DeserializeOwned + PartialEq> Format<T> for Postcard {
    type Held = T;

    fn hold(value: T) -> Result<T> {
        Ok(value)
    }

    fn dump(value: &T, path: &Path) -> Result {
        let file = BufWriter::new(File::create(path)?);
        Ok(postcard::to_io(value, file)?.flush()?)
    }

    fn load(path: &Path) -> Result<T> {
        Ok(postcard::from_bytes(&fs::read(path)?)?)
    }
}
