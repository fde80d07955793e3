use joblib::Persist;

#[derive(Persist)]
struct Model {
    #[persist(compress = zstd)]
    weights: Vec<f64>,
    #[persist(compress = 3)]
    bias: Vec<f64>,
}

fn main() {}
