use joblib::memoize;

#[memoize]
fn choose(x: u64) -> fn(u64) -> u64 {
    if x == 0 { |x| x } else { |x| x + 1 }
}

fn main() {
    choose(1)(2);
}
