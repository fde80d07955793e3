//! Memoized functions with every form of argument.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};
use std::path::Path;

use joblib::{Key, memoize};

struct Point {
    x: u64,
    y: u64,
}

impl Key for Point {
    fn feed_type(hasher: &mut joblib::KeyHasher) {
        hasher.nominal(module_path!(), "Point", 0);
    }

    fn feed(&self, hasher: &mut joblib::KeyHasher) {
        (self.x, self.y).feed(hasher);
    }
}

#[memoize(dir = "../target/ui-cache")]
fn patterns(Point { x, y }: Point, (a, mut b): (u64, u64), [first, ..]: [u64; 3], _: u8) -> u64 {
    b += a;
    x + y + b + first
}

#[memoize(dir = "../target/ui-cache")]
fn mutable(mut x: u64, mut words: Vec<String>) -> String {
    x += 1;
    words.push(x.to_string());
    words.join(" ")
}

#[memoize(dir = "../target/ui-cache")]
fn bound(pair @ (x, _): (u64, u64)) -> u64 {
    x + pair.1
}

#[memoize(dir = "../target/ui-cache")]
fn borrowed<'a, 'b: 'a>(
    text: &'a str,
    bytes: &'b [u8],
    path: &Path,
    cow: Cow<'_, str>,
    map: &HashMap<String, BTreeMap<u8, Option<&'a str>>>,
) -> usize {
    text.len() + bytes.len() + path.as_os_str().len() + cow.len() + map.len()
}

#[memoize(dir = "../target/ui-cache")]
fn implementation(x: impl Key + Into<u64>, y: &(impl Key + ?Sized), z: &[impl Key]) -> u64 {
    let _ = y;
    x.into() + z.len() as u64
}

#[memoize(dir = "../target/ui-cache")]
fn parameters<T, const N: usize>(x: [T; N], y: &T) -> usize
where
    T: Key + PartialEq,
{
    x.iter().filter(|x| *x == y).count()
}

#[memoize(dir = "../target/ui-cache")]
fn constant<const N: usize, T: Key + Default>() -> usize {
    N
}

#[memoize(dir = "../target/ui-cache", ignore(f, out))]
fn ignored<F: Fn(u64) -> u64>(x: u64, f: F, out: &mut Vec<u64>) -> u64 {
    out.push(x);
    f(x)
}

#[memoize(dir = "../target/ui-cache", key(f = f(1), data = data.len()))]
fn keyed(f: impl Fn(u64) -> u64, data: Vec<u64>) -> u64 {
    f(data[0])
}

#[memoize(dir = "../target/ui-cache")]
#[allow(deprecated)]
fn nothing() {}

#[allow(clippy::too_many_arguments)]
#[memoize(dir = "../target/ui-cache")]
fn twelve(
    a: u8,
    b: u16,
    c: u32,
    d: u64,
    e: u128,
    f: f32,
    g: f64,
    h: bool,
    i: char,
    j: &str,
    k: String,
    l: (),
) -> String {
    format!("{a}{b}{c}{d}{e}{f}{g}{h}{i}{j}{k}{l:?}")
}

fn main() {
    assert_eq!(patterns(Point { x: 1, y: 2 }, (3, 4), [5, 6, 7], 0), 15);
    assert!(patterns::check(Point { x: 1, y: 2 }, (3, 4), [5, 6, 7], 0));
    assert_eq!(mutable(1, vec!["a".into()]), "a 2");
    assert_eq!(bound((1, 2)), 3);
    let map = HashMap::new();
    assert_eq!(borrowed("a", b"b", Path::new("c"), "d".into(), &map), 4);
    assert_eq!(implementation(1u8, "a", &[1, 2]), 3);
    assert_eq!(parameters([1, 2, 1], &1), 2);
    assert!(parameters::check([1, 2, 1], &1));
    assert_eq!(constant::<3, u8>(), 3);
    assert!(!constant::check::<4, u8>());
    assert_eq!(ignored(1, |x| x + 1, &mut vec![]), 2);
    assert_eq!(keyed(|x| x + 1, vec![1]), 2);
    nothing();
    assert!(nothing::check());
    twelve(1, 2, 3, 4, 5, 6.0, 7.0, true, 'i', "j", "k".into(), ());
}
