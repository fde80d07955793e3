use joblib::Persist;

#[derive(Persist)]
#[persist(from = Old)]
struct Model {
    side: u64,
}

fn main() {}
