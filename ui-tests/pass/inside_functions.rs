//! Functions inside functions can be memoized.

use joblib::memoize;

#[memoize(dir = "../target/ui-cache")]
fn outer(x: u64) -> u64 {
    #[memoize(dir = "../target/ui-cache")]
    fn inner(x: u64) -> u64 {
        x + 1
    }
    inner(x) + u64::from(inner::check(x))
}

fn main() {
    #[memoize(dir = "../target/ui-cache")]
    fn inner(x: u64) -> u64 {
        x + 2
    }
    assert_eq!(outer(1), 3);
    assert_eq!(inner(1), 3);
    let closure = || {
        #[memoize(dir = "../target/ui-cache")]
        fn inner(x: u64) -> u64 {
            x + 3
        }
        inner(1)
    };
    assert_eq!(closure(), 4);
    inner::clear();
}
