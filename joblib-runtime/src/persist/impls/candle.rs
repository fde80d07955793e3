//! Tensors of `candle`: encoded as an enum with a variant for each type of numbers, which
//! has an array of many dimensions in row-major order. Tensors are read to the CPU.

use std::any::TypeId;

use candle_core::{CpuStorage, Device, Storage, Tensor, WithDType};
use half::{bf16, f16};

use crate::persist::derive_support::{
    BodyReader, BodyWriter, FieldDecl, FieldsDecl, SchemaBuilder, Strided, TypeDecl, VariantDecl,
    Viewer,
};
use crate::persist::error::{Error, ErrorKind};
use crate::persist::mode::MapMode;
use crate::persist::number::{Number, NumberKind, swap};
use crate::persist::row::one_by_one;
use crate::persist::schema::Rank;
use crate::persist::traits::{Persist, Save};
use crate::persist::untyped::{ArrayShape, has_orders};

fn refused(why: impl std::fmt::Display) -> Error {
    ErrorKind::Value(format!("a `candle_core::Tensor` cannot be written: {why}")).into()
}

fn field<N: Number>() -> FieldDecl {
    FieldDecl {
        name: "",
        schema: |schemas| schemas.grid(N::KIND, None),
        aliases: &[],
        default: None,
    }
}

/// The numbers of a contiguous tensor on the CPU. The tensor is locked while they are
/// written.
struct Numbers {
    tensor: Tensor,
    kind: NumberKind,
}

impl Strided for Numbers {
    fn bytes(&self) -> u64 {
        (self.tensor.elem_count() * self.kind.size()) as u64
    }

    fn write(&self, out: &mut dyn FnMut(&[u8]) -> Result<(), Error>) -> Result<(), Error> {
        let (storage, layout) = self.tensor.storage_and_layout();
        let (Storage::Cpu(storage), Some((start, end))) = (&*storage, layout.contiguous_offsets())
        else {
            return Err(refused("it was not copied to the CPU"));
        };
        let Some(bytes) = bytes_of(storage, start, end) else {
            return Err(refused("the type of its numbers changed"));
        };
        if cfg!(target_endian = "big") {
            let mut swapped = bytes.to_owned();
            swap(self.kind, &mut swapped);
            return out(&swapped);
        }
        out(bytes)
    }
}

/// Implements the traits for tensors of these types of numbers.
macro_rules! tensors {
    ($($number:literal => $variant:ident($ty:ty);)*) => {
        fn bytes_of(storage: &CpuStorage, start: usize, end: usize) -> Option<&[u8]> {
            match storage {
                $(CpuStorage::$variant(numbers) => {
                    Some(bytemuck::must_cast_slice::<$ty, u8>(&numbers[start..end]))
                })*
                _ => None,
            }
        }

        impl Save for Tensor {
            fn schema(schemas: &mut SchemaBuilder) -> u32 {
                let head = TypeDecl {
                    ty: TypeId::of::<Tensor>(),
                    name: "Tensor",
                    older_types: &[],
                };
                let fields = [$([field::<$ty>()]),*];
                let cases = [$(VariantDecl {
                    name: stringify!($variant),
                    aliases: &[],
                    shape: FieldsDecl::Unnamed(&fields[$number]),
                }),*];
                schemas.enumeration(head, &cases)
            }

            fn save<'v>(&'v self, writer: &mut BodyWriter<'v, '_>) -> Result<(), Error> {
                let (number, kind) = match self.dtype() {
                    $(candle_core::DType::$variant => ($number, <$ty as Number>::KIND),)*
                    other => {
                        let other = other.as_str();
                        return Err(refused(format_args!(
                            "its numbers are {other}; convert it to `F32` with `to_dtype`"
                        )));
                    }
                };
                let tensor = self.to_device(&Device::Cpu).and_then(|it| it.contiguous());
                let tensor = tensor.map_err(refused)?;
                writer.enter()?;
                writer.varint(number);
                writer.length(self.rank());
                self.dims().iter().for_each(|it| writer.varint(*it as u64));
                writer.raw(&[0]);
                writer.strided(kind, Numbers { tensor, kind })?;
                writer.leave();
                Ok(())
            }
        }

        impl Persist for Tensor {
            type View<'m, M: MapMode> = Tensor;
            one_by_one!();

            fn load(reader: &mut BodyReader<'_>) -> Result<Self, Error> {
                reader.enter()?;
                let tensor = match reader.varint()? {
                    $($number => {
                        let (shape, count) = shape(reader)?;
                        tensor(reader.numbers::<$ty>(count)?, shape)
                    })*
                    other => reader.no_variant(other),
                }?;
                reader.leave();
                Ok(tensor)
            }

            fn view<'m, M: MapMode>(viewer: &mut Viewer<'m, M>) -> Result<Tensor, Error> {
                viewer.enter()?;
                let tensor = match viewer.varint()? {
                    $($number => {
                        let (shape, count) = shape(viewer.reader())?;
                        let numbers = M::shared(viewer.numbers::<$ty>(count)?);
                        tensor(numbers.to_vec(), shape)
                    })*
                    other => viewer.no_variant(other),
                }?;
                viewer.leave();
                Ok(tensor)
            }
        }
    };
}

tensors! {
    0 => U8(u8);
    1 => U32(u32);
    2 => I16(i16);
    3 => I32(i32);
    4 => I64(i64);
    5 => BF16(bf16);
    6 => F16(f16);
    7 => F32(f32);
    8 => F64(f64);
}

/// Reads the lengths of the dimensions, and returns how many numbers there are.
fn shape(reader: &mut BodyReader<'_>) -> Result<(Vec<usize>, usize), Error> {
    let grid = ArrayShape::read(Rank::Any, reader)?;
    let count = grid.numbers()?;
    if grid.order == 1 && has_orders(grid.dimensions.iter().copied()) {
        return Err(Error::damaged_body("a tensor in column-major order"));
    }
    // `numbers` verified that each of them fits.
    let dimensions = grid.dimensions.iter().map(|it| *it as usize).collect();
    Ok((dimensions, count))
}

fn tensor<N: WithDType>(numbers: Vec<N>, shape: Vec<usize>) -> Result<Tensor, Error> {
    Tensor::from_vec(numbers, shape, &Device::Cpu)
        .map_err(|error| Error::damaged_body(format!("invalid tensor: {error}")))
}
