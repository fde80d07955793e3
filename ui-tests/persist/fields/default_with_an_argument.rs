use joblib::Persist;

#[derive(Persist)]
struct Model {
    #[persist(default = steps)]
    steps: u64,
}

fn steps(few: bool) -> u64 {
    u64::from(few)
}

fn main() {}
