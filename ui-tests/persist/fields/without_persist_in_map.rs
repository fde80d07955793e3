use std::collections::HashMap;

use joblib::Persist;

struct Grid {
    side: u64,
}

#[derive(Persist)]
struct Model {
    grids: HashMap<String, Grid>,
}

fn main() {}
