//! Training: kernel ridge regression with one output for each digit.

use joblib::{Persist, memoize};
use serde::{Deserialize, Serialize};

use crate::kernel::likeness;
use crate::matrix::{Matrix, dot};

/// The digits 0 to 9.
const CLASSES: usize = 10;

/// The settings of training.
#[derive(Clone, Copy, Serialize, Deserialize)]
pub(crate) struct Training {
    /// The distance at which two digits are no longer similar.
    pub(crate) width: f64,
    /// The weight of smoothness relative to exactness.
    pub(crate) ridge: f64,
}

/// A trained classifier of features.
#[derive(Serialize, Deserialize, Persist)]
pub(crate) struct Model {
    pub(crate) points: Matrix,
    /// One row per class, with one weight per point.
    pub(crate) weights: Matrix,
    pub(crate) width: f64,
}

/// Solves `(K + ridge I) w = y` for every class.
#[memoize(dir = ".cache")]
pub(crate) fn train(points: &Matrix, labels: &[u8], training: Training) -> Model {
    let factor = cholesky(gram(points, training));
    let mut weights = Matrix::empty(points.len());
    for class in 0..CLASSES {
        let targets = labels.iter().map(|&label| target(label, class)).collect();
        weights.push(&solve(&factor, targets));
    }
    Model {
        points: points.clone(),
        weights,
        width: training.width,
    }
}

impl Model {
    /// Returns the class with the largest output.
    pub(crate) fn classify(&self, point: &[f64]) -> u8 {
        let likeness = likeness(point, self.points.rows(), self.width);
        class(&likeness, self.weights.rows())
    }
}

pub(crate) fn class<'a>(likeness: &[f64], weights: impl Iterator<Item = &'a [f64]>) -> u8 {
    largest(weights.map(|weights| dot(weights, likeness)))
}

fn target(label: u8, class: usize) -> f64 {
    if usize::from(label) == class {
        1.0
    } else {
        -1.0
    }
}

/// Returns the similarities of all pairs of points, with the ridge added to the
/// diagonal.
fn gram(points: &Matrix, training: Training) -> Matrix {
    let mut gram = Matrix::empty(points.len());
    for (index, point) in points.rows().enumerate() {
        let mut row = likeness(point, points.rows(), training.width);
        row[index] += training.ridge;
        gram.push(&row);
    }
    gram
}

/// Computes the lower triangle `L` such that `L Lᵀ` is the matrix, in place.
fn cholesky(mut matrix: Matrix) -> Matrix {
    let columns = matrix.columns();
    for i in 0..matrix.len() {
        let (before, row) = matrix.split_at_row(i);
        for (j, other) in before.chunks_exact(columns).enumerate() {
            row[j] = (row[j] - dot(&row[..j], &other[..j])) / other[j];
        }
        row[i] = (row[i] - dot(&row[..i], &row[..i])).sqrt();
    }
    matrix
}

/// Solves `L Lᵀ x = b`, forwards and then backwards.
fn solve(lower: &Matrix, mut b: Vec<f64>) -> Vec<f64> {
    for i in 0..b.len() {
        b[i] = (b[i] - dot(&lower.row(i)[..i], &b[..i])) / lower.row(i)[i];
    }
    for i in (0..b.len()).rev() {
        b[i] /= lower.row(i)[i];
        let solved = b[i];
        b[..i]
            .iter_mut()
            .zip(lower.row(i))
            .for_each(|(x, l)| *x -= solved * l);
    }
    b
}

fn largest(outputs: impl Iterator<Item = f64>) -> u8 {
    (0..)
        .zip(outputs)
        .max_by(|(_, a), (_, b)| a.total_cmp(b))
        .map_or(0, |(class, _)| class)
}
