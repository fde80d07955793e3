use joblib::memoize;

#[memoize]
fn shown(x: u64) -> Box<dyn std::fmt::Display> {
    Box::new(x)
}

fn main() {
    shown(1).to_string();
}
