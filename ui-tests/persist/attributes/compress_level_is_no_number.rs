use joblib::Persist;

#[derive(Persist)]
struct Model {
    #[persist(compress = "zstd:best")]
    weights: Vec<f64>,
}

fn main() {}
