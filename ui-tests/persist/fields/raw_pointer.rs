use joblib::Persist;

#[derive(Persist)]
struct Model {
    weights: *const f64,
}

fn main() {}
