//! From pixels to digits: the classifier that a search saves to a file.

use joblib::{Persist, memoize};
use serde::{Deserialize, Serialize};

use crate::data::Digits;
use crate::features::Projection;
use crate::matrix::Matrix;
use crate::model::{Model, Training, train};

/// Everything that is needed to classify a digit by its pixels.
#[derive(Serialize, Deserialize, Persist)]
pub(crate) struct Classifier {
    pub(crate) projection: Projection,
    pub(crate) model: Model,
}

/// Trains a classifier on all digits.
#[memoize(dir = ".cache")]
pub(crate) fn fit(
    pixels: &Matrix,
    labels: &[u8],
    components: usize,
    training: Training,
) -> Classifier {
    let projection = Projection::of(pixels, components);
    let features = projection.apply_to_all(pixels);
    let model = train::uncached(&features, labels, training);
    Classifier { projection, model }
}

impl Classifier {
    pub(crate) fn classify(&self, pixels: &[f64]) -> u8 {
        self.model.classify(&self.projection.apply(pixels))
    }
}

/// Summarizes the predictions for the digits in one line. Two classifiers have the same
/// line only if they predict the same for each digit.
pub(crate) fn predictions(digits: &Digits, classify: impl Fn(&[f64]) -> u8) -> String {
    let predicted: Vec<u8> = digits.pixels.rows().map(classify).collect();
    let pairs = predicted.iter().zip(&digits.labels);
    let right = pairs
        .filter(|(predicted, label)| predicted == label)
        .count();
    let hash = joblib::hash(&predicted);
    format!("predictions: {right} of {} right, {hash}", predicted.len())
}
