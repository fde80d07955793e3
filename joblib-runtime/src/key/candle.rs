//! Keys of `candle` tensors: the type of the numbers, the lengths of the dimensions, then
//! the numbers in logical order. The device and the strides do not count.

use candle_core::{CpuStorage, Device, Error, Storage, Tensor};

use super::{Key, KeyError, KeyHasher};

impl Key for Tensor {
    fn feed_type(hasher: &mut KeyHasher) {
        hasher.nominal("candle_core", "Tensor", 0);
    }

    fn feed(&self, hasher: &mut KeyHasher) {
        hasher.write_bytes(self.dtype().as_str().as_bytes());
        self.dims().feed(hasher);
        if let Err(error) = feed_numbers(self, hasher) {
            hasher.fail(KeyError {
                type_name: "candle_core::Tensor",
                reason: error.to_string(),
            });
        }
    }
}

fn feed_numbers(tensor: &Tensor, hasher: &mut KeyHasher) -> Result<(), Error> {
    let tensor = tensor.to_device(&Device::Cpu)?.contiguous()?;
    let (storage, layout) = tensor.storage_and_layout();
    let (Storage::Cpu(storage), Some((start, end))) = (&*storage, layout.contiguous_offsets())
    else {
        return Err(Error::Msg("it was not copied to the CPU".to_owned()));
    };
    match storage {
        CpuStorage::U8(numbers) => u8::feed_slice(&numbers[start..end], hasher),
        CpuStorage::U32(numbers) => u32::feed_slice(&numbers[start..end], hasher),
        CpuStorage::I16(numbers) => i16::feed_slice(&numbers[start..end], hasher),
        CpuStorage::I32(numbers) => i32::feed_slice(&numbers[start..end], hasher),
        CpuStorage::I64(numbers) => i64::feed_slice(&numbers[start..end], hasher),
        CpuStorage::F32(numbers) => f32::feed_slice(&numbers[start..end], hasher),
        CpuStorage::F64(numbers) => f64::feed_slice(&numbers[start..end], hasher),
        CpuStorage::F16(numbers) => {
            u16::feed_slice(bytemuck::must_cast_slice(&numbers[start..end]), hasher);
        }
        CpuStorage::BF16(numbers) => {
            u16::feed_slice(bytemuck::must_cast_slice(&numbers[start..end]), hasher);
        }
        _ => {
            let dtype = tensor.dtype().as_str();
            return Err(Error::Msg(format!(
                "its numbers are {dtype}; convert it to `F32` with `to_dtype`"
            )));
        }
    }
    Ok(())
}
