use joblib::Persist;

struct Grid {
    side: u64,
}

#[derive(Persist)]
struct Model {
    weights: Vec<f64>,
    grid: Grid,
}

fn main() {}
