use joblib::memoize;

#[memoize(
    dir = 7,
    directory = ".cache",
    expires = "soon"
    version = -1,
    ignore(verbos, 3),
    mmap,
    compress = "zstd",
)]
fn slow<'a>(x: &'a mut u64, f: impl Fn(u64) -> u64, verbose: bool) -> &'a u64 {
    *x = if verbose { f(*x) } else { 0 };
    x
}

fn main() {
    slow(&mut 1, |x| x, true);
}
