//! Matrices and vectors of `nalgebra`: encoded as two-dimensional arrays in
//! column-major order. Both major lines have the same files.

/// Implements the traits for one major line of the crate, whose storage in a map is
/// `$storage` and is created by `$matrix`.
macro_rules! line {
    ($feature:literal, $nalgebra:ident, $storage:ident, $matrix:ident) => {
        #[cfg(feature = $feature)]
        mod $nalgebra {
            use ::$nalgebra::{
                ArrayStorage, Const, Dim, Matrix, RawStorage, SMatrix, Scalar, VecStorage,
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

            /// A matrix has rows and columns.
            const DIMENSIONS: u32 = 2;

            impl<T, R, C, S> Save for Matrix<T, R, C, S>
            where
                T: Number + Scalar,
                R: Dim,
                C: Dim,
                S: RawStorage<T, R, C>,
            {
                fn schema(schemas: &mut SchemaBuilder) -> u32 {
                    schemas.grid(T::KIND, Some(DIMENSIONS as usize))
                }

                fn save<'v>(&'v self, writer: &mut BodyWriter<'v, '_>) -> Result<(), Error> {
                    let (rows, columns) = self.shape();
                    let dimensions = [rows as u64, columns as u64];
                    dimensions.iter().for_each(|it| writer.varint(*it));
                    writer.raw(&[has_orders(dimensions.into_iter()).into()]);
                    match numbers(self) {
                        Some(numbers) => {
                            writer.numbers(numbers);
                            Ok(())
                        }
                        None => writer.strided(T::KIND, ColumnIter(self)),
                    }
                }
            }

            /// Returns the numbers of a matrix if they are contiguous.
            fn numbers<T, R: Dim, C: Dim, S: RawStorage<T, R, C>>(
                matrix: &Matrix<T, R, C, S>,
            ) -> Option<&[T]> {
                if matrix.is_empty() {
                    return Some(&[]);
                }
                let (rows, columns) = matrix.shape();
                let (between_rows, between_columns) = matrix.strides();
                let is_whole =
                    (rows == 1 || between_rows == 1) && (columns == 1 || between_columns == rows);
                is_whole.then(|| {
                    // SAFETY: the strides show that the numbers of each column are contiguous
                    // and that each column directly follows the previous one.
                    unsafe { std::slice::from_raw_parts(matrix.as_ptr(), matrix.len()) }
                })
            }

            /// Iterates over the numbers of a matrix by column.
            struct ColumnIter<'v, T, R, C, S>(&'v Matrix<T, R, C, S>);

            impl<T, R, C, S> Strided for ColumnIter<'_, T, R, C, S>
            where
                T: Number + Scalar,
                R: Dim,
                C: Dim,
                S: RawStorage<T, R, C>,
            {
                fn bytes(&self) -> u64 {
                    (self.0.len() * size_of::<T>()) as u64
                }

                fn write(
                    &self,
                    out: &mut dyn FnMut(&[u8]) -> Result<(), Error>,
                ) -> Result<(), Error> {
                    let mut runs = RunBuffer::new(out);
                    runs.each(self.0.iter().copied())?;
                    runs.pass_on()
                }
            }

            /// A matrix as read from a file.
            struct ReadMatrix<R, C> {
                rows: R,
                columns: C,
                grid: ArrayShape,
            }

            /// A matrix in a memory map.
            type Viewed<'m, T, R, C, M> = Matrix<T, R, C, <M as MapMode>::$storage<'m, T, R, C>>;

            impl<R: Dim, C: Dim> ReadMatrix<R, C> {
                fn read(reader: &mut BodyReader<'_>) -> Result<Self, Error> {
                    let grid = ArrayShape::read(Rank::Fixed(DIMENSIONS), reader)?;
                    grid.numbers()?;
                    Ok(ReadMatrix {
                        rows: dimension("rows", grid.dimensions[0])?,
                        columns: dimension("columns", grid.dimensions[1])?,
                        grid,
                    })
                }

                /// Whether the numbers are in row-major order, which `nalgebra` does not support.
                fn is_by_rows(&self) -> bool {
                    self.grid.order == 0 && has_orders(self.grid.dimensions.iter().copied())
                }

                /// Returns the numbers in column-major order.
                fn numbers<T: Number>(&self, reader: &mut BodyReader<'_>) -> Result<Vec<T>, Error> {
                    let count = self.grid.numbers()?;
                    let numbers = reader.numbers::<T>(count)?;
                    if !self.is_by_rows() {
                        return Ok(numbers);
                    }
                    let mut transposed = reader.reserve(count)?;
                    let (rows, columns) = (self.rows.value(), self.columns.value());
                    for column in 0..columns {
                        transposed.extend((0..rows).map(|row| numbers[row * columns + column]));
                    }
                    Ok(transposed)
                }

                fn view<'m, T: Number + Scalar, M: MapMode>(
                    self,
                    viewer: &mut Viewer<'m, M>,
                ) -> Result<Viewed<'m, T, R, C, M>, Error> {
                    if self.is_by_rows() {
                        return Err(viewer.unmappable(
                            "its values are in row-major order, `nalgebra` needs column-major \
                             order",
                        ));
                    }
                    let numbers = viewer.numbers::<T>(self.grid.numbers()?)?;
                    Ok(M::$matrix(numbers, self.rows, self.columns))
                }
            }

            fn dimension<D: Dim>(what: &str, found: u64) -> Result<D, Error> {
                let len = usize::try_from(found)
                    .map_err(|_| Error::damaged_body("a matrix too large for memory"))?;
                match D::try_to_usize() {
                    Some(expected) if expected != len => Err(Error::type_mismatch(
                        format!("a matrix with {len} {what}"),
                        format!("one with {expected}"),
                    )),
                    _ => Ok(D::from_usize(len)),
                }
            }

            impl<T, R, C> Persist for Matrix<T, R, C, VecStorage<T, R, C>>
            where
                T: Number + Scalar,
                R: Dim,
                C: Dim,
                VecStorage<T, R, C>: RawStorage<T, R, C>,
            {
                type View<'m, M: MapMode> = Matrix<T, R, C, M::$storage<'m, T, R, C>>;
                one_by_one!();

                fn load(reader: &mut BodyReader<'_>) -> Result<Self, Error> {
                    let found = ReadMatrix::<R, C>::read(reader)?;
                    let numbers = found.numbers(reader)?;
                    let storage = VecStorage::new(found.rows, found.columns, numbers);
                    Ok(Matrix::from_data(storage))
                }

                fn view<'m, M: MapMode>(
                    viewer: &mut Viewer<'m, M>,
                ) -> Result<Self::View<'m, M>, Error> {
                    ReadMatrix::read(viewer.reader())?.view(viewer)
                }
            }

            impl<T, const R: usize, const C: usize> Persist
                for Matrix<T, Const<R>, Const<C>, ArrayStorage<T, R, C>>
            where
                T: Number + Scalar,
            {
                type View<'m, M: MapMode> =
                    Matrix<T, Const<R>, Const<C>, M::$storage<'m, T, Const<R>, Const<C>>>;
                one_by_one!();

                fn load(reader: &mut BodyReader<'_>) -> Result<Self, Error> {
                    let found = ReadMatrix::<Const<R>, Const<C>>::read(reader)?;
                    Ok(SMatrix::from_column_slice(&found.numbers(reader)?))
                }

                fn view<'m, M: MapMode>(
                    viewer: &mut Viewer<'m, M>,
                ) -> Result<Self::View<'m, M>, Error> {
                    ReadMatrix::read(viewer.reader())?.view(viewer)
                }
            }
        }
    };
}

line!("nalgebra", nalgebra, Storage, matrix);
line!("nalgebra034", nalgebra034, Storage034, matrix034);
