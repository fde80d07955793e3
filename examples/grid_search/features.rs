//! From pixels to features: scaled, then projected onto the principal axes.

use joblib::{Persist, memoize};
use serde::{Deserialize, Serialize};

use crate::matrix::{Matrix, dot};

/// The number of iterations that compute the axes.
const ROUNDS: usize = 60;

/// The features of both parts. Their coordinates are computed from the first part.
#[derive(Serialize, Deserialize)]
pub(crate) struct Features {
    pub(crate) train: Matrix,
    pub(crate) test: Matrix,
}

/// Computes scale and axes from `train` alone, and applies them to both parts.
#[memoize(dir = ".cache")]
pub(crate) fn prepare(train: &Matrix, test: &Matrix, components: usize) -> Features {
    let projection = Projection::of(train, components);
    Features {
        train: projection.apply_to_all(train),
        test: projection.apply_to_all(test),
    }
}

/// Converts pixels to features.
#[derive(Serialize, Deserialize, Persist)]
pub(crate) struct Projection {
    pub(crate) scale: Scale,
    pub(crate) axes: Matrix,
}

impl Projection {
    /// Computes scale and axes.
    pub(crate) fn of(rows: &Matrix, components: usize) -> Self {
        let scale = Scale::of(rows);
        let axes = principal_axes(&covariance(&scale.apply(rows)), components);
        Self { scale, axes }
    }

    pub(crate) fn apply_to_all(&self, rows: &Matrix) -> Matrix {
        project(&self.scale.apply(rows), &self.axes)
    }

    pub(crate) fn apply(&self, row: &[f64]) -> Vec<f64> {
        let scaled = scaled(row, &self.scale.mean, &self.scale.deviation);
        coordinates(&scaled, self.axes.rows())
    }
}

/// The mean of each column, and the deviation by which it is divided.
#[derive(Serialize, Deserialize, Persist)]
pub(crate) struct Scale {
    pub(crate) mean: Vec<f64>,
    pub(crate) deviation: Vec<f64>,
}

impl Scale {
    fn of(rows: &Matrix) -> Self {
        let mean = column_means(rows, |_, value| value);
        let variance = column_means(rows, |column, value| (value - mean[column]).powi(2));
        // Without a lower bound, pixels that are almost always empty would be noise.
        let deviation = variance
            .iter()
            .map(|variance| variance.sqrt().max(2.0))
            .collect();
        Self { mean, deviation }
    }

    fn apply(&self, rows: &Matrix) -> Matrix {
        let mut scaled = Matrix::empty(rows.columns());
        for row in rows.rows() {
            scaled.push(&self::scaled(row, &self.mean, &self.deviation));
        }
        scaled
    }
}

pub(crate) fn scaled(row: &[f64], mean: &[f64], deviation: &[f64]) -> Vec<f64> {
    let columns = mean.iter().zip(deviation);
    row.iter()
        .zip(columns)
        .map(|(value, (mean, by))| (value - mean) / by)
        .collect()
}

fn column_means(rows: &Matrix, value: impl Fn(usize, f64) -> f64) -> Vec<f64> {
    let mut sums = vec![0.0; rows.columns()];
    for row in rows.rows() {
        for (column, sum) in sums.iter_mut().enumerate() {
            *sum += value(column, row[column]);
        }
    }
    sums.iter().map(|sum| sum / rows.len() as f64).collect()
}

/// Returns the covariance of columns whose means are zero.
fn covariance(rows: &Matrix) -> Matrix {
    let mut covariance = Matrix::zeros(rows.columns(), rows.columns());
    for row in rows.rows() {
        for (index, x) in row.iter().enumerate() {
            for (sum, y) in covariance.row_mut(index).iter_mut().zip(row) {
                *sum += x * y / rows.len() as f64;
            }
        }
    }
    covariance
}

/// Computes the directions of greatest variance by orthogonal iteration.
fn principal_axes(covariance: &Matrix, count: usize) -> Matrix {
    let mut axes = Matrix::zeros(count, covariance.columns());
    for index in 0..count {
        axes.row_mut(index)[index] = 1.0;
    }
    for _ in 0..ROUNDS {
        axes = project(&axes, covariance);
        orthonormalize(&mut axes);
    }
    axes
}

/// Makes every row orthogonal to the previous ones, with length one.
fn orthonormalize(rows: &mut Matrix) {
    let columns = rows.columns();
    for index in 0..rows.len() {
        let (before, row) = rows.split_at_row(index);
        for other in before.chunks_exact(columns) {
            let shared = dot(row, other);
            row.iter_mut()
                .zip(other)
                .for_each(|(x, y)| *x -= shared * y);
        }
        let length = dot(row, row).sqrt().max(f64::MIN_POSITIVE);
        row.iter_mut().for_each(|x| *x /= length);
    }
}

/// Returns the coordinates of each row along each axis.
fn project(rows: &Matrix, axes: &Matrix) -> Matrix {
    let mut projected = Matrix::empty(axes.len());
    for row in rows.rows() {
        projected.push(&coordinates(row, axes.rows()));
    }
    projected
}

pub(crate) fn coordinates<'a>(row: &[f64], axes: impl Iterator<Item = &'a [f64]>) -> Vec<f64> {
    axes.map(|axis| dot(row, axis)).collect()
}
