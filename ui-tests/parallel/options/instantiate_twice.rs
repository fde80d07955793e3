use joblib::parallel;

#[parallel(instantiate(f32, f32))]
fn double<T: Into<f64>>(x: T) -> f64 {
    2.0 * x.into()
}

fn main() {
    double(1.0);
}
