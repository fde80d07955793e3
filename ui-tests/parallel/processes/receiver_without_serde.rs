use joblib::backend::Processes;
use joblib::parallel;

struct Grid(f64);

impl Grid {
    #[parallel]
    fn area(&self, x: f64) -> f64 {
        self.0 * x
    }
}

fn main() {
    let _ = Grid(1.0).area_par([1.0]).backend(Processes);
}
