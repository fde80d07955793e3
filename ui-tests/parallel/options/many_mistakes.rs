use joblib::parallel;

#[parallel(
    shared,
    shared(x, y)
    name = "",
    instantiate(),
    crate = "joblib",
    n_jobs = 4,
    3,
)]
fn score(x: f64, data: &mut [f64]) -> f64 {
    x * data[0]
}

fn main() {
    score(1.0, &mut [2.0]);
}
