use joblib::backend::Processes;
use joblib::parallel;
use rayon::prelude::*;

#[parallel]
fn square(x: u64) -> u64 {
    x * x
}

fn main() {
    let _: Vec<u64> = square::par(0..3).backend(Processes).into_par_iter().collect();
}
