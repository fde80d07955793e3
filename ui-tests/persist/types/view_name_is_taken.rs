use joblib::Persist;

#[derive(Persist)]
struct Model {
    weights: Vec<f64>,
}

struct ModelView;

fn main() {}
