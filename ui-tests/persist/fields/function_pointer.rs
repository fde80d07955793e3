use joblib::Persist;

#[derive(Persist)]
struct Model {
    kernel: fn(f64) -> f64,
}

fn main() {}
