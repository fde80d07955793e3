use joblib::parallel;

struct Model(f64);

#[parallel(shared(model))]
fn predict(model: Model, x: f64) -> f64 {
    model.0 * x
}

fn main() {
    predict(Model(1.0), 2.0);
}
