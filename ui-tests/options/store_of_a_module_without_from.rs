use joblib::memoize;

struct Area(u64);

mod side {
    pub fn to(area: &super::Area) -> u64 {
        area.0
    }
}

#[memoize(store = side)]
fn area(length: u64) -> Area {
    Area(length)
}

fn main() {}
