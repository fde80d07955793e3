use joblib::Persist;

#[derive(Persist)]
struct Model<'a> {
    names: Vec<&'a str>,
}

fn main() {}
