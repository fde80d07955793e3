//! Plain reads and writes of the bytes of joblib's file. This is the upper bound for a
//! file of that size.

use std::fs::File;
use std::io::{Read, Write};
use std::path::Path;

use joblib::Persist;
use joblib::persist::Dump;

use crate::Result;
use crate::persist::format::Format;

pub(crate) struct Plain;

impl<T: Persist> Format<T> for Plain {
    type Held = Vec<u8>;

    fn hold(value: T) -> Result<Vec<u8>> {
        let mut bytes = Vec::new();
        Dump::new().write(&mut bytes, &value)?;
        bytes.shrink_to_fit();
        Ok(bytes)
    }

    fn dump(bytes: &Vec<u8>, path: &Path) -> Result {
        Ok(File::create(path)?.write_all(bytes)?)
    }

    fn load(path: &Path) -> Result<Vec<u8>> {
        let mut file = File::open(path)?;
        let mut bytes = vec![0; file.metadata()?.len() as usize];
        file.read_exact(&mut bytes)?;
        Ok(bytes)
    }
}
