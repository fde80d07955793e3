//! Classifies the digits with a classifier from a file that `grid_search` saved: `cargo
//! run --release --example predict model.joblib`.
//!
//! The file is memory-mapped, and the arrays of the classifier are used without a copy.
//! The last line of the output is the one that `grid_search` printed.

#[path = "../grid_search/cholesky.rs"]
mod cholesky;
#[path = "../grid_search/classifier.rs"]
#[expect(dead_code, reason = "the search learns")]
mod classifier;
#[path = "../grid_search/data.rs"]
#[expect(dead_code, reason = "the search splits the digits")]
mod data;
#[path = "../grid_search/features.rs"]
mod features;
#[path = "../grid_search/model.rs"]
mod model;
mod views;

use std::error::Error;
use std::process::ExitCode;

use classifier::{Classifier, predictions};
use data::Digits;

fn main() -> ExitCode {
    match predict() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("predict: {error}");
            ExitCode::FAILURE
        }
    }
}

fn predict() -> Result<(), Box<dyn Error>> {
    let path = std::env::args()
        .nth(1)
        .ok_or("usage: predict model.joblib")?;
    let file = joblib::open::<Classifier>(path)?;
    let digits = Digits::read(concat!(env!("CARGO_MANIFEST_DIR"), "/data/digits.csv"))?;
    file.verify()?;
    let classifier = file.view();
    println!(
        "{}",
        predictions(&digits.labels, &classifier.classify(&digits.pixels))
    );
    Ok(())
}
