//! `bincode` 1.3 with serde. Writes to a buffered file and reads from bytes.

use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::Path;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::Result;
use crate::persist::format::Format;

pub(crate) struct Bincode;

impl<T: Serialize + DeserializeOwned + PartialEq> Format<T> for Bincode {
    type Held = T;

    fn hold(value: T) -> Result<T> {
        Ok(value)
    }

    fn dump(value: &T, path: &Path) -> Result {
        let mut file = BufWriter::new(File::create(path)?);
        bincode::serialize_into(&mut file, value)?;
        Ok(file.flush()?)
    }

    fn load(path: &Path) -> Result<T> {
        Ok(bincode::deserialize(&fs::read(path)?)?)
    }
}
