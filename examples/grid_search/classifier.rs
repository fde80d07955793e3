//! From pixels to digits: what a search ends with and what stays of it, in a
//! file.

use joblib::{Persist, memoize};
use serde::{Deserialize, Serialize};

use crate::data::Digits;
use crate::features::Projection;
use crate::matrix::Matrix;
use crate::model::{Model, Training, train};

/// All it takes to tell a digit by its pixels.
#[derive(Serialize, Deserialize, Persist)]
pub(crate) struct Classifier {
    projection: Projection,
    model: Model,
}

/// Learns from all digits.
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

#[allow(dead_code, reason = "for the example `predict`")]
impl ClassifierView<'_> {
    /// As the classifier does it, with its arrays where they lie in the file.
    pub(crate) fn classify(&self, pixels: &[f64]) -> u8 {
        self.model.classify(&self.projection.apply(pixels))
    }
}

/// What `classify` says of the digits, in one line that two classifiers have
/// in common only if they say the same of each.
pub(crate) fn predictions(digits: &Digits, classify: impl Fn(&[f64]) -> u8) -> String {
    let predicted: Vec<u8> = digits.pixels.rows().map(classify).collect();
    let pairs = predicted.iter().zip(&digits.labels);
    let right = pairs
        .filter(|(predicted, label)| predicted == label)
        .count();
    let hash = joblib::hash(&predicted);
    format!("predictions: {right} of {} right, {hash}", predicted.len())
}
