//! A memoized function is called like the plain function and computes once per key.

use std::sync::atomic::{AtomicU32, Ordering};

use joblib::{Memory, memoize};

#[memoize(dir = "target/test-cache/memoize")]
fn slow(x: f64, data: &[f64], verbose: bool) -> f64 {
    let _ = verbose;
    x + data.iter().sum::<f64>()
}

#[test]
fn hits_equal_the_computation() {
    slow::clear();
    let data = [1.0, 2.0];
    assert!(!slow::check(1.0, &data, true));
    assert_eq!(slow(1.0, &data, true), 4.0);
    assert!(slow::check(1.0, &data, true));
    assert_eq!(slow(1.0, &data, true), 4.0);
    assert_eq!(slow::shelve(1.0, &data, true).get().unwrap(), 4.0);
    assert_eq!(slow::recompute(1.0, &data, true), 4.0);
    assert_eq!(slow::uncached(1.0, &data, true), 4.0);
    assert!(slow::forget(1.0, &data, true));
    assert!(!slow::check(1.0, &data, true));
    assert_eq!(slow::key(1.0, &data, true).to_string().len(), 32);
    println!("{}", slow::stats());
}

struct Grid {
    side: u64,
}

static CALLS: AtomicU32 = AtomicU32::new(0);

impl joblib::Key for Grid {
    fn feed_type(hasher: &mut joblib::KeyHasher) {
        hasher.nominal(module_path!(), "Grid", 0);
    }
    fn feed(&self, hasher: &mut joblib::KeyHasher) {
        self.side.feed(hasher);
    }
}

static RESULTS: Memory = Memory::new("target/test-cache/methods").limit_bytes(1 << 30);

impl Grid {
    #[memoize(memory = RESULTS)]
    fn area(&self, factor: &u64) -> u64 {
        CALLS.fetch_add(1, Ordering::Relaxed);
        self.side * self.side * factor
    }
}

#[test]
fn methods_have_a_handle() {
    let grid = Grid { side: 3 };
    Grid::area_memo().clear();
    assert_eq!(grid.area(&2), 18);
    assert_eq!(grid.area(&2), 18);
    assert_eq!(CALLS.load(Ordering::Relaxed), 1);
    assert!(Grid::area_memo().check(&grid, &2));
    assert!(Grid::area_memo().forget(&grid, &2));
    assert_eq!(Grid::area_memo().recompute(&grid, &2), 18);
    assert_eq!(Grid::area_memo().stats().misses, 2);
}

#[memoize(dir = "target/test-cache/memoize")]
fn parse(text: String) -> Result<u32, std::num::ParseIntError> {
    text.parse()
}

#[test]
fn only_ok_is_stored() {
    parse::clear();
    assert_eq!(parse("12".into()), Ok(12));
    assert!(parse::check("12".into()));
    assert!(parse("x".into()).is_err());
    assert!(!parse::check("x".into()));
    assert!(parse::shelve("x".into()).get().unwrap().is_err());
}

#[memoize(dir = "target/test-cache/memoize")]
fn total<T: joblib::Key + Copy + Into<f64>>(values: &[T]) -> f64 {
    values.iter().map(|value| (*value).into()).sum()
}

#[test]
fn generic_functions_keep_types_apart() {
    total::clear();
    assert_eq!(total(&[1.0f32, 2.0]), 3.0);
    assert!(total::check(&[1.0f32, 2.0]));
    assert!(!total::check(&[1.0f64, 2.0]));
}
