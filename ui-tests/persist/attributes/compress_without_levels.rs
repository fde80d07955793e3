use joblib::Persist;

#[derive(Persist)]
struct Model {
    #[persist(compress = "lz4:3")]
    weights: Vec<f64>,
}

fn main() {}
