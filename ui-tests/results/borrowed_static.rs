use joblib::memoize;

#[memoize]
fn name(x: u64) -> &'static str {
    if x == 0 { "zero" } else { "more" }
}

fn main() {
    name(1);
}
