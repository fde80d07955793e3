//! Scoring: how often the classifier is right.

use joblib::memoize;

use crate::matrix::Matrix;
use crate::model::Model;

/// The share of points given their own label.
#[memoize(dir = ".cache")]
pub(crate) fn score(model: &Model, points: &Matrix, labels: &[u8]) -> f64 {
    let right = points
        .rows()
        .zip(labels)
        .filter(|&(point, &label)| model.classify(point) == label);
    right.count() as f64 / labels.len() as f64
}
