use joblib::Persist;

#[derive(Persist)]
struct Meters(#[persist(rename = "meters")] f64);

fn main() {}
