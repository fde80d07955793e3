//! Classification with the arrays of a mapped file.

use ndarray::Array2;

use crate::classifier::ClassifierView;
use crate::features::scaled;
use crate::model::classify;

impl ClassifierView<'_> {
    /// Classifies as the classifier does, with its arrays borrowed from the mapped
    /// file.
    pub(crate) fn classify(&self, pixels: &Array2<f64>) -> Vec<u8> {
        let Self { projection, model } = self;
        let scaled = scaled(pixels.view(), projection.mean, projection.deviation);
        let features = scaled.dot(&projection.axes);
        classify(features.view(), model.points, model.weights, model.width)
    }
}
