use joblib::Persist;

#[derive(Persist)]
#[persist(crate, view)]
#[persist(write_only = true, rename = "m", compressed, skip)]
#[persist(from)]
struct Model {
    weights: Vec<f64>,
}

fn main() {}
