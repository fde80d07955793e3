//! From pixels to features: scaled, then projected onto the principal axes.

use joblib::{Persist, memoize};
use ndarray::{Array1, Array2, ArrayView1, ArrayView2, Axis};

use crate::cholesky::{factorize, solve};

/// The number of iterations that compute the axes.
const ROUNDS: usize = 60;

/// The features of both parts. Their coordinates are computed from the first part.
#[derive(Persist)]
pub(crate) struct Features {
    pub(crate) train: Array2<f64>,
    pub(crate) test: Array2<f64>,
}

/// Computes scale and axes from `train` alone, and applies them to both parts.
#[memoize(dir = ".cache")]
pub(crate) fn prepare(train: &Array2<f64>, test: &Array2<f64>, components: usize) -> Features {
    let projection = Projection::of(train, components);
    Features {
        train: projection.apply(train),
        test: projection.apply(test),
    }
}

/// Converts pixels to features.
#[derive(Persist)]
pub(crate) struct Projection {
    /// The mean of each pixel.
    pub(crate) mean: Array1<f64>,
    /// The deviation of each pixel, by which it is divided.
    pub(crate) deviation: Array1<f64>,
    /// One axis in each column.
    pub(crate) axes: Array2<f64>,
}

impl Projection {
    /// Computes scale and axes.
    pub(crate) fn of(rows: &Array2<f64>, components: usize) -> Self {
        let mean = rows.sum_axis(Axis(0)) / rows.nrows() as f64;
        // Without a lower bound, pixels that are almost always empty would be noise.
        let deviation = rows.std_axis(Axis(0), 0.0).mapv(|it| it.max(2.0));
        let scaled = scaled(rows.view(), mean.view(), deviation.view());
        let axes = principal_axes(&scaled.t().dot(&scaled), components);
        Self {
            mean,
            deviation,
            axes,
        }
    }

    pub(crate) fn apply(&self, rows: &Array2<f64>) -> Array2<f64> {
        let (mean, deviation) = (self.mean.view(), self.deviation.view());
        scaled(rows.view(), mean, deviation).dot(&self.axes)
    }
}

/// Shifts each column by its mean and divides it by its deviation.
pub(crate) fn scaled(
    rows: ArrayView2<f64>,
    mean: ArrayView1<f64>,
    deviation: ArrayView1<f64>,
) -> Array2<f64> {
    (&rows - &mean) / deviation
}

/// Computes the directions of greatest variance by orthogonal iteration.
fn principal_axes(covariance: &Array2<f64>, count: usize) -> Array2<f64> {
    let wave = |(pixel, axis)| ((2 * pixel + 1) as f64 * axis as f64).cos();
    let mut axes = Array2::from_shape_fn((covariance.nrows(), count), wave);
    for _ in 0..ROUNDS {
        axes = orthonormal(covariance.dot(&axes));
    }
    axes
}

/// Makes every column orthogonal to the previous ones, with length one.
fn orthonormal(mut columns: Array2<f64>) -> Array2<f64> {
    let mut products = columns.t().dot(&columns);
    factorize(&mut products);
    solve(products.t(), columns.view_mut());
    columns
}
