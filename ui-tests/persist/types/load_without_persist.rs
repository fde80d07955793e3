struct Model {
    weights: Vec<f64>,
}

fn main() {
    let _ = joblib::load::<Model>("model.joblib");
}
