use joblib::Persist;

#[derive(Persist)]
struct Old {
    side: u32,
}

#[derive(Persist)]
#[persist(from = Old)]
struct Model {
    side: u64,
    height: u64,
}

fn main() {}
