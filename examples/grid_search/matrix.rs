//! A matrix of rows, with only what the example needs.

use joblib::Persist;
use serde::{Deserialize, Serialize};

/// Rows of equal length, stored contiguously.
#[derive(Clone, Serialize, Deserialize, Persist)]
pub(crate) struct Matrix {
    pub(crate) columns: usize,
    pub(crate) values: Vec<f64>,
}

impl Matrix {
    /// Creates a matrix without rows.
    pub(crate) fn empty(columns: usize) -> Self {
        Self {
            columns,
            values: Vec::new(),
        }
    }

    /// Creates a matrix with `rows` rows of zeros.
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
            "the length of a row must equal the number of columns"
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

    /// Returns the rows before `index`, and the row at `index` mutably.
    pub(crate) fn split_at_row(&mut self, index: usize) -> (&[f64], &mut [f64]) {
        let (before, rest) = self.values.split_at_mut(index * self.columns);
        (before, &mut rest[..self.columns])
    }
}

/// Returns the sum of the products. It uses eight accumulators, so that the compiler
/// can vectorize the loop.
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
