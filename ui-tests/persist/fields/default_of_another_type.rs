use joblib::Persist;

#[derive(Persist)]
struct Model {
    weights: Vec<f64>,
    #[persist(default = steps)]
    steps: u64,
}

fn steps() -> u32 {
    100
}

fn main() {}
