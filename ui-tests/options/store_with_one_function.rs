use joblib::memoize;

struct Area(u64);

fn side(area: &Area) -> u64 {
    area.0
}

#[memoize(store(to = side))]
fn area(side: u64) -> Area {
    Area(side)
}

#[memoize(store = "side")]
fn other(side: u64) -> Area {
    Area(side)
}

fn main() {}
