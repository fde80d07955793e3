//! `safetensors` 0.8. Its tensors are views of the bytes of a file, so reading copies
//! them out of a memory map. Strings are in its metadata.

use std::collections::HashMap;
use std::path::Path;

use bytemuck::{Pod, cast_slice, try_cast_slice};
use safetensors::tensor::{Metadata, TensorView, serialize_to_file};
use safetensors::{Dtype, SafeTensors};

use super::map;
use crate::Result;
use crate::persist::format::{Format, Maps};
use crate::persist::value::{Array, Model};

pub(crate) struct Safetensors;

/// The number types of tensors.
trait Number: Pod {
    const DTYPE: Dtype;
}

impl Number for f64 {
    const DTYPE: Dtype = Dtype::F64;
}

impl Number for u32 {
    const DTYPE: Dtype = Dtype::U32;
}

fn tensor<N: Number>(numbers: &[N]) -> Result<TensorView<'_>> {
    let shape = vec![numbers.len()];
    Ok(TensorView::new(N::DTYPE, shape, cast_slice(numbers))?)
}

/// Returns the numbers of a tensor without a copy.
fn numbers<'f, N: Number>(tensors: &SafeTensors<'f>, name: &str) -> Result<&'f [N]> {
    let tensor = tensors.tensor(name)?;
    if tensor.dtype() != N::DTYPE {
        return Err(format!(
            "the tensor `{name}` has the unexpected type {:?}",
            tensor.dtype()
        )
        .into());
    }
    let numbers = try_cast_slice(tensor.data());
    numbers.map_err(|error| format!("{name}: {error}").into())
}

fn one(path: &Path, name: &str, index: usize) -> Result<f64> {
    let file = map(path)?;
    let tensors = SafeTensors::deserialize(&file)?;
    Ok(numbers::<f64>(&tensors, name)?[index])
}

impl Format<Array> for Safetensors {
    type Held = Array;

    fn hold(value: Array) -> Result<Array> {
        Ok(value)
    }

    fn dump(value: &Array, path: &Path) -> Result {
        Ok(serialize_to_file([("array", tensor(value)?)], None, path)?)
    }

    fn load(path: &Path) -> Result<Array> {
        let file = map(path)?;
        let tensors = SafeTensors::deserialize(&file)?;
        Ok(numbers(&tensors, "array")?.to_vec())
    }
}

impl Maps<Array> for Safetensors {
    fn open(path: &Path, index: usize) -> Result<f64> {
        one(path, "array", index)
    }
}

impl Format<Model> for Safetensors {
    type Held = Model;

    fn hold(value: Model) -> Result<Model> {
        Ok(value)
    }

    fn dump(value: &Model, path: &Path) -> Result {
        let tensors = [
            ("weights", tensor(&value.weights)?),
            ("ids", tensor(&value.ids)?),
        ];
        let names = value.names.iter().enumerate();
        let metadata = names.map(|(index, name)| (index.to_string(), name.clone()));
        Ok(serialize_to_file(tensors, Some(metadata.collect()), path)?)
    }

    fn load(path: &Path) -> Result<Model> {
        let file = map(path)?;
        let (_, metadata) = SafeTensors::read_metadata(&file)?;
        let tensors = SafeTensors::deserialize(&file)?;
        Ok(Model {
            weights: numbers(&tensors, "weights")?.to_vec(),
            ids: numbers(&tensors, "ids")?.to_vec(),
            names: names(&metadata)?,
        })
    }
}

impl Maps<Model> for Safetensors {
    fn open(path: &Path, index: usize) -> Result<f64> {
        one(path, "weights", index)
    }
}

fn names(metadata: &Metadata) -> Result<Vec<String>> {
    let no_names = HashMap::new();
    let names = metadata.metadata().as_ref().unwrap_or(&no_names);
    let name = |index: usize| {
        let name = names.get(&index.to_string()).cloned();
        name.ok_or_else(|| format!("the name {index} is missing").into())
    };
    (0..names.len()).map(name).collect()
}
