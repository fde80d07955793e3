//! Scoring: the accuracy of a classifier.

use joblib::memoize;

use crate::matrix::Matrix;
use crate::model::Model;

/// Returns the share of points that are classified as their own label.
#[memoize(dir = ".cache")]
pub(crate) fn score(model: &Model, points: &Matrix, labels: &[u8]) -> f64 {
    let right = points
        .rows()
        .zip(labels)
        .filter(|&(point, &label)| model.classify(point) == label);
    right.count() as f64 / labels.len() as f64
}
