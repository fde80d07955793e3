use joblib::parallel;

#[parallel(instantiate(f32, (f64, u8, u8)))]
fn pair<T: Into<f64>, U: Into<f64>>(x: T, y: U) -> f64 {
    x.into() + y.into()
}

fn main() {
    pair(1.0, 2.0);
}
