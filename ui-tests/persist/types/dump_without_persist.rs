struct Model {
    weights: Vec<f64>,
}

fn main() {
    let model = Model { weights: vec![1.0] };
    let _ = joblib::dump(&model, "model.joblib");
}
