//! The digits: reads them from CSV and splits them into folds.

use std::error::Error;
use std::fs;

use serde::{Deserialize, Serialize};

use crate::matrix::Matrix;

/// The number of pixels of one digit, 8 x 8.
const PIXELS: usize = 64;

/// Images and their labels, row by row.
#[derive(Serialize, Deserialize)]
pub(crate) struct Digits {
    pub(crate) pixels: Matrix,
    pub(crate) labels: Vec<u8>,
}

/// The digits to train on, and those to test on.
pub(crate) struct Split {
    pub(crate) train: Digits,
    pub(crate) test: Digits,
}

impl Digits {
    /// Reads a file with a header line, and a line with pixels and label for each
    /// digit.
    pub(crate) fn read(path: &str) -> Result<Self, Box<dyn Error>> {
        let text = fs::read_to_string(path).map_err(|error| format!("{path}: {error}"))?;
        let mut digits = Self::empty();
        for (index, line) in text.lines().enumerate().skip(1) {
            let (pixels, label) = parse(line)
                .ok_or_else(|| format!("{path}:{}: invalid digit: {line}", index + 1))?;
            digits.push(&pixels, label);
        }
        Ok(digits)
    }

    /// Splits the digits: every `folds`-th one, starting at `fold`, is for testing.
    pub(crate) fn split(&self, fold: usize, folds: usize) -> Split {
        let (mut train, mut test) = (Self::empty(), Self::empty());
        for (index, (pixels, &label)) in self.pixels.rows().zip(&self.labels).enumerate() {
            let part = if index % folds == fold {
                &mut test
            } else {
                &mut train
            };
            part.push(pixels, label);
        }
        Split { train, test }
    }

    fn empty() -> Self {
        Self {
            pixels: Matrix::empty(PIXELS),
            labels: Vec::new(),
        }
    }

    fn push(&mut self, pixels: &[f64], label: u8) {
        self.pixels.push(pixels);
        self.labels.push(label);
    }
}

fn parse(line: &str) -> Option<(Vec<f64>, u8)> {
    let (pixels, label) = line.rsplit_once(',')?;
    let pixels: Vec<f64> = pixels
        .split(',')
        .map(str::parse)
        .collect::<Result<_, _>>()
        .ok()?;
    (pixels.len() == PIXELS).then_some((pixels, label.parse().ok()?))
}
