use joblib::memoize;

struct Grid {
    side: u64,
}

#[memoize]
fn area(factor: u64, grid: &Grid) -> u64 {
    factor * grid.side
}

fn main() {
    area(1, &Grid { side: 1 });
}
