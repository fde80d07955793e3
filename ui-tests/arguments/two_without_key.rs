use joblib::memoize;

struct Grid {
    side: u64,
}

struct Unit(u64);

#[memoize]
fn area(grid: &Grid, unit: Unit) -> u64 {
    unit.0 * grid.side
}

fn main() {
    area(&Grid { side: 1 }, Unit(1));
}
