//! This library: without waiting for the disk, as no peer does, with what it
//! does by itself, and compressed.

use std::path::Path;

use ::joblib::Persist;
use ::joblib::persist::{Compress, Dump, Durability, load, open};

use crate::Result;
use crate::persist::format::{Format, Maps};
use crate::persist::value::{Array, Model};

pub(crate) struct Joblib;
pub(crate) struct Durable;
pub(crate) struct Zstd;

fn quick() -> Dump {
    Dump::new().durability(Durability::Nothing)
}

impl<T: Persist + PartialEq> Format<T> for Joblib {
    type Held = T;

    fn hold(value: T) -> Result<T> {
        Ok(value)
    }

    fn dump(value: &T, path: &Path) -> Result {
        Ok(quick().to(path, value)?)
    }

    fn load(path: &Path) -> Result<T> {
        Ok(load(path)?)
    }
}

impl Maps<Array> for Joblib {
    fn open(path: &Path, index: usize) -> Result<f64> {
        Ok(open::<Array>(path)?.view()[index])
    }
}

impl Maps<Model> for Joblib {
    fn open(path: &Path, index: usize) -> Result<f64> {
        Ok(open::<Model>(path)?.view().weights[index])
    }
}

impl<T: Persist + PartialEq> Format<T> for Durable {
    type Held = T;

    fn hold(value: T) -> Result<T> {
        Ok(value)
    }

    fn dump(value: &T, path: &Path) -> Result {
        Ok(Dump::new().to(path, value)?)
    }

    fn load(path: &Path) -> Result<T> {
        Ok(load(path)?)
    }
}

impl Format<Array> for Zstd {
    type Held = Array;

    fn hold(value: Array) -> Result<Array> {
        Ok(value)
    }

    fn dump(value: &Array, path: &Path) -> Result {
        Ok(quick().compress(Compress::Zstd(3)).to(path, value)?)
    }

    fn load(path: &Path) -> Result<Array> {
        Ok(load(path)?)
    }
}
