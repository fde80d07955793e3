//! Training: kernel ridge regression with one output for each digit.

use joblib::{Key, Persist, memoize};
use ndarray::{Array1, Array2, ArrayView1, ArrayView2, ArrayViewMut1, Axis, s};

use crate::cholesky::{factorize, solve};

/// The digits 0 to 9.
const CLASSES: usize = 10;

/// The settings of training.
#[derive(Clone, Copy, Key, Persist)]
pub(crate) struct Training {
    /// The distance at which two digits are no longer similar.
    pub(crate) width: f64,
    /// The weight of smoothness relative to exactness.
    pub(crate) ridge: f64,
}

/// A trained classifier of features.
#[derive(Key, Persist)]
pub(crate) struct Model {
    pub(crate) points: Array2<f64>,
    /// One row per class, with one weight per point.
    pub(crate) weights: Array2<f64>,
    pub(crate) width: f64,
}

/// Solves `w (K + ridge I) = y` for every class.
#[memoize(dir = ".cache")]
pub(crate) fn train(points: &Array2<f64>, labels: &[u8], training: Training) -> Model {
    let Training { width, ridge } = training;
    let mut gram = gram(points.view(), width);
    gram.diag_mut().mapv_inplace(|it| it + ridge);
    factorize(&mut gram);
    let target = |(class, index)| {
        if usize::from(labels[index]) == class {
            1.0
        } else {
            -1.0
        }
    };
    let mut weights = Array2::from_shape_fn((CLASSES, labels.len()), target);
    solve(gram.t(), weights.view_mut());
    // From the last to the first, a lower triangle is an upper one.
    let backwards = gram.slice(s![..;-1, ..;-1]);
    solve(backwards, weights.slice_mut(s![.., ..;-1]));
    Model {
        points: points.clone(),
        weights,
        width,
    }
}

impl Model {
    pub(crate) fn classify(&self, features: ArrayView2<f64>) -> Vec<u8> {
        classify(
            features,
            self.points.view(),
            self.weights.view(),
            self.width,
        )
    }
}

/// Returns the class with the largest output for each row of `features`.
pub(crate) fn classify(
    features: ArrayView2<f64>,
    points: ArrayView2<f64>,
    weights: ArrayView2<f64>,
    width: f64,
) -> Vec<u8> {
    let mut likeness = features.dot(&points.t());
    let lengths = (squared_lengths(features), squared_lengths(points));
    for (row, length) in likeness.rows_mut().into_iter().zip(lengths.0) {
        products_to_likeness(row, length, lengths.1.view(), width);
    }
    let outputs = likeness.dot(&weights.t());
    outputs.rows().into_iter().map(largest).collect()
}

/// Returns the similarities of all pairs of points, in the lower triangle.
fn gram(points: ArrayView2<f64>, width: f64) -> Array2<f64> {
    let mut gram = points.dot(&points.t());
    let lengths = squared_lengths(points);
    for (index, row) in gram.rows_mut().into_iter().enumerate() {
        let (row, _) = row.split_at(Axis(0), index + 1);
        products_to_likeness(row, lengths[index], lengths.slice(s![..=index]), width);
    }
    gram
}

fn squared_lengths(points: ArrayView2<f64>) -> Array1<f64> {
    (&points * &points).sum_axis(Axis(1))
}

/// Replaces the products of a point and others by the similarities.
fn products_to_likeness(
    mut products: ArrayViewMut1<f64>,
    length: f64,
    lengths: ArrayView1<f64>,
    width: f64,
) {
    products.zip_mut_with(&lengths, |it, other| {
        *it = gaussian(length - 2.0 * *it + other, width);
    });
}

/// Returns one for the squared distance zero, and falls to zero over a distance of `width`.
fn gaussian(squared: f64, width: f64) -> f64 {
    (-squared / (2.0 * width * width)).exp()
}

fn largest(outputs: ArrayView1<f64>) -> u8 {
    let classes = (0..).zip(outputs);
    classes
        .max_by(|(_, a), (_, b)| a.total_cmp(b))
        .map_or(0, |(class, _)| class)
}
