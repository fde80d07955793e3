//! `epserde` 0.13. Arrays are type parameters of the struct, so that a map borrows
//! them. It does not support maps from keys to values.

use std::path::Path;

use epserde::deser::{Deserialize, Flags};
use epserde::ser::Serialize;

use crate::Result;
use crate::persist::format::{Format, Maps};
use crate::persist::value::{self, Array, Records};

pub(crate) struct Epserde;

/// The struct in the form that epserde requires.
#[derive(PartialEq, epserde::Epserde)]
pub(crate) struct Model<W, I, N> {
    weights: W,
    ids: I,
    names: N,
}

type Owned = Model<Vec<f64>, Vec<u32>, Vec<String>>;

impl Format<Array> for Epserde {
    type Held = Array;

    fn hold(value: Array) -> Result<Array> {
        Ok(value)
    }

    fn dump(value: &Array, path: &Path) -> Result {
        // SAFETY: numbers have no padding, whose bytes would be written.
        unsafe { value.store(path)? };
        Ok(())
    }

    fn load(path: &Path) -> Result<Array> {
        // SAFETY: this program wrote the file.
        Ok(unsafe { Array::load_full(path)? })
    }
}

impl Maps<Array> for Epserde {
    fn open(path: &Path, index: usize) -> Result<f64> {
        // SAFETY: this program wrote the file, and nothing changes it.
        let file = unsafe { Array::mmap(path, Flags::empty())? };
        Ok(file.uncase()[index])
    }
}

impl Format<value::Model> for Epserde {
    type Held = Owned;

    fn hold(value: value::Model) -> Result<Owned> {
        Ok(Model {
            weights: value.weights,
            ids: value.ids,
            names: value.names,
        })
    }

    fn dump(value: &Owned, path: &Path) -> Result {
        // SAFETY: numbers and strings have no padding.
        unsafe { value.store(path)? };
        Ok(())
    }

    fn load(path: &Path) -> Result<Owned> {
        // SAFETY: this program wrote the file.
        Ok(unsafe { Owned::load_full(path)? })
    }
}

impl Maps<value::Model> for Epserde {
    fn open(path: &Path, index: usize) -> Result<f64> {
        // SAFETY: this program wrote the file, and nothing changes it.
        let file = unsafe { Owned::mmap(path, Flags::empty())? };
        Ok(file.uncase().weights[index])
    }
}

impl Format<Records> for Epserde {
    type Held = Records;

    fn hold(value: Records) -> Result<Records> {
        Ok(value)
    }

    fn dump(value: &Records, path: &Path) -> Result {
        // SAFETY: fields are written one by one, without the padding between them.
        unsafe { value.store(path)? };
        Ok(())
    }

    fn load(path: &Path) -> Result<Records> {
        // SAFETY: this program wrote the file.
        Ok(unsafe { Records::load_full(path)? })
    }
}
