//! `rkyv` 0.8. Writes incrementally; reads and opens from a memory map, with
//! validation.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;

use rkyv::api::high::to_bytes_in;
use rkyv::api::high::{HighDeserializer, HighSerializer, HighValidator, access, from_bytes};
use rkyv::bytecheck::CheckBytes;
use rkyv::rancor::Error;
use rkyv::ser::allocator::ArenaHandle;
use rkyv::ser::writer::IoWriter;
use rkyv::{Archive, Archived, Deserialize, Serialize};

use super::map;
use crate::Result;
use crate::persist::format::{Format, Maps};
use crate::persist::value::{Array, Model};

pub(crate) struct Rkyv;

type Out = IoWriter<BufWriter<File>>;

impl<T> Format<T> for Rkyv
where
    T: Archive + PartialEq + for<'a> Serialize<HighSerializer<Out, ArenaHandle<'a>, Error>>,
    T::Archived:
        for<'a> CheckBytes<HighValidator<'a, Error>> + Deserialize<T, HighDeserializer<Error>>,
{
    type Held = T;

    fn hold(value: T) -> Result<T> {
        Ok(value)
    }

    fn dump(value: &T, path: &Path) -> Result {
        let out = IoWriter::new(BufWriter::new(File::create(path)?));
        let out = to_bytes_in::<_, Error>(value, out)?;
        Ok(out.into_inner().flush()?)
    }

    fn load(path: &Path) -> Result<T> {
        Ok(from_bytes::<T, Error>(&map(path)?)?)
    }
}

impl Maps<Array> for Rkyv {
    fn open(path: &Path, index: usize) -> Result<f64> {
        let file = map(path)?;
        Ok(access::<Archived<Array>, Error>(&file)?[index].to_native())
    }
}

impl Maps<Model> for Rkyv {
    fn open(path: &Path, index: usize) -> Result<f64> {
        let file = map(path)?;
        let model = access::<Archived<Model>, Error>(&file)?;
        Ok(model.weights[index].to_native())
    }
}
