use joblib::memoize;

struct Area(u64);

#[memoize]
fn area(side: u64) -> Result<Area, String> {
    Ok(Area(side * side))
}

fn main() {
    let _ = area(1);
}
