use joblib::Persist;

struct Grid {
    side: u64,
}

#[derive(Persist)]
struct Model(Vec<f64>, Grid);

fn main() {}
