use joblib::Persist;

#[derive(Persist)]
struct Model<'a> {
    weights: &'a [f64],
    name: &'a str,
}

fn main() {}
