use joblib::parallel;

#[parallel(instantiate(3))]
fn double<T: Into<f64>>(x: T) -> f64 {
    2.0 * x.into()
}

fn main() {
    double(1.0);
}
