//! The value that is written, and the process that writes it.

use std::io::Write;
use std::path::Path;

use joblib::{Dump, Persist};

use crate::shell::Result;

/// The file, in the directory that the process is started in.
pub(super) const FILE: &str = "value.joblib";

/// What a file holds before it is written once more, and after.
pub(super) const OLD: u64 = 1;
pub(super) const NEW: u64 = 2;

/// A value with parts of every kind.
#[derive(Clone, Debug, PartialEq, Persist)]
pub(super) struct Value {
    pub(super) number: u64,
    name: String,
    few: Vec<u16>,
    weights: Vec<f64>,
    flags: Vec<bool>,
    layers: Vec<Layer>,
}

#[derive(Clone, Debug, PartialEq, Persist)]
enum Layer {
    Dense { weights: Vec<f32>, name: String },
    Dropout(f64),
    Flat,
}

impl Value {
    pub(super) fn new(number: u64) -> Value {
        let count = 150 + number as usize;
        Value {
            number,
            name: "value".repeat(count / 100),
            few: vec![number as u16; 7],
            weights: (0..count).map(|n| n as f64 * 0.5).collect(),
            flags: (0..1100).map(|n| n % 3 == 0).collect(),
            layers: vec![
                Layer::Dense {
                    weights: vec![0.25; 300],
                    name: "dense".to_owned(),
                },
                Layer::Dropout(0.1),
                Layer::Flat,
            ],
        }
    }

    /// The value as the bytes of a file.
    pub(super) fn bytes(&self, dump: Dump) -> Result<Vec<u8>> {
        let mut bytes = Vec::new();
        dump.write(&mut bytes, self)?;
        Ok(bytes)
    }
}

/// Does what the words say.
pub(crate) fn run(words: &[&str]) -> Result {
    match *words {
        ["idle"] => Ok(()),
        ["dump"] => {
            joblib::dump(&Value::new(NEW), Path::new(FILE))?;
            // From here on the new file must be there.
            let mut out = std::io::stdout().lock();
            writeln!(out, "done")?;
            Ok(out.flush()?)
        }
        _ => Err(format!("no such work: {words:?}").into()),
    }
}
