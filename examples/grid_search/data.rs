//! The digits: reads them from CSV and splits them into folds.

use std::error::Error;
use std::fs;

use joblib::Persist;
use ndarray::{Array2, Axis};

/// The number of pixels of one digit, 8 x 8.
const PIXELS: usize = 64;

/// Images and their labels, row by row.
#[derive(Persist)]
pub(crate) struct Digits {
    pub(crate) pixels: Array2<f64>,
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
        let (mut pixels, mut labels) = (Vec::new(), Vec::new());
        for (index, line) in text.lines().enumerate().skip(1) {
            let (row, label) = parse(line)
                .ok_or_else(|| format!("{path}:{}: invalid digit: {line}", index + 1))?;
            pixels.extend(row);
            labels.push(label);
        }
        let pixels = Array2::from_shape_vec((labels.len(), PIXELS), pixels)?;
        Ok(Self { pixels, labels })
    }

    /// Splits the digits: every `folds`-th one, starting at `fold`, is for testing.
    pub(crate) fn split(&self, fold: usize, folds: usize) -> Split {
        let indices = 0..self.labels.len();
        let (test, train): (Vec<_>, Vec<_>) = indices.partition(|index| index % folds == fold);
        Split {
            train: self.select(&train),
            test: self.select(&test),
        }
    }

    fn select(&self, indices: &[usize]) -> Self {
        Self {
            pixels: self.pixels.select(Axis(0), indices),
            labels: indices.iter().map(|&index| self.labels[index]).collect(),
        }
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
