use joblib::backend::Processes;
use joblib::parallel;

#[parallel(instantiate(f32, f64))]
fn double<T: Into<f64>>(x: T) -> f64 {
    2.0 * x.into()
}

fn main() {
    let _ = double::par([1_u8]).backend(Processes);
}
