use joblib::parallel;

struct Grid(f64);

impl Grid {
    #[parallel]
    fn grow(&mut self, x: f64) {
        self.0 += x;
    }
}

fn main() {
    Grid(1.0).grow(1.0);
}
