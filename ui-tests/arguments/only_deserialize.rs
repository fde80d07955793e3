use joblib::memoize;

#[derive(serde::Deserialize)]
struct Grid {
    side: u64,
}

#[memoize]
fn area(grid: &Grid) -> u64 {
    grid.side
}

fn main() {
    area(&Grid { side: 1 });
}
