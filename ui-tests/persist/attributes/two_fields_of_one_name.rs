use joblib::Persist;

#[derive(Persist)]
struct Model {
    weights: Vec<f64>,
    #[persist(rename = "weights")]
    values: Vec<f64>,
    #[persist(alias = "weights")]
    numbers: Vec<f64>,
}

fn main() {}
