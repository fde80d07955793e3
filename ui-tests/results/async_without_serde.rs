use joblib::memoize;

struct Area(u64);

#[memoize]
async fn area(side: u64) -> Area {
    Area(side * side)
}

fn main() {
    drop(area(1));
}
