use joblib::parallel;

struct Grid(f64);

impl Grid {
    #[parallel(shared(self))]
    fn area(&self, x: f64) -> f64 {
        self.0 * x
    }
}

fn main() {
    Grid(1.0).area(1.0);
}
