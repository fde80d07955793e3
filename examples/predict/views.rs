//! Classification with the arrays of a mapped file.

use crate::classifier::ClassifierView;
use crate::features::{ProjectionView, coordinates, scaled};
use crate::kernel::likeness;
use crate::matrix::MatrixView;
use crate::model::{ModelView, class};

impl ClassifierView<'_> {
    /// Classifies as the classifier does, with its arrays borrowed from the mapped
    /// file.
    pub(crate) fn classify(&self, pixels: &[f64]) -> u8 {
        self.model.classify(&self.projection.apply(pixels))
    }
}

impl ProjectionView<'_> {
    pub(crate) fn apply(&self, row: &[f64]) -> Vec<f64> {
        let scaled = scaled(row, self.scale.mean, self.scale.deviation);
        coordinates(&scaled, self.axes.rows())
    }
}

impl ModelView<'_> {
    /// Classifies as the model does.
    pub(crate) fn classify(&self, point: &[f64]) -> u8 {
        let likeness = likeness(point, self.points.rows(), self.width);
        class(&likeness, self.weights.rows())
    }
}

impl MatrixView<'_> {
    pub(crate) fn rows(&self) -> impl Iterator<Item = &[f64]> {
        self.values.chunks_exact(self.columns)
    }
}
