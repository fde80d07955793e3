//! This library in three variants: without waiting for the disk (like all peers), with
//! its defaults, and with compression.

use std::marker::PhantomData;
use std::path::Path;

use ::joblib::Persist;
use ::joblib::persist::{Compress, Dump, Durability, load, open};

use crate::Result;
use crate::persist::format::{Format, Maps};
use crate::persist::value::{Array, Model};

pub(crate) struct Joblib;
pub(crate) struct Durable;
pub(crate) struct Compressed<C>(PhantomData<C>);

/// A way of compressing.
pub(crate) trait Compression {
    const COMPRESS: Compress;
}

pub(crate) struct Zstd;
pub(crate) struct Lz4;

impl Compression for Zstd {
    const COMPRESS: Compress = Compress::Zstd(3);
}

impl Compression for Lz4 {
    const COMPRESS: Compress = Compress::Lz4;
}

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

impl<C: Compression> Format<Array> for Compressed<C> {
    type Held = Array;

    fn hold(value: Array) -> Result<Array> {
        Ok(value)
    }

    fn dump(value: &Array, path: &Path) -> Result {
        Ok(quick().compress(C::COMPRESS).to(path, value)?)
    }

    fn load(path: &Path) -> Result<Array> {
        Ok(load(path)?)
    }
}
