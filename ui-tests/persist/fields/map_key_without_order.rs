use std::collections::BTreeMap;

use joblib::Persist;

#[derive(Persist, PartialEq, Eq, Hash)]
struct Name(String);

#[derive(Persist)]
struct Model {
    by_name: BTreeMap<Name, f64>,
}

fn main() {}
