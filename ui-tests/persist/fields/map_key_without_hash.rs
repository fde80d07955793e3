use std::collections::HashMap;

use joblib::Persist;

#[derive(Persist)]
struct Name(String);

#[derive(Persist)]
struct Model {
    by_name: HashMap<Name, f64>,
}

fn main() {}
