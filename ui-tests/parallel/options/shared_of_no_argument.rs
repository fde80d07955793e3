use joblib::parallel;

#[parallel(shared(dat))]
fn score(x: f64, data: &[f64]) -> f64 {
    x * data[0]
}

fn main() {
    score(1.0, &[2.0]);
}
