//! Scoring: the accuracy of a classifier.

use joblib::memoize;
use ndarray::Array2;

use crate::model::Model;

/// Returns the share of points that are classified as their own label.
#[memoize(dir = ".cache")]
pub(crate) fn score(model: &Model, points: &Array2<f64>, labels: &[u8]) -> f64 {
    let predicted = model.classify(points.view());
    let pairs = predicted.iter().zip(labels);
    let right = pairs.filter(|(predicted, label)| predicted == label);
    right.count() as f64 / labels.len() as f64
}
