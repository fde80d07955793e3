use joblib::Persist;

#[derive(Persist)]
struct Model {
    weights: Vec<f64>,
}

fn main() {
    let weights = {
        let file = joblib::open::<Model>("model.joblib").unwrap();
        file.view().weights
    };
    assert_eq!(weights[0], 1.0);
}
