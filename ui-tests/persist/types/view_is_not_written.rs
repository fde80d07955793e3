use joblib::Persist;

#[derive(Persist)]
struct Model {
    weights: Vec<f64>,
}

fn main() {
    let file = joblib::open::<Model>("model.joblib").unwrap();
    file.view().weights[0] = 1.0;
}
