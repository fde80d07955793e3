use joblib::Persist;

#[derive(Persist)]
struct Model<T> {
    item: T,
}

fn written(name: &str) {
    let model = Model { item: name };
    let _ = joblib::dump(&model, "model.joblib");
}

fn main() {}
