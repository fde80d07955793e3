use joblib::memoize;

struct Area(u64);

#[memoize]
fn areas(side: u64) -> Vec<Area> {
    vec![Area(side * side)]
}

fn main() {
    areas(1);
}
