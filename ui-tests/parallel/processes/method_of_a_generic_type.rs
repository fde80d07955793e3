use joblib::backend::Processes;
use joblib::parallel;

struct Of<T>(T);

impl<T: Into<f64> + Clone> Of<T> {
    #[parallel]
    fn area(&self, x: f64) -> f64 {
        self.0.clone().into() * x
    }
}

fn main() {
    let _ = Of(1.0).area_par([1.0]).backend(Processes);
}
