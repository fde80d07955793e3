use joblib::memoize;

struct Area(u64);

struct Side(u64);

fn side(area: &Area) -> Side {
    Side(area.0)
}

fn area_of(side: Side) -> Area {
    Area(side.0)
}

#[memoize(store(to = side, from = area_of))]
fn area(length: u64) -> Area {
    Area(length)
}

#[memoize(store(to = side, from = area_of))]
async fn other(length: u64) -> Area {
    Area(length)
}

fn main() {}
