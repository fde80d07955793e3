//! Attributes that `macro_rules!` macros generate from their input.

use joblib::{Entry, Memory, memoize};

static CACHE: Memory = Memory::new("../target/ui-cache");

fn is_fresh(_: &Entry) -> bool {
    true
}

fn is_good(value: &u64) -> bool {
    *value > 0
}

#[joblib::track]
fn step(x: u64) -> u64 {
    x + 1
}

macro_rules! with_text {
    ($name:ident, $dir:literal, $version:expr, $scope:literal, $age:literal, $tier:literal) => {
        #[memoize(dir = $dir, version = $version, scope = $scope, expires = $age, memory_tier = $tier)]
        fn $name(x: u64) -> u64 {
            x
        }
    };
}

macro_rules! with_paths {
    ($name:ident, $crate_:path, $memory:path, $valid:path, $keep:path, $on:path) => {
        #[memoize(crate = $crate_, memory = $memory, validate = $valid, cache_if = $keep, depends($on))]
        fn $name(x: u64) -> u64 {
            step(x)
        }
    };
}

macro_rules! with_parts {
    ($(#[$attr:meta])* $vis:vis $name:ident($argument:ident: $ty:ty) -> $output:ty $body:block $option:meta) => {
        $(#[$attr])*
        #[memoize(dir = "../target/ui-cache", $option)]
        $vis fn $name($argument: $ty) -> $output $body
    };
}

macro_rules! whole {
    ($item:item) => {
        #[memoize(dir = "../target/ui-cache")]
        $item
    };
}

with_text!(text, "../target/ui-cache", 3, "function", "7d", "1MiB");
with_text!(off, "../target/ui-cache", 4, "crate", "1h", false);
with_paths!(paths, ::joblib, CACHE, is_fresh, is_good, step);
with_parts!(
    /// A function with its body from the input of the macro.
    pub(crate) parts(x: &[u64]) -> Vec<u64> { x.to_vec() } version = 2
);
whole!(
    fn item(x: u64) -> u64 {
        x
    }
);

fn main() {
    assert_eq!(text(1) + off(1) + item(1), 3);
    assert_eq!(paths(1), 2);
    assert_eq!(parts(&[1]), [1]);
    assert!(text::check(1) && off::check(1) && item::check(1));
    assert!(paths::check(1) && parts::check(&[1]));
}
