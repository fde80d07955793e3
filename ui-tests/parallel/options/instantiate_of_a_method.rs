use joblib::parallel;

struct Grid(f64);

impl Grid {
    #[parallel(instantiate(f32))]
    fn area<T: Into<f64>>(&self, x: T) -> f64 {
        self.0 * x.into()
    }
}

fn main() {
    Grid(1.0).area(1.0);
}
