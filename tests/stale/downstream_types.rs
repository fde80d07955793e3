//! Cases where callers choose types of crates further up for functions of a crate
//! below. The compilation of the lower crate does not see the impls of such types.

use crate::case::{Case, Files, case, edit};

pub(crate) fn cases() -> Vec<Case> {
    vec![
        case(
            "code of a type from further up counts, behind a bound",
            &["below::f(&Up, 3)", "below::g(&Up, 3)", "below::own(3)"],
            UP,
        )
        .needs("below", BELOW)
        .edit("src/main.rs", "{ 10 }", "{ 20 }", &["below::f", "below::g"]),
        case(
            "code of a type from further up counts, within another type",
            &["below::f(&Some(&Up), 3)", "below::f_of(&[Up], 3)"],
            UP,
        )
        .needs("below", BELOW)
        .edit(
            "src/main.rs",
            "{ 10 }",
            "{ 20 }",
            &["below::f", "below::f_of"],
        ),
        case(
            "code of a type from further up counts, behind a trait object",
            &["below::f(&up(), 3)", "below::own(3)"],
            OBJECT,
        )
        .needs("below", BELOW)
        .edit("src/main.rs", "{ 10 }", "{ 20 }", &["below::f"]),
        case(
            "code of a type from further up counts, around a method",
            &["sum(3)", "provided(3)"],
            METHODS,
        )
        .needs("below", BELOW)
        .step(edit("src/main.rs", "{ 10 }", "{ 20 }").changes(&["sum", "provided"])),
        case(
            "a bound of a trait that has the name of a marker trait counts",
            &["below::keyed(&Up, 3)", "below::sent(&Up, 3)"],
            "
struct Up;
fn ten() -> i64 { 10 }
impl below::traits::Key for Up { fn step(&self) -> i64 { ten() } }
impl below::traits::Sync for Up { fn step(&self) -> i64 { ten() } }
",
        )
        .needs("below", BELOW)
        .edit(
            "src/main.rs",
            "{ 10 }",
            "{ 20 }",
            &["below::keyed", "below::sent"],
        ),
        case(
            "types of a program count for functions of its library",
            &["app::f(&Up, 3)", "app::g(&app::Mine, 3)"],
            "
struct Up;
impl app::Step for Up { fn step(&self) -> i64 { 10 } }
",
        )
        .file("src/lib.rs", LIBRARY)
        .edit("src/main.rs", "{ 10 }", "{ 20 }", &["app::f"]),
        case(
            "types from below and of the crate itself keep their answers",
            &[
                "below::f(&below::Mine, 3)",
                "below::f_of(&[1.5_f64], 3)",
                "below::kept(&Up, 3)",
            ],
            "
#[derive(Clone, joblib::Key)] struct Up;
fn other() -> i64 { 10 }
",
        )
        .needs("below", BELOW)
        .edit("src/main.rs", "{ 10 }", "{ 20 }", &[]),
    ]
}

const BELOW: Files = &[
    (
        "below/Cargo.toml",
        "[dependencies]\njoblib = { path = \"$JOBLIB\", default-features = false }\n",
    ),
    (
        "below/src/lib.rs",
        "
use joblib::{Key, memoize};

pub trait Step {
    fn step(&self) -> i64;
    #[memoize(ignore(self))]
    fn provided(&self, x: i64) -> i64 { self.step() + x }
}
impl<T: Step> Step for Option<&T> { fn step(&self) -> i64 { self.map_or(0, T::step) } }
impl<T: Step> Step for [T; 1] { fn step(&self) -> i64 { self[0].step() } }
impl Step for f64 { fn step(&self) -> i64 { 2 } }

pub struct Mine;
impl Step for Mine { fn step(&self) -> i64 { 1 } }

#[memoize(ignore(s))]
pub fn f<T: Step>(s: &T, x: i64) -> i64 { s.step() + x }
#[memoize(ignore(s))]
pub fn f_of<T>(s: &[T; 1], x: i64) -> i64 where [T; 1]: Step { s.step() + x }
#[memoize(ignore(s))]
pub fn g(s: &impl Step, x: i64) -> i64 { s.step() + x }
#[memoize]
pub fn own(x: i64) -> i64 { f::uncached(&Mine, x) }
#[memoize]
pub fn kept<T: Key + Clone>(value: &T, x: i64) -> i64 { value.clone(); x }

pub mod traits {
    pub trait Key { fn step(&self) -> i64; }
    pub trait Sync { fn step(&self) -> i64; }
}
mod named {
    use crate::traits::Key;
    #[joblib::memoize(ignore(s))]
    pub fn keyed<T: Key>(s: &T, x: i64) -> i64 { s.step() + x }
}
pub use named::keyed;
#[memoize(ignore(s))]
pub fn sent<T: traits::Sync>(s: &T, x: i64) -> i64 { s.step() + x }

impl Step for Box<dyn Step> { fn step(&self) -> i64 { (**self).step() } }

pub struct Sum<T>(pub T);
impl<T: Step> Sum<T> {
    #[memoize(ignore(self))]
    pub fn sum(&self, x: i64) -> i64 { self.0.step() + x }
}
",
    ),
];

const UP: &str = "
struct Up;
impl below::Step for Up { fn step(&self) -> i64 { 10 } }
";

const OBJECT: &str = "
struct Up;
impl below::Step for Up { fn step(&self) -> i64 { 10 } }
fn up() -> Box<dyn below::Step> { Box::new(Up) }
";

const METHODS: &str = "
use below::{Step, Sum};
struct Up;
impl Step for Up { fn step(&self) -> i64 { 10 } }
fn sum(x: i64) -> i64 { Sum(Up).sum(x) }
mod sum {
    use super::*;
    pub fn check(x: i64) -> bool { Sum::<Up>::sum_memo().check(&Sum(Up), x) }
    pub fn uncached(x: i64) -> i64 { Sum::<Up>::sum_memo().uncached(&Sum(Up), x) }
}
fn provided(x: i64) -> i64 { Up.provided(x) }
mod provided {
    use super::*;
    // What a method of a trait has stored, nothing says.
    pub fn check(_: i64) -> bool { false }
    pub fn uncached(x: i64) -> i64 { Up.step() + x }
}
";

const LIBRARY: &str = "
pub trait Step { fn step(&self) -> i64; }
pub struct Mine;
impl Step for Mine { fn step(&self) -> i64 { 1 } }
#[joblib::memoize(ignore(s))]
pub fn f<T: Step>(s: &T, x: i64) -> i64 { s.step() + x }
#[joblib::memoize(ignore(s))]
pub fn g<T: Step>(s: &T, x: i64) -> i64 { s.step() + x }
";
