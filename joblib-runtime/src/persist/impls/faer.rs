//! Matrices and vectors of `faer`: encoded as two-dimensional arrays in column-major
//! order, as those of `nalgebra`. The columns of an owned matrix may have a gap between
//! them in memory, which is not written.

use faer::diag::{Diag, DiagMut, DiagRef};
use faer::prelude::Reborrow;
use faer::{Col, ColMut, ColRef, Mat, MatMut, MatRef, Row, RowMut, RowRef, Shape, Stride};

use crate::persist::derive_support::{BodyReader, BodyWriter, SchemaBuilder, Strided, Viewer};
use crate::persist::error::{Error, ErrorKind};
use crate::persist::mode::MapMode;
use crate::persist::number::Number;
use crate::persist::row::one_by_one;
use crate::persist::run_buffer::RunBuffer;
use crate::persist::schema::Rank;
use crate::persist::traits::{Persist, Save};
use crate::persist::untyped::{ArrayShape, has_orders};

/// A matrix has rows and columns.
const DIMENSIONS: u32 = 2;

fn schema<T: Number>(schemas: &mut SchemaBuilder) -> u32 {
    schemas.grid(T::KIND, Some(DIMENSIONS as usize))
}

fn save<'v, T: Number>(
    matrix: MatRef<'v, T>,
    writer: &mut BodyWriter<'v, '_>,
) -> Result<(), Error> {
    let dimensions = [matrix.nrows() as u64, matrix.ncols() as u64];
    dimensions.iter().for_each(|it| writer.varint(*it));
    writer.raw(&[has_orders(dimensions.into_iter()).into()]);
    match numbers(matrix) {
        Some(numbers) => {
            writer.numbers(numbers);
            Ok(())
        }
        None => writer.strided(T::KIND, Columns(matrix)),
    }
}

/// Returns the numbers of a matrix if they are contiguous.
fn numbers<T>(matrix: MatRef<'_, T>) -> Option<&[T]> {
    let (rows, columns) = matrix.shape();
    if rows == 0 || columns == 0 {
        return Some(&[]);
    }
    let is_whole = (rows == 1 || matrix.row_stride() == 1)
        && (columns == 1 || usize::try_from(matrix.col_stride()) == Ok(rows));
    // SAFETY: the strides show that the numbers of each column are contiguous and that
    // each column directly follows the previous one.
    is_whole.then(|| unsafe { std::slice::from_raw_parts(matrix.as_ptr(), rows * columns) })
}

/// Iterates over the numbers of a matrix by column.
struct Columns<'v, T>(MatRef<'v, T>);

impl<T: Number> Strided for Columns<'_, T> {
    fn bytes(&self) -> u64 {
        (self.0.nrows() * self.0.ncols() * size_of::<T>()) as u64
    }

    fn write(&self, out: &mut dyn FnMut(&[u8]) -> Result<(), Error>) -> Result<(), Error> {
        let mut runs = RunBuffer::new(out);
        for column in self.0.col_iter() {
            match column.try_as_col_major() {
                Some(column) => runs.slice(column.as_slice())?,
                None => runs.each(column.iter().copied())?,
            }
        }
        runs.pass_on()
    }
}

/// Implements `Save` for the owner and the views of one type, which is converted to a
/// view of a matrix.
macro_rules! saved {
    ($schema:expr, |$value:ident| $matrix:expr; $([$($generics:tt)*] $ty:ty;)*) => {$(
        impl<T: Number, $($generics)*> Save for $ty {
            fn schema(schemas: &mut SchemaBuilder) -> u32 {
                let schema: fn(&mut SchemaBuilder) -> u32 = $schema;
                schema(schemas)
            }

            fn save<'v>(&'v self, writer: &mut BodyWriter<'v, '_>) -> Result<(), Error> {
                let $value = self;
                save($matrix, writer)
            }
        }
    )*};
}

saved! { schema::<T>, |value| value.rb().as_dyn().as_dyn_stride();
    [R: Shape, C: Shape] Mat<T, R, C>;
    [R: Shape, C: Shape, RStride: Stride, CStride: Stride] MatRef<'_, T, R, C, RStride, CStride>;
    [R: Shape, C: Shape, RStride: Stride, CStride: Stride] MatMut<'_, T, R, C, RStride, CStride>;
}
saved! { schema::<T>, |value| value.rb().as_dyn_rows().as_dyn_stride().as_mat();
    [R: Shape] Col<T, R>;
    [R: Shape, RStride: Stride] ColRef<'_, T, R, RStride>;
    [R: Shape, RStride: Stride] ColMut<'_, T, R, RStride>;
}
saved! { schema::<T>, |value| value.rb().as_dyn_cols().as_dyn_stride().as_mat();
    [C: Shape] Row<T, C>;
    [C: Shape, CStride: Stride] RowRef<'_, T, C, CStride>;
    [C: Shape, CStride: Stride] RowMut<'_, T, C, CStride>;
}
// A diagonal matrix is not the vector of its diagonal, so its type has a name in files.
saved! { |schemas| schemas.named_type::<Col<T>>("faer::Diag"),
    |value| value.as_ref().column_vector().as_dyn_rows().as_dyn_stride().as_mat();
    [D: Shape] Diag<T, D>;
    [D: Shape, S: Stride] DiagRef<'_, T, D, S>;
    [D: Shape, S: Stride] DiagMut<'_, T, D, S>;
}

/// The shape of a matrix as read from a file.
struct ReadShape {
    rows: usize,
    columns: usize,
    grid: ArrayShape,
}

