//! Generated code uses only absolute paths.

#![no_implicit_prelude]

#[derive(::serde::Serialize, ::serde::Deserialize)]
struct Grid {
    side: u64,
}

impl Grid {
    #[::joblib::memoize(dir = "../target/ui-cache")]
    fn area(&self, factor: &[u64]) -> ::std::vec::Vec<u64> {
        ::std::vec![self.side * self.side * factor[0]]
    }

    #[::joblib::memoize(dir = "../target/ui-cache")]
    async fn later(&self) -> u64 {
        self.side
    }
}

trait Later {
    async fn later(&self, x: &[u64]) -> ::std::option::Option<u64>;
}

impl Later for Grid {
    #[::joblib::memoize(dir = "../target/ui-cache")]
    async fn later(&self, x: &[u64]) -> ::std::option::Option<u64> {
        ::std::option::Option::Some(*x.first()?)
    }
}

fn is_good(value: &u64) -> bool {
    *value > 0
}

fn is_fresh(_: &::joblib::Entry) -> bool {
    true
}

fn to(value: &u64) -> ::std::option::Option<u64> {
    ::std::option::Option::Some(*value)
}

fn from(stored: ::std::option::Option<u64>) -> ::std::result::Result<u64, &'static str> {
    stored.ok_or("nothing is stored")
}

#[::joblib::track]
fn step(x: u64) -> u64 {
    x + 1
}

#[::joblib::memoize(
    dir = "../target/ui-cache",
    ignore(verbose),
    key(data = data.len()),
    version = 2,
    scope = "function",
    depends(step),
    name = "slow",
    expires = "7d",
    validate = is_fresh,
    cache_if = is_good,
    store(to = to, from = from),
    compress = "zstd:3",
    memory_tier = "1MiB"
)]
fn slow(x: u64, data: &[u64], verbose: bool) -> u64 {
    if verbose { step(x) } else { data[0] }
}

#[::joblib::memoize(dir = "../target/ui-cache", mmap, memory_tier = false)]
fn checked(x: i64) -> ::std::result::Result<u64, ::std::num::TryFromIntError> {
    ::std::convert::TryInto::try_into(x)
}

#[::joblib::memoize(dir = "../target/ui-cache")]
async fn later<T: ::joblib::Key>(_value: T) -> ::std::option::Option<u64> {
    ::std::option::Option::None
}

fn main() {
    ::std::assert_eq!(slow(1, &[5], true), 2);
    ::std::assert!(slow::check(1, &[6], false));
    ::std::assert_eq!(Grid { side: 2 }.area(&[3]), [12]);
    Grid::area_memo().clear();
    ::std::assert!(checked(-1).is_err());
    ::std::mem::drop(later(1u8));
    ::std::mem::drop(Grid { side: 2 }.later());
    ::std::mem::drop(Later::later(&Grid { side: 2 }, &[]));
    ::std::mem::drop(Grid::later_memo().recompute(&Grid { side: 2 }));
}
