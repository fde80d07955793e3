use joblib::memoize;

struct Area(u64);

fn side(area: &Area) -> u64 {
    area.0
}

fn of_text(side: String) -> Area {
    Area(side.len() as u64)
}

fn maybe(side: u64) -> Option<Area> {
    Some(Area(side))
}

#[memoize(store(to = side, from = of_text))]
fn area(length: u64) -> Area {
    Area(length)
}

#[memoize(store(to = side, from = maybe))]
fn other(length: u64) -> Result<Area, String> {
    Ok(Area(length))
}

fn main() {}
