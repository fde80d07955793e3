use joblib::memoize;

#[memoize]
fn apply(f: Box<dyn Fn(u64) -> u64>) -> u64 {
    f(1)
}

fn main() {
    apply(Box::new(|x| x));
}
