use joblib::memoize;

struct Area(u64);

fn side(area: Area) -> u64 {
    area.0
}

#[memoize(store(to = side, from = Area))]
fn area(length: u64) -> Area {
    Area(length)
}

fn main() {}
