use joblib::Persist;

#[derive(Persist)]
struct Pair(#[persist(default)] u8, u8);

fn main() {}
