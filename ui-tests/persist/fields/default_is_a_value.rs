use joblib::Persist;

#[derive(Persist)]
struct Model {
    #[persist(default = 100)]
    steps: u64,
}

fn main() {}
