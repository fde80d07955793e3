use joblib::Persist;

#[derive(Persist)]
struct Model {
    #[persist(compress = "zstd:23")]
    weights: Vec<f64>,
}

fn main() {}
