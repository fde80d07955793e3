use joblib::backend::Processes;
use joblib::parallel;
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize)]
struct Of<T>(T);

impl<T: Copy + Into<f64>> Of<T> {
    #[parallel(instantiate(f32, f64))]
    fn area(&self, x: f64) -> f64 {
        self.0.into() * x
    }
}

fn main() {
    let _ = Of(1_u8).area_par([1.0]).backend(Processes);
}
