use joblib::memoize;

struct Grid {
    side: u64,
}

#[memoize]
fn area(grid: Option<&Grid>) -> u64 {
    grid.map_or(0, |grid| grid.side)
}

fn main() {
    area(None);
}
