use joblib::memoize;

#[derive(serde::Deserialize)]
struct Area(u64);

#[memoize]
fn area(side: u64) -> Area {
    Area(side * side)
}

fn main() {
    area(1).0;
}
