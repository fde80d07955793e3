//! A matrix of rows, with no more than the example needs.

use joblib::Persist;
use serde::{Deserialize, Serialize};

/// Rows of equal length, one after another.
#[derive(Clone, Serialize, Deserialize, Persist)]
pub(crate) struct Matrix {
    columns: usize,
    values: Vec<f64>,
}

impl Matrix {
    /// No rows yet.
    pub(crate) fn empty(columns: usize) -> Self {
        Self {
            columns,
            values: Vec::new(),
        }
    }

    /// `rows` rows of zeros.
    pub(crate) fn zeros(rows: usize, columns: usize) -> Self {
        Self {
            columns,
            values: vec![0.0; rows * columns],
        }
    }

    pub(crate) fn push(&mut self, row: &[f64]) {
        assert_eq!(
            row.len(),
            self.columns,
            "a row has as many values as there are columns"
        );
        self.values.extend_from_slice(row);
    }

    pub(crate) fn columns(&self) -> usize {
        self.columns
    }

    pub(crate) fn len(&self) -> usize {
        self.values.len() / self.columns
    }

    pub(crate) fn row(&self, index: usize) -> &[f64] {
        &self.values[index * self.columns..][..self.columns]
    }

    pub(crate) fn row_mut(&mut self, index: usize) -> &mut [f64] {
        &mut self.values[index * self.columns..][..self.columns]
    }

    pub(crate) fn rows(&self) -> impl Iterator<Item = &[f64]> {
        self.values.chunks_exact(self.columns)
    }

    /// The rows before `index`, and the row there to be written.
    pub(crate) fn split_at_row(&mut self, index: usize) -> (&[f64], &mut [f64]) {
        let (before, rest) = self.values.split_at_mut(index * self.columns);
        (before, &mut rest[..self.columns])
    }
}

#[allow(dead_code, reason = "for the example `predict`")]
impl MatrixView<'_> {
    pub(crate) fn rows(&self) -> impl Iterator<Item = &[f64]> {
        self.values.chunks_exact(self.columns)
    }
}

/// The sum of the products, in eight strands so that the compiler can use
/// wide instructions.
pub(crate) fn dot(a: &[f64], b: &[f64]) -> f64 {
    let mut strands = [0.0; 8];
    let (a, b) = (a.chunks_exact(8), b.chunks_exact(8));
    let tail: f64 = a
        .remainder()
        .iter()
        .zip(b.remainder())
        .map(|(x, y)| x * y)
        .sum();
    for (a, b) in a.zip(b) {
        for ((strand, x), y) in strands.iter_mut().zip(a).zip(b) {
            *strand += x * y;
        }
    }
    strands.iter().sum::<f64>() + tail
}
