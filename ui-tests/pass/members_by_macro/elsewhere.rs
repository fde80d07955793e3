//! A macro whose calls are in another file, and no impl in sight here.

macro_rules! elsewhere {
    ($name:ident, $k:literal) => {
        #[memoize(dir = "../target/ui-cache")]
        fn $name(x: i64) -> i64 {
            x + $k
        }
    };
}
