use joblib::Persist;

#[derive(Persist)]
struct Old {
    side: u64,
}

#[derive(Persist)]
#[persist(write_only, from = Old)]
struct Model {
    side: u64,
}

fn main() {}
