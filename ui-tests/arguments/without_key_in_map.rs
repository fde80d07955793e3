use std::collections::HashMap;

use joblib::memoize;

struct Grid {
    side: u64,
}

#[memoize]
fn area(grids: &HashMap<String, Grid>) -> u64 {
    grids["first"].side
}

fn main() {
    area(&HashMap::new());
}
