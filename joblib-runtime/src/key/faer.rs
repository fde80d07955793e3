//! Keys of `faer` matrices, vectors and diagonal matrices, owned and as views: the shape,
//! then the elements column by column, whatever their strides are.

use faer::diag::{Diag, DiagMut, DiagRef};
use faer::prelude::Reborrow;
use faer::{Col, ColMut, ColRef, Mat, MatMut, MatRef, Row, RowMut, RowRef, Shape, Stride};

use super::{Key, KeyHasher};

fn feed<T: Key>(matrix: MatRef<'_, T>, hasher: &mut KeyHasher) {
    let (rows, columns) = matrix.shape();
    hasher.write_len(rows);
    hasher.write_len(columns);
    if rows == 0 {
        // There may be more columns than could be counted.
        return;
    }
    for column in matrix.col_iter() {
        match column.try_as_col_major() {
            Some(column) => T::feed_slice(column.as_slice(), hasher),
            None => column.iter().for_each(|element| element.feed(hasher)),
        }
    }
}

/// Implements `Key` for the owner and the views of one type, which has this name in keys
/// and is converted to a view of a matrix.
macro_rules! keys {
    ($name:literal, |$value:ident| $matrix:expr; $([$($generics:tt)*] $ty:ty;)*) => {$(
        impl<T: Key, $($generics)*> Key for $ty {
            fn feed_type(hasher: &mut KeyHasher) {
                hasher.nominal("faer", $name, 0);
                T::feed_type(hasher);
            }

            fn feed(&self, hasher: &mut KeyHasher) {
                let $value = self;
                feed($matrix, hasher);
            }
        }
    )*};
}

keys! { "Mat", |value| value.rb().as_dyn().as_dyn_stride();
    [R: Shape, C: Shape] Mat<T, R, C>;
    [R: Shape, C: Shape, RStride: Stride, CStride: Stride] MatRef<'_, T, R, C, RStride, CStride>;
    [R: Shape, C: Shape, RStride: Stride, CStride: Stride] MatMut<'_, T, R, C, RStride, CStride>;
}
keys! { "Col", |value| value.rb().as_dyn_rows().as_dyn_stride().as_mat();
    [R: Shape] Col<T, R>;
    [R: Shape, RStride: Stride] ColRef<'_, T, R, RStride>;
    [R: Shape, RStride: Stride] ColMut<'_, T, R, RStride>;
}
keys! { "Row", |value| value.rb().as_dyn_cols().as_dyn_stride().as_mat();
    [C: Shape] Row<T, C>;
    [C: Shape, CStride: Stride] RowRef<'_, T, C, CStride>;
    [C: Shape, CStride: Stride] RowMut<'_, T, C, CStride>;
}
keys! { "Diag", |value| value.as_ref().column_vector().as_dyn_rows().as_dyn_stride().as_mat();
    [D: Shape] Diag<T, D>;
    [D: Shape, S: Stride] DiagRef<'_, T, D, S>;
    [D: Shape, S: Stride] DiagMut<'_, T, D, S>;
}
