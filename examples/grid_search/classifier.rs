//! From pixels to digits: the classifier that a search saves to a file.

use joblib::{Persist, memoize};
use ndarray::Array2;

use crate::features::Projection;
use crate::model::{Model, Training, train};

/// Everything that is needed to classify a digit by its pixels.
#[derive(Persist)]
pub(crate) struct Classifier {
    pub(crate) projection: Projection,
    pub(crate) model: Model,
}

/// Trains a classifier on all digits.
#[memoize(dir = ".cache")]
pub(crate) fn fit(
    pixels: &Array2<f64>,
    labels: &[u8],
    components: usize,
    training: Training,
) -> Classifier {
    let projection = Projection::of(pixels, components);
    let model = train::uncached(&projection.apply(pixels), labels, training);
    Classifier { projection, model }
}

impl Classifier {
    pub(crate) fn classify(&self, pixels: &Array2<f64>) -> Vec<u8> {
        self.model.classify(self.projection.apply(pixels).view())
    }
}

/// Summarizes predictions in one line, which is the same only for the same predictions.
pub(crate) fn predictions(labels: &[u8], predicted: &[u8]) -> String {
    let pairs = predicted.iter().zip(labels);
    let right = pairs.filter(|(predicted, label)| predicted == label);
    let (right, hash) = (right.count(), joblib::hash(predicted));
    format!("predictions: {right} of {} right, {hash}", labels.len())
}
