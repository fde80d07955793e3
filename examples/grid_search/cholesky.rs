//! Cholesky factorization and triangular systems, in blocks of columns, so that nearly all
//! arithmetic is ndarray's matrix product.
//!
//! `faer` has both, but takes several times as long to compile as ndarray.

use ndarray::linalg::general_mat_mul;
use ndarray::{Array2, ArrayView2, ArrayViewMut2, Axis, s};

/// The number of columns of a block.
const BLOCK: usize = 64;

/// Replaces the lower triangle of a positive definite matrix by `L`, such that the matrix
/// is `L Lᵀ`. The upper triangle is not used.
pub(crate) fn factorize(matrix: &mut Array2<f64>) {
    for (start, end) in blocks(matrix.nrows()) {
        let columns = matrix.slice_mut(s![start.., ..end]);
        let (before, mut block) = columns.split_at(Axis(1), start);
        let rows = before.slice(s![..end - start, ..]);
        general_mat_mul(-1.0, &before, &rows.t(), 1.0, &mut block);
        let (mut diagonal, below) = block.split_at(Axis(0), end - start);
        factorize_block(&mut diagonal);
        solve(diagonal.t(), below);
    }
}

/// Replaces `b` by the `x` that solves `x U = b`. `U` is the upper triangle of `upper`.
pub(crate) fn solve(upper: ArrayView2<f64>, mut b: ArrayViewMut2<f64>) {
    for (start, end) in blocks(upper.nrows()) {
        let columns = b.slice_mut(s![.., ..end]);
        let (solved, mut block) = columns.split_at(Axis(1), start);
        let above = upper.slice(s![..start, start..end]);
        general_mat_mul(-1.0, &solved, &above, 1.0, &mut block);
        let inverse = inverse(upper.slice(s![start..end, start..end]));
        let product = block.dot(&inverse);
        block.assign(&product);
    }
}

fn blocks(len: usize) -> impl Iterator<Item = (usize, usize)> {
    let starts = (0..len).step_by(BLOCK);
    starts.map(move |start| (start, len.min(start + BLOCK)))
}

fn factorize_block(block: &mut ArrayViewMut2<f64>) {
    for k in 0..block.nrows() {
        let pivot = block[(k, k)];
        assert!(pivot > 0.0, "the matrix is not positive definite");
        let mut column = block.slice_mut(s![k.., k]);
        column /= pivot.sqrt();
        for i in k + 1..block.nrows() {
            for j in k + 1..=i {
                block[(i, j)] -= block[(i, k)] * block[(j, k)];
            }
        }
    }
}

/// Inverts an upper triangle.
fn inverse(upper: ArrayView2<f64>) -> Array2<f64> {
    let mut inverse = Array2::eye(upper.nrows());
    for i in (0..upper.nrows()).rev() {
        let (mut row, below) = inverse.multi_slice_mut((s![i, ..], s![i + 1.., ..]));
        row -= &upper.slice(s![i, i + 1..]).dot(&below);
        row /= upper[(i, i)];
    }
    inverse
}
