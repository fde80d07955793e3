//! Cases where contents are swapped. Programs that are equal as sets of items are still
//! different programs.

use crate::case::{Case, Files, MAIN, case, case_of_f, edit, exchange, variable};
use crate::package_files::Edit;

pub(crate) fn cases() -> Vec<Case> {
    [impls(), items(), macros(), files()]
        .into_iter()
        .flatten()
        .collect()
}

impl Case {
    /// Swaps the only occurrences of `one` and `two` in the program.
    fn swap(self, one: &'static str, two: &'static str, changes: &'static [&'static str]) -> Case {
        self.step(
            edit(MAIN, one, "<one>")
                .and(Edit::Replace(MAIN, two, one))
                .and(Edit::Replace(MAIN, "<one>", two))
                .only(changes),
        )
        .undone()
    }
}

fn impls() -> Vec<Case> {
    vec![
        case_of_f("swapping impls for the type arguments of one type counts", "
struct Scale<T>(T);
trait Eps { const EPS: i64; }
impl Eps for Scale<f32> { const EPS: i64 = 12; }
impl Eps for Scale<f64> { const EPS: i64 = 6; }
#[memoize] fn f(x: i64) -> i64 { Scale::<f32>::EPS + x }
")
        .swap("= 12", "= 6", &["f"]),
        case_of_f("swapping impls for the constant arguments of one type counts", "
struct Grid<const N: usize>;
trait Eps { const EPS: i64; }
impl Eps for Grid<1> { const EPS: i64 = 12; }
impl Eps for Grid<2> { const EPS: i64 = 6; }
#[memoize] fn f(x: i64) -> i64 { Grid::<1>::EPS + x }
")
        .swap("= 12", "= 6", &["f"]),
        case_of_f("swapping inherent impls for the arguments of one type counts", "
struct Cell<T, const N: usize>(T);
impl Cell<u8, 1> { fn eps() -> i64 { 12 } }
impl Cell<u8, 2> { fn eps() -> i64 { 6 } }
impl Cell<u16, 1> { fn eps() -> i64 { 3 } }
#[memoize] fn f(x: i64) -> i64 { Cell::<u8, 1>::eps() * 100 + Cell::<u16, 1>::eps() }
")
        .swap("{ 12 }", "{ 6 }", &["f"])
        .swap("{ 12 }", "{ 3 }", &["f"]),
        case_of_f("swapping impls for the arguments of one trait counts", "
struct Own; struct A; struct B;
trait Conv<T, const N: usize = 0> { fn conv(&self, from: T) -> i64; }
impl Conv<A> for Own { fn conv(&self, _: A) -> i64 { 12 } }
impl Conv<B> for Own { fn conv(&self, _: B) -> i64 { 6 } }
impl Conv<A, 1> for Own { fn conv(&self, _: A) -> i64 { 3 } }
#[memoize] fn f(_: i64) -> i64 { Conv::<A, 0>::conv(&Own, A) * 100 - Conv::<A, 1>::conv(&Own, A) }
")
        .swap("{ 12 }", "{ 6 }", &["f"])
        .swap("{ 12 }", "{ 3 }", &["f"]),
        case_of_f(
            "swapping conversions from two types counts",
            "
struct Own(i64); struct A; struct B;
impl From<A> for Own { fn from(_: A) -> Own { Own(12) } }
impl From<B> for Own { fn from(_: B) -> Own { Own(6) } }
#[memoize] fn f(_: i64) -> i64 { let own: Own = A.into(); own.0 }
",
        )
        .swap("Own(12)", "Own(6)", &["f"]),
        case_of_f("swapping impls for references, tuples, arrays and pointers counts", "
trait Eps { fn eps(&self) -> i64; }
impl Eps for (u8, u16) { fn eps(&self) -> i64 { 1 } }
impl Eps for (u16, u8) { fn eps(&self) -> i64 { 2 } }
impl Eps for [u8; 2] { fn eps(&self) -> i64 { 3 } }
impl Eps for [u8; 3] { fn eps(&self) -> i64 { 4 } }
impl Eps for &u8 { fn eps(&self) -> i64 { 5 } }
impl Eps for u8 { fn eps(&self) -> i64 { 6 } }
impl Eps for fn(u8) -> u16 { fn eps(&self) -> i64 { 7 } }
impl Eps for fn(u16) -> u8 { fn eps(&self) -> i64 { 8 } }
fn narrow(x: u16) -> u8 { x as u8 }
#[memoize] fn f(_: i64) -> i64 {
    let parts = [(1u8, 2u16).eps(), [1u8; 2].eps(), Eps::eps(&&1u8), (narrow as fn(u16) -> u8).eps()];
    parts.iter().fold(0, |sum, part| sum * 10 + part)
}
")
        .swap("{ 1 }", "{ 2 }", &["f"])
        .swap("{ 3 }", "{ 4 }", &["f"])
        .swap("{ 5 }", "{ 6 }", &["f"])
        .swap("{ 7 }", "{ 8 }", &["f"]),
        case_of_f("swapping impls for types of one name in two modules counts", "
trait Eps { fn eps() -> i64; }
mod a { pub struct Own; impl super::Eps for Own { fn eps() -> i64 { 12 } } }
mod b { pub struct Own; impl super::Eps for Own { fn eps() -> i64 { 6 } } }
#[memoize] fn f(x: i64) -> i64 { <a::Own as Eps>::eps() + x }
")
        .swap("{ 12 }", "{ 6 }", &["f"]),
        case_of_f("swapping impls in nameless constants counts", "
trait Eps { fn eps() -> i64; }
struct A; struct B;
const _: () = { const K: i64 = 12; impl Eps for A { fn eps() -> i64 { K } } };
const _: () = { const K: i64 = 6; impl Eps for B { fn eps() -> i64 { K } } };
#[memoize] fn f(x: i64) -> i64 { A::eps() * 100 - B::eps() }
")
        .swap("= 12", "= 6", &["f"]),
    ]
}

fn items() -> Vec<Case> {
    vec![
        case_of_f(
            "swapping modules of one name in two modules counts",
            "
mod a { pub mod k { pub fn run() -> i64 { 12 } } }
mod b { pub mod k { pub fn run() -> i64 { 6 } } }
#[memoize] fn f(x: i64) -> i64 { a::k::run() * 100 - b::k::run() }
",
        )
        .swap("{ 12 }", "{ 6 }", &["f"]),
        case(
            "swapping items of one name in two functions counts",
            &["f(3)", "g(3)"],
            "
fn one() -> i64 { fn inner() -> i64 { 12 } inner() }
fn two() -> i64 { fn inner() -> i64 { 6 } inner() }
fn three() -> i64 { let high = { const K: i64 = 1; K * 100 }; high + { const K: i64 = 2; K } }
#[memoize] fn f(x: i64) -> i64 { one() * 100 - two() }
#[memoize] fn g(x: i64) -> i64 { three() }
",
        )
        .swap("i64 = 1;", "i64 = 2;", &["g"])
        .swap("{ 12 }", "{ 6 }", &["f"]),
        case_of_f(
            "what an import is called counts",
            "
mod a { pub fn run() -> i64 { 12 } }
mod b { pub fn run() -> i64 { 6 } }
use a::run as first;
use b::run as second;
#[memoize] fn f(x: i64) -> i64 { first() * 100 - second() }
",
        )
        .swap("first;", "second;", &["f"]),
        case_of_f(
            "the order of variants and fields counts where a derive compares them",
            "
#[derive(PartialEq, PartialOrd)] enum Level { Low, High }
#[derive(PartialEq, PartialOrd)] struct Pair { a: i64, b: i64 }
#[memoize] fn f(x: i64) -> (bool, bool) {
    (Level::Low < Level::High, Pair { a: 1, b: 2 } < Pair { b: 1, a: 2 })
}
",
        )
        .step(edit(MAIN, "Low, High }", "High, Low }").only(&["f"]))
        .step(edit(MAIN, "a: i64, b: i64", "b: i64, a: i64").only(&["f"]))
        .undone(),
        case_of_f(
            "the order of functions does not count",
            "
fn one() -> i64 { 12 }
fn two() -> i64 { 6 }
#[memoize] fn f(x: i64) -> i64 { one() * 100 - two() }
",
        )
        .swap("fn one() -> i64 { 12 }", "fn two() -> i64 { 6 }", &[]),
        case_of_f(
            "the condition under which a module is there counts",
            "
#[cfg(unix)] mod m { pub fn run() -> i64 { 12 } }
#[cfg(not(unix))] mod m { pub fn run() -> i64 { 6 } }
#[memoize] fn f(x: i64) -> i64 { m::run() }
",
        )
        .swap("cfg(unix)", "cfg(not(unix))", &["f"]),
    ]
}

fn macros() -> Vec<Case> {
    vec![
        case_of_f("the later of two macros of one name counts", "
macro_rules! step { ($x:expr) => { $x + 1 } }
fn early(x: i64) -> i64 { step!(x) }
macro_rules! step { ($x:expr) => { $x + 20 } }
#[memoize] fn f(x: i64) -> i64 { step!(x) }
#[memoize] fn g(x: i64) -> i64 { early(x) }
")
        .swap("$x + 1 ", "$x + 20 ", &["f"]),
        case("a macro that stands before another of its name counts where it did", &["f(3)", "g(3)"], "
macro_rules! step { ($x:expr) => { $x + 1 } }
fn early(x: i64) -> i64 { step!(x) }
macro_rules! step { ($x:expr) => { $x + 20 } }
fn late(x: i64) -> i64 { step!(x) }
#[memoize] fn f(x: i64) -> i64 { early(x) }
#[memoize] fn g(x: i64) -> i64 { late(x) }
")
        .step(edit(MAIN, "$x + 1 ", "$x + 2 ").changes(&["f"]).keeps(&["aside"]))
        .step(edit(MAIN, "$x + 20 ", "$x + 30 ").changes(&["g"]).keeps(&["aside"]))
        .swap("$x + 1 ", "$x + 20 ", &["f", "g"]),
        case_of_f("the place of a function between two macros counts", "
macro_rules! step { ($x:expr) => { $x + 1 } }
fn go(x: i64) -> i64 { step!(x) }
macro_rules! step { ($x:expr) => { $x + 20 } }
fn end() {}
#[memoize] fn f(x: i64) -> i64 { go(x) }
")
        .swap("fn go(x: i64) -> i64 { step!(x) }", "fn end() {}", &["f"]),
        case_of_f("the order of modules with macros counts", "
#[macro_use] mod a { macro_rules! step { ($x:expr) => { $x + 1 } } }
#[macro_use] mod b { macro_rules! step { ($x:expr) => { $x + 20 } } }
#[memoize] fn f(x: i64) -> i64 { step!(x) }
")
        .swap("{ $x + 1 }", "{ $x + 20 }", &["f"]),
        case_of_f("the order of files with macros counts", "
#[macro_use] mod first;
#[macro_use] mod second;
#[memoize] fn f(x: i64) -> i64 { step!(x) }
")
        .file("src/first.rs", "macro_rules! step { ($x:expr) => { $x + 1 } }")
        .file("src/second.rs", "macro_rules! step { ($x:expr) => { $x + 20 } }")
        .swap("mod first;", "mod second;", &["f"])
        .step(exchange("src/first.rs", "src/second.rs").only(&["f"]))
        .undone(),
        case_of_f("the order of crates with macros counts", "
#[macro_use] extern crate one;
#[memoize] fn f(x: i64) -> i64 { step!(x) + one::two::step!(x) }
")
        .needs("one", ONE)
        .needs("two", TWO)
        .step(edit("one/src/lib.rs", "$x + 1 ", "$x + 5 ").only(&["f"]))
        .step(edit("two/src/lib.rs", "$x + 20 ", "$x + 50 ").only(&["f"]))
        .step(
            edit("one/src/lib.rs", "$x + 1 ", "$x + 20 ")
                .and(Edit::Replace("two/src/lib.rs", "$x + 20 ", "$x + 2 "))
                .only(&["f"]),
        )
        .undone(),
        case_of_f("the order of a macro's rules counts", "
macro_rules! step { (x) => { 1 }; ($x:expr) => { 20 }; }
#[memoize] fn f(x: i64) -> i64 { step!(x) }
")
        .swap("(x) => { 1 };", "($x:expr) => { 20 };", &["f"]),
        case_of_f("swapping the arguments of two calls of one macro counts", "
trait Weight { const W: i64; }
macro_rules! weight { ($t:ident $w:literal) => { struct $t; impl Weight for $t { const W: i64 = $w; } } }
weight! { Gold 12 }
weight! { Iron 6 }
#[memoize] fn f(x: i64) -> i64 { Gold::W * 100 - Iron::W }
")
        .step(
            edit(MAIN, "Gold 12", "Gold 6")
                .and(Edit::Replace(MAIN, "Iron 6", "Iron 12"))
                .changes(&["f"]),
        )
        .undone(),
    ]
}

const ONE: Files = &[
    (
        "one/Cargo.toml",
        "[dependencies]\ntwo = { path = \"../two\" }\n",
    ),
    (
        "one/src/lib.rs",
        "
pub use two;
#[macro_export] macro_rules! step { ($x:expr) => { $x + 1 } }
pub fn run() -> i64 { 12 }
",
    ),
];

const TWO: Files = &[(
    "two/src/lib.rs",
    "
#[macro_export] macro_rules! step { ($x:expr) => { $x + 20 } }
pub fn run() -> i64 { 6 }
",
)];

fn files() -> Vec<Case> {
    vec![
        case_of_f(
            "swapping two texts that are included counts",
            r#"
const TRAIN: &str = include_str!("train.csv");
const TEST: &str = include_str!("test.csv");
fn sum(text: &str) -> i64 { text.lines().map(|line| line.parse::<i64>().unwrap()).sum() }
#[memoize] fn f(x: i64) -> i64 { sum(TRAIN) * 100 - sum(TEST) + x }
"#,
        )
        .file("src/train.csv", "1\n5")
        .file("src/test.csv", "30")
        .step(exchange("src/train.csv", "src/test.csv").only(&["f"]))
        .undone(),
        case_of_f(
            "swapping two files of included code counts",
            r#"
mod a { include!("one.in"); }
mod b { include!("two.in"); }
#[memoize] fn f(x: i64) -> i64 { a::run() * 100 - b::run() }
"#,
        )
        .file("src/one.in", "pub fn run() -> i64 { 12 }")
        .file("src/two.in", "pub fn run() -> i64 { 6 }")
        .step(exchange("src/one.in", "src/two.in").changes(&["f"]))
        .undone()
        .swap("one.in", "two.in", &["f"]),
        case_of_f(
            "swapping the files of two modules counts",
            r#"
#[path = "x.rs"] mod a;
#[path = "y.rs"] mod b;
#[memoize] fn f(x: i64) -> i64 { a::run() * 100 - b::run() }
"#,
        )
        .file("src/x.rs", "pub fn run() -> i64 { 12 }")
        .file("src/y.rs", "pub fn run() -> i64 { 6 }")
        .swap("x.rs", "y.rs", &["f"])
        .step(exchange("src/x.rs", "src/y.rs").only(&["f"]))
        .undone(),
        case_of_f(
            "swapping the values of two variables counts",
            r#"
#[memoize] fn f(x: i64) -> String {
    format!("{:?} {:?}", option_env!("STALE_ONE"), option_env!("STALE_TWO"))
}
"#,
        )
        .first(variable("STALE_ONE", "1").with("STALE_TWO", "2"))
        .step(
            variable("STALE_ONE", "2")
                .with("STALE_TWO", "1")
                .only(&["f"]),
        )
        .step(variable("STALE_ONE", "1").with("STALE_TWO", "2").only(&[])),
        case_of_f(
            "swapping the contents of two crates counts",
            "#[memoize] fn f(x: i64) -> i64 { one::run() * 100 - two::run() }",
        )
        .needs("one", ONE)
        .needs("two", TWO)
        .step(
            edit("one/src/lib.rs", "{ 12 }", "{ 6 }")
                .and(Edit::Replace("two/src/lib.rs", "{ 6 }", "{ 12 }"))
                .only(&["f"]),
        )
        .undone(),
        case_of_f(
            "what a crate is called counts",
            "#[memoize] fn f(x: i64) -> i64 { first::run() * 100 - second::run() }",
        )
        .files(ONE)
        .files(TWO)
        .depends(r#"first = { path = "one", package = "one" }"#)
        .depends(r#"second = { path = "two", package = "two" }"#)
        .step(
            edit("Cargo.toml", "first = {", "other = {")
                .and(Edit::Replace("Cargo.toml", "second = {", "first = {"))
                .and(Edit::Replace("Cargo.toml", "other = {", "second = {"))
                .only(&["f"]),
        )
        .undone(),
    ]
}
