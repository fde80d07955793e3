use joblib::Persist;

struct Grid {
    side: u64,
}

#[derive(Persist)]
struct Model {
    weights: Vec<f64>,
    #[persist(skip)]
    grid: Grid,
}

fn main() {}
