use joblib::memoize;

struct Grid {
    side: u64,
}

#[memoize]
fn area(grids: Vec<Grid>) -> u64 {
    grids[0].side
}

fn main() {
    area(vec![]);
}