impl ReadShape {
    /// Reads the shape. The number of rows or columns may be known.
    fn read(
        rows: Option<usize>,
        columns: Option<usize>,
        reader: &mut BodyReader<'_>,
    ) -> Result<Self, Error> {
        let grid = ArrayShape::read(Rank::Fixed(DIMENSIONS), reader)?;
        grid.numbers()?;
        Ok(ReadShape {
            rows: dimension("rows", rows, grid.dimensions[0])?,
            columns: dimension("columns", columns, grid.dimensions[1])?,
            grid,
        })
    }

    /// Returns the distances between rows and between columns.
    fn strides(&self) -> (isize, isize) {
        match self.grid.order == 0 && has_orders(self.grid.dimensions.iter().copied()) {
            true => (self.columns as isize, 1),
            false => (1, self.rows as isize),
        }
    }

    fn load<T: Number>(self, reader: &mut BodyReader<'_>) -> Result<Mat<T>, Error> {
        let count = self.grid.numbers()?;
        let numbers = reader.numbers::<T>(count)?;
        reader.room_for::<T>(count)?;
        let (rows, columns) = (self.rows, self.columns);
        let mut matrix = Mat::<T>::new();
        matrix
            .try_reserve(rows, columns)
            .map_err(|_| ErrorKind::OutOfMemory {
                bytes: size_of_val(&numbers[..]) as u64,
            })?;
        // SAFETY: there are `rows` times `columns` numbers with these strides.
        let found = unsafe { self.view_of(numbers.as_ptr()) };
        let (start, step) = (matrix.as_ptr_mut(), matrix.col_stride());
        // A matrix without numbers may have more columns than could be counted.
        let columns_with_numbers = if rows == 0 { 0 } else { columns };
        for (at, column) in found.col_iter().take(columns_with_numbers).enumerate() {
            // SAFETY: the matrix has the capacity for these columns, which are `step`
            // numbers apart.
            let start = unsafe { start.offset(at as isize * step) };
            match column.try_as_col_major() {
                // SAFETY: as above: a column has `rows` numbers.
                Some(column) => unsafe {
                    start.copy_from_nonoverlapping(column.as_slice().as_ptr(), rows);
                },
                None => column.iter().enumerate().for_each(|(row, number)| {
                    // SAFETY: as above.
                    unsafe { start.add(row).write(*number) }
                }),
            }
        }
        // SAFETY: it has this capacity, and all numbers within it were written.
        unsafe { matrix.set_dims(rows, columns) };
        Ok(matrix)
    }

    /// Returns a view of the numbers at `start`.
    ///
    /// # Safety
    ///
    /// There are as many numbers as the shape has, valid for `'n`.
    unsafe fn view_of<'n, T>(&self, start: *const T) -> MatRef<'n, T> {
        let (between_rows, between_columns) = self.strides();
        // SAFETY: the caller guarantees it.
        unsafe {
            MatRef::from_raw_parts(
                start,
                self.rows,
                self.columns,
                between_rows,
                between_columns,
            )
        }
    }

    fn view<'m, T: Number, M: MapMode>(
        self,
        viewer: &mut Viewer<'m, M>,
    ) -> Result<M::FaerMat<'m, T>, Error> {
        let numbers = viewer.numbers::<T>(self.grid.numbers()?)?;
        Ok(M::faer_mat(
            numbers,
            (self.rows, self.columns),
            self.strides(),
        ))
    }
}

fn dimension(what: &str, expected: Option<usize>, found: u64) -> Result<usize, Error> {
    let len =
        usize::try_from(found).map_err(|_| Error::damaged_body("a matrix too large for memory"))?;
    match expected {
        Some(expected) if expected != len => Err(Error::type_mismatch(
            format!("a matrix with {len} {what}"),
            format!("one with {expected}"),
        )),
        _ => Ok(len),
    }
}

impl<T: Number> Persist for Mat<T> {
    type View<'m, M: MapMode> = M::FaerMat<'m, T>;
    one_by_one!();

    fn load(reader: &mut BodyReader<'_>) -> Result<Self, Error> {
        ReadShape::read(None, None, reader)?.load(reader)
    }

    fn view<'m, M: MapMode>(viewer: &mut Viewer<'m, M>) -> Result<Self::View<'m, M>, Error> {
        ReadShape::read(None, None, viewer.reader())?.view(viewer)
    }
}

/// Implements `Persist` for a type with one row or one column, which `$from` creates from
/// a column.
macro_rules! vectors {
    ($($ty:ident, $rows:expr, $columns:expr, |$column:ident| $from:expr, $view:ident, $create:ident;)*) => {$(
        impl<T: Number> Persist for $ty<T> {
            type View<'m, M: MapMode> = M::$view<'m, T>;
            one_by_one!();

            fn load(reader: &mut BodyReader<'_>) -> Result<Self, Error> {
                let shape = ReadShape::read($rows, $columns, reader)?;
                let numbers = reader.numbers::<T>(shape.grid.numbers()?)?;
                reader.room_for::<T>(numbers.len())?;
                let $column = Col::from_fn(numbers.len(), |at| numbers[at]);
                Ok($from)
            }

            fn view<'m, M: MapMode>(
                viewer: &mut Viewer<'m, M>,
            ) -> Result<Self::View<'m, M>, Error> {
                let shape = ReadShape::read($rows, $columns, viewer.reader())?;
                Ok(M::$create(viewer.numbers::<T>(shape.grid.numbers()?)?))
            }
        }
    )*};
}

vectors! {
    Col, None, Some(1), |column| column, FaerCol, faer_col;
    Row, Some(1), None, |column| column.into_transpose(), FaerRow, faer_row;
    Diag, None, Some(1), |column| column.into_diagonal(), FaerDiag, faer_diag;
}
