//! The peers, each in its own file, and the values that each of them can store.

mod bare;
mod bincode;
mod bitcode;
mod epserde;
mod joblib;
mod plain;
mod postcard;
mod rkyv;
mod safetensors;
mod savefile;

use std::fs::File;
use std::path::Path;

use memmap2::Mmap;

use super::format::{Format, Maps};
use super::run;
use super::task::{Task, Value, Work};
use super::value::{
    Array, Hashed, Map, Mixed, Model, Names, Points, Records, Rows, Sample, Set, Tree, gibibyte,
};
use crate::Result;

/// Does `task` in this process with the peer called `name`.
pub(crate) fn measure(name: &str, task: &Task) -> Result<f64> {
    run::confine(task.cores)?;
    match (name, task.work) {
        ("joblib", Work::Open) => open::<joblib::Joblib>(task.value),
        ("rkyv", Work::Open) => open::<rkyv::Rkyv>(task.value),
        ("epserde", Work::Open) => open::<epserde::Epserde>(task.value),
        ("safetensors", Work::Open) => open::<safetensors::Safetensors>(task.value),
        ("joblib", _) => any::<joblib::Joblib>(task),
        ("joblib-durable", _) => any::<joblib::Durable>(task),
        ("joblib-zstd", _) => array::<joblib::Compressed<joblib::Zstd>>(task),
        ("joblib-lz4", _) => array::<joblib::Compressed<joblib::Lz4>>(task),
        ("plain", _) => any::<plain::Plain>(task),
        ("rkyv", _) => any::<rkyv::Rkyv>(task),
        ("bincode", _) => any::<bincode::Bincode>(task),
        ("savefile", _) => usual::<savefile::Savefile>(task),
        ("epserde", _) => epserde(task),
        ("bitcode", _) => any::<bitcode::Bitcode>(task),
        ("postcard", _) => any::<postcard::Postcard>(task),
        ("safetensors", _) => arrays::<safetensors::Safetensors>(task),
        ("bare-zstd", _) => array::<bare::Bare<bare::Zstd>>(task),
        ("bare-lz4", _) => array::<bare::Bare<bare::Lz4>>(task),
        _ => Err(format!("unknown peer {name:?}").into()),
    }
}

fn open<P: Maps<Array> + Maps<Model>>(value: Value) -> Result<f64> {
    match value {
        Value::Array | Value::Gibibyte => run::open::<P, Array>(),
        Value::Model => run::open::<P, Model>(),
        value => Err(cannot(value)),
    }
}

fn any<P>(task: &Task) -> Result<f64>
where
    P: Format<Array> + Format<Model> + Format<Map> + Format<Records>,
    P: Format<Rows>
        + Format<Points>
        + Format<Mixed>
        + Format<Tree>
        + Format<Hashed>
        + Format<Set>
        + Format<Names>,
{
    match task.value {
        Value::Rows => run::measure::<P, _>(task.work, Rows::sample),
        Value::Points => run::measure::<P, _>(task.work, Points::sample),
        Value::Mixed => run::measure::<P, _>(task.work, Mixed::sample),
        Value::Tree => run::measure::<P, _>(task.work, Tree::sample),
        Value::Hashed => run::measure::<P, _>(task.work, Hashed::sample),
        Value::Set => run::measure::<P, _>(task.work, Set::sample),
        Value::Names => run::measure::<P, _>(task.work, Names::sample),
        _ => usual::<P>(task),
    }
}

fn usual<P>(task: &Task) -> Result<f64>
where
    P: Format<Array> + Format<Model> + Format<Map> + Format<Records>,
{
    match task.value {
        Value::Map => run::measure::<P, _>(task.work, Map::sample),
        Value::Records => run::measure::<P, _>(task.work, Records::sample),
        _ => arrays::<P>(task),
    }
}

fn epserde(task: &Task) -> Result<f64> {
    match task.value {
        Value::Records => run::measure::<epserde::Epserde, _>(task.work, Records::sample),
        _ => arrays::<epserde::Epserde>(task),
    }
}

fn arrays<P: Format<Array> + Format<Model>>(task: &Task) -> Result<f64> {
    match task.value {
        Value::Model => run::measure::<P, _>(task.work, Model::sample),
        _ => array::<P>(task),
    }
}

fn array<P: Format<Array>>(task: &Task) -> Result<f64> {
    match task.value {
        Value::Array => run::measure::<P, _>(task.work, Array::sample),
        Value::Gibibyte => run::measure::<P, _>(task.work, gibibyte),
        value => Err(cannot(value)),
    }
}

fn cannot(value: Value) -> Box<dyn std::error::Error> {
    format!("the value {value:?} is not supported").into()
}

/// Maps a file for peers that read from bytes.
fn map(path: &Path) -> Result<Mmap> {
    let file = File::open(path)?;
    // SAFETY: nothing changes the file while this process measures.
    Ok(unsafe { Mmap::map(&file)? })
}
