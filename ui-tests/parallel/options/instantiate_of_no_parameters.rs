use joblib::parallel;

#[parallel(instantiate(f32, f64))]
fn double(x: f64) -> f64 {
    x + x
}

fn main() {
    double(1.0);
}
