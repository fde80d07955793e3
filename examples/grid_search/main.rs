//! A grid search that never computes anything twice.
//!
//! Cross-validates a classifier of handwritten digits over a grid of
//! settings. Preparing the features, training and scoring are memoized, each
//! on its own; everything between them is plain Rust. Run it twice: the second
//! run computes nothing. Change a helper, say `gaussian` in `kernel.rs`: what
//! reaches it is computed again, the features are not. Undo the change, and
//! the old results answer.

mod data;
mod features;
mod kernel;
mod matrix;
mod model;
mod report;
mod scoring;

use std::error::Error;
use std::time::Instant;

use data::Digits;
use features::prepare;
use model::{Training, train};
use scoring::score;

/// How many parts the data is split into; each is the test part once.
const FOLDS: usize = 5;

/// One point of the grid.
#[derive(Clone, Copy)]
struct Setting {
    components: usize,
    training: Training,
}

fn main() -> Result<(), Box<dyn Error>> {
    let start = Instant::now();
    let digits = Digits::read(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/examples/data/digits.csv"
    ))?;

    let (best, accuracy) = grid()
        .map(|setting| (setting, cross_validate(&digits, setting)))
        .max_by(|(_, a), (_, b)| a.total_cmp(b))
        .ok_or("the grid is empty")?;

    report::best(&best, accuracy);
    report::functions(&[
        ("prepare", prepare::stats()),
        ("train", train::stats()),
        ("score", score::stats()),
    ]);
    println!(
        "{} settings x {FOLDS} folds in {:.2?}",
        grid().count(),
        start.elapsed()
    );
    Ok(())
}

/// Every combination of the values worth trying.
fn grid() -> impl Iterator<Item = Setting> {
    let components = [16, 24, 32];
    let widths = [4.0, 8.0, 16.0];
    let ridges = [0.001, 0.1];
    components.into_iter().flat_map(move |components| {
        widths.into_iter().flat_map(move |width| {
            ridges.into_iter().map(move |ridge| Setting {
                components,
                training: Training { width, ridge },
            })
        })
    })
}

/// The mean accuracy of a setting over all folds.
fn cross_validate(digits: &Digits, setting: Setting) -> f64 {
    let accuracies = (0..FOLDS).map(|fold| {
        let split = digits.split(fold, FOLDS);
        let features = prepare(&split.train.pixels, &split.test.pixels, setting.components);
        let model = train(&features.train, &split.train.labels, setting.training);
        score(&model, &features.test, &split.test.labels)
    });
    accuracies.sum::<f64>() / FOLDS as f64
}
