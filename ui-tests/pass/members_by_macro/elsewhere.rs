//! A macro whose calls, and the impls around them, are in another file.

macro_rules! elsewhere {
    ($name:ident, $k:literal) => {
        #[memoize(dir = "../target/ui-cache")]
        fn $name(x: i64) -> i64 {
            x + $k
        }
    };
}
