use joblib::Persist;

#[derive(Persist)]
struct Model {
    #[persist(compress = "zip")]
    weights: Vec<f64>,
}

fn main() {}
