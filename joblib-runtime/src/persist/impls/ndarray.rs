//! Arrays of `ndarray`: encoded as dimensions, memory order, and numbers. Arrays in
//! row-major or column-major order are written directly from memory, others in index
//! order. Both major lines have the same files.

/// Implements `Persist` for arrays that own their numbers.
macro_rules! owners {
    ($repr:ident, $array:ident: $($ty:ty;)*) => {$(
        impl<A: Number, D: Dimension> Persist for $ty {
            type View<'m, M: MapMode> = ArrayBase<M::$repr<'m, A>, D>;
            one_by_one!();

            fn load(reader: &mut BodyReader<'_>) -> Result<Self, Error> {
                let grid = grid::<D>(reader)?;
                let numbers = reader.numbers::<A>(grid.numbers()?)?;
                let array = Array::from_shape_vec(shape::<D>(&grid)?, numbers);
                array.map(Into::into).map_err(invalid_shape)
            }

            fn view<'m, M: MapMode>(viewer: &mut Viewer<'m, M>) -> Result<Self::View<'m, M>, Error> {
                let grid = grid::<D>(viewer.reader())?;
                let numbers = viewer.numbers::<A>(grid.numbers()?)?;
                M::$array(numbers, shape::<D>(&grid)?).map_err(invalid_shape)
            }
        }
    )*};
}

/// Implements the traits for one major line of the crate, whose representation in a map
/// is `$repr` and is created by `$array`.
macro_rules! line {
    ($feature:literal, $ndarray:ident, $repr:ident, $array:ident) => {
        #[cfg(feature = $feature)]
        mod $ndarray {
            use ::$ndarray::{
                Array, ArrayBase, ArrayView, CowRepr, Data, Dimension, OwnedArcRepr, RawData,
                ShapeBuilder, ShapeError, StrideShape,
            };

            use crate::persist::derive_support::{
                BodyReader, BodyWriter, SchemaBuilder, Strided, Viewer,
            };
            use crate::persist::error::Error;
            use crate::persist::mode::MapMode;
            use crate::persist::number::Number;
            use crate::persist::row::one_by_one;
            use crate::persist::run_buffer::RunBuffer;
            use crate::persist::schema::Rank;
            use crate::persist::traits::{Persist, Save};
            use crate::persist::untyped::{ArrayShape, has_orders};

            impl<A: Number, S: Data + RawData<Elem = A>, D: Dimension> Save for ArrayBase<S, D> {
                fn schema(schemas: &mut SchemaBuilder) -> u32 {
                    schemas.grid(A::KIND, D::NDIM)
                }

                fn save<'v>(&'v self, writer: &mut BodyWriter<'v, '_>) -> Result<(), Error> {
                    save(self.view(), writer)
                }
            }

            pub(super) fn save<'v, A: Number, D: Dimension + 'v>(
                array: ArrayView<'v, A, D>,
                writer: &mut BodyWriter<'v, '_>,
            ) -> Result<(), Error> {
                if D::NDIM.is_none() {
                    writer.length(array.ndim());
                }
                let dimensions = array.shape().iter().map(|it| *it as u64);
                dimensions.clone().for_each(|it| writer.varint(it));
                if let Some(numbers) = array.to_slice() {
                    writer.raw(&[0]);
                    writer.numbers(numbers);
                    return Ok(());
                }
                if let Some(numbers) = array.clone().reversed_axes().to_slice() {
                    writer.raw(&[has_orders(dimensions).into()]);
                    writer.numbers(numbers);
                    return Ok(());
                }
                writer.raw(&[0]);
                writer.strided(A::KIND, LogicalOrder(array))
            }

            /// Iterates over the numbers of an array in index order.
            struct LogicalOrder<'v, A, D: Dimension>(ArrayView<'v, A, D>);

            impl<A: Number, D: Dimension> Strided for LogicalOrder<'_, A, D> {
                fn bytes(&self) -> u64 {
                    (self.0.len() * size_of::<A>()) as u64
                }

                fn write(
                    &self,
                    out: &mut dyn FnMut(&[u8]) -> Result<(), Error>,
                ) -> Result<(), Error> {
                    let mut runs = RunBuffer::new(out);
                    for row in self.0.rows() {
                        match row.as_slice() {
                            Some(numbers) => runs.slice(numbers)?,
                            None => runs.each(row.iter().copied())?,
                        }
                    }
                    runs.pass_on()
                }
            }

            owners! { $repr, $array:
                Array<A, D>;
                ArrayBase<OwnedArcRepr<A>, D>;
                ArrayBase<CowRepr<'_, A>, D>;
            }

            fn grid<D: Dimension>(reader: &mut BodyReader<'_>) -> Result<ArrayShape, Error> {
                let rank = D::NDIM.map_or(Rank::Any, |count| Rank::Fixed(count as u32));
                ArrayShape::read(rank, reader)
            }

            fn shape<D: Dimension>(grid: &ArrayShape) -> Result<StrideShape<D>, Error> {
                let mut dimensions = D::zeros(grid.dimensions.len());
                for (axis, len) in grid.dimensions.iter().enumerate() {
                    dimensions[axis] = usize::try_from(*len)
                        .map_err(|_| Error::damaged_body("an array longer than memory"))?;
                }
                Ok(dimensions.set_f(grid.order == 1).into())
            }

            fn invalid_shape(error: ShapeError) -> Error {
                Error::damaged_body(format!("invalid array shape: {error}"))
            }
        }
    };
}

line!("ndarray", ndarray, Repr, array);
line!("ndarray016", ndarray016, Repr016, array016);

// Line 0.16 has no such type.
#[cfg(feature = "ndarray")]
mod array_ref {
    use ::ndarray::{ArrayRef, Dimension};

    use crate::persist::derive_support::{BodyWriter, SchemaBuilder};
    use crate::persist::error::Error;
    use crate::persist::number::Number;
    use crate::persist::traits::Save;

    impl<A: Number, D: Dimension> Save for ArrayRef<A, D> {
        fn schema(schemas: &mut SchemaBuilder) -> u32 {
            schemas.grid(A::KIND, D::NDIM)
        }

        fn save<'v>(&'v self, writer: &mut BodyWriter<'v, '_>) -> Result<(), Error> {
            super::ndarray::save(self.view(), writer)
        }
    }
}
