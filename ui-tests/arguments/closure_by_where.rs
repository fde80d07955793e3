use joblib::memoize;

#[memoize]
fn apply<F>(x: u64, f: &F) -> u64
where
    F: Fn(u64) -> u64,
{
    f(x)
}

fn main() {
    apply(1, &|x| x);
}
