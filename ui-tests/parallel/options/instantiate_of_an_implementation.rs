use joblib::parallel;

#[parallel(instantiate(f32))]
fn double(x: impl Into<f64>) -> f64 {
    2.0 * x.into()
}

fn main() {
    double(1.0);
}
