//! A grid search that never computes anything twice.
//!
//! Cross-validates a classifier of handwritten digits over a grid of settings.
//! Preparing the features, training and scoring are separately memoized functions;
//! everything between them is plain Rust. Run it twice: the second run computes
//! nothing. Change a helper, for example `gaussian` in `model.rs`: functions that
//! reach it compute again, the features do not. Undo the change, and the old results
//! are used again.
//!
//! The settings and folds are searched in parallel: `--jobs N` at a time on `--backend
//! threads`, `processes`, `rayon` or `sequential`. The output is the same for each. The search
//! saves a classifier with the best setting to `model.joblib`, for the example
//! `predict`.

mod cholesky;
mod classifier;
mod data;
mod features;
mod model;
mod options;
mod report;
mod scoring;

use std::error::Error;
use std::process::ExitCode;
use std::time::Instant;

use joblib::{Persist, parallel};

use classifier::{fit, predictions};
use data::Digits;
use features::prepare;
use model::{Training, train};
use options::Options;
use scoring::score;

/// The number of parts of the data. Each is the test part once.
const FOLDS: usize = 5;

/// The file of the classifier with the best setting.
const MODEL: &str = "model.joblib";

/// One point of the grid.
#[derive(Clone, Copy, Persist)]
struct Setting {
    components: usize,
    training: Training,
}

#[joblib::main]
fn main() -> ExitCode {
    match search() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("grid_search: {error}");
            ExitCode::FAILURE
        }
    }
}

fn search() -> Result<(), Box<dyn Error>> {
    let start = Instant::now();
    let options = Options::parse(std::env::args().skip(1))?;
    let digits = Digits::read(concat!(env!("CARGO_MANIFEST_DIR"), "/data/digits.csv"))?;

    let settings: Vec<Setting> = grid().collect();
    let accuracies = cross_validate(&settings, &digits, &options)?;
    let (best, accuracy) = settings
        .iter()
        .zip(accuracies)
        .max_by(|(_, a), (_, b)| a.total_cmp(b))
        .ok_or("the grid is empty")?;

    let classifier = fit(
        &digits.pixels,
        &digits.labels,
        best.components,
        best.training,
    );
    joblib::dump(&classifier, MODEL)?;

    report::best(best, accuracy);
    report::functions(&[
        ("prepare", prepare::stats()),
        ("train", train::stats()),
        ("score", score::stats()),
        ("fit", fit::stats()),
    ]);
    println!(
        "{}",
        predictions(&digits.labels, &classifier.classify(&digits.pixels))
    );
    println!(
        "{} settings x {FOLDS} folds in {:.2?}",
        settings.len(),
        start.elapsed()
    );
    Ok(())
}

/// Returns all combinations of the values to try.
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

/// Returns the mean accuracy of each setting over all folds.
fn cross_validate(
    settings: &[Setting],
    digits: &Digits,
    options: &Options,
) -> Result<Vec<f64>, joblib::parallel::Error> {
    let folds = settings
        .iter()
        .flat_map(|&setting| (0..FOLDS).map(move |fold| (setting, fold)));
    let mut call = validate::par(folds, digits).progress("folds");
    if let Some(jobs) = options.jobs {
        call = call.n_jobs(jobs);
    }
    let accuracies: Vec<f64> = match &options.backend {
        Some(name) => call.backend_named(name).try_collect()?,
        None => call.try_collect()?,
    };
    let mean = |folds: &[f64]| folds.iter().sum::<f64>() / FOLDS as f64;
    Ok(accuracies.chunks(FOLDS).map(mean).collect())
}

/// Returns the accuracy of a setting, tested on one part of the digits.
#[parallel(shared(digits))]
fn validate(setting: Setting, fold: usize, digits: &Digits) -> f64 {
    let split = digits.split(fold, FOLDS);
    let features = prepare(&split.train.pixels, &split.test.pixels, setting.components);
    let model = train(&features.train, &split.train.labels, setting.training);
    score(&model, &features.test, &split.test.labels)
}
