use joblib::parallel;

trait Area {
    #[parallel]
    fn area(&self) -> f64 {
        1.0
    }
}

struct Grid;

impl Area for Grid {
    #[parallel]
    fn area(&self) -> f64 {
        2.0
    }
}

fn main() {
    Grid.area();
}
