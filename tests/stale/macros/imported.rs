//! Cases about macros that take the names of other macros, and imports that macros
//! expand to.

use crate::case::{Case, MAIN, PROC_MACRO, case};

const DEEP: &str = "
pub fn helper(x: i64) -> i64 { x + 1 }
pub struct Deep;
impl Deep { pub fn go() -> i64 { 11 } }
pub enum Kind { Va = 21 }
pub trait Tr { fn tr(&self) -> i64; }
impl Tr for i64 { fn tr(&self) -> i64 { *self + 31 } }
pub const ONE: i64 = 41;
pub const TWO: i64 = 42;
";

pub(crate) fn cases() -> Vec<Case> {
    vec![called_back(), imported()]
}

fn called_back() -> Case {
    case(
        "what macros define that are called back counts, for whatever type",
        &["f(3)", "g(3)", "h(3)", "i(3)", "j(3)", "k(3)"],
        "
macro_rules! each { ($m:ident) => { $m!(i32); $m!(i64); } }
macro_rules! step { ($t:ty) => { impl Step for $t { fn step(&self) -> i64 { 1 } } } }
trait Step { fn step(&self) -> i64; }
each!(step);
#[memoize] fn f(x: i64) -> i64 { x.step() }
#[memoize] fn g(x: i64) -> i64 { Step::step(&x) }

macro_rules! pass { ($($t:tt)*) => { next! { $($t)* } } }
macro_rules! next { ($m:ident ! $a:tt) => { $m! $a; } }
macro_rules! make { ($n:expr) => { fn made(x: i64) -> i64 { x + $n + low() } } }
fn low() -> i64 { 100 }
pass!(make!(200));
#[memoize] fn h(x: i64) -> i64 { made(x) }

macro_rules! give { ($t:ident) => { impl Conv for i64 { fn conv(&self) -> i64 { $t::K } } } }
trait Conv { fn conv(&self) -> i64; }
struct Alpha;
struct Beta;
impl Alpha { const K: i64 = 300; }
give!(Alpha);
#[memoize] fn i(x: i64) -> i64 { x.conv() }

macro_rules! all { ($t:ident) => { impl<T> All for T { fn all(&self) -> i64 { 400 } } } }
trait All { fn all(&self) -> i64; }
fn nobody() { all!(Beta); }
#[memoize] fn j(x: i64) -> i64 { x.all() }

#[memoize] fn k(x: i64) -> i64 { x }
",
    )
    .edit(MAIN, "{ 1 }", "{ 2 }", &["f", "g"])
    .edit(MAIN, "x + $n", "x - $n", &["h"])
    .edit(MAIN, "100", "101", &["h"])
    .edit(MAIN, "300", "301", &["i"])
    .edit(MAIN, "400", "401", &["j"])
}

fn imported() -> Case {
    case(
        "what macros import counts",
        &[
            "a(3)", "b(3)", "c(3)", "d(3)", "e(3)", "f(3)", "g(3)", "h(3)", "k(3)",
        ],
        "
mod deep;
macro_rules! globs { ($($m:ident)::+) => { pub(crate) use $($m)::+::*; } }
macro_rules! alias { () => { use crate::deep::{Deep as D, helper as hh, Kind::Va}; } }
macro_rules! one { () => { use crate::deep::ONE as N; } }

mod glob {
    use super::memoize;
    globs!(crate::deep);
    #[memoize] pub fn a(x: i64) -> i64 { helper(x) }
    #[memoize] pub fn b(x: i64) -> i64 { x.tr() }
}
use glob::{a, b};

mod named {
    use super::memoize;
    alias!();
    #[memoize] pub fn c(x: i64) -> i64 { hh(x) }
    #[memoize] pub fn d(x: i64) -> i64 { x + D::go() + Va as i64 }
}
use named::{c, d};

mod within {
    use super::memoize;
    fn helper(x: i64) -> i64 { x }
    #[memoize] pub fn e(x: i64) -> i64 { globs!(crate::deep); helper(x) }
}
use within::e;

mod prelude { globs!(crate::deep); }
mod constant { one!(); pub fn is_one(x: i64) -> bool { matches!(x + 38, N) } }
#[memoize] fn f(x: i64) -> i64 { use prelude::*; helper(x) }
#[memoize] fn g(x: i64) -> bool { constant::is_one(x) }

naming::bring!();
#[memoize] fn h(x: i64) -> i64 { brought(x) }
mod bringing { pub fn brought(x: i64) -> i64 { x + 51 } }

#[memoize] fn k(x: i64) -> i64 { x }
",
    )
    .file("src/deep.rs", DEEP)
    .library(
        "naming",
        "
#[proc_macro]
pub fn bring(_: proc_macro::TokenStream) -> proc_macro::TokenStream {
    \"use crate::bringing::*;\".parse().unwrap()
}
",
    )
    .file("naming/Cargo.toml", PROC_MACRO)
    .edit_wide("src/deep.rs", "x + 1", "x + 2", &["a", "c", "e", "f"])
    .edit_wide("src/deep.rs", "11", "12", &["d"])
    .edit_wide("src/deep.rs", "21", "22", &["d"])
    .edit_wide("src/deep.rs", "31", "32", &["b"])
    .edit_wide(MAIN, "ONE as N", "TWO as N", &["g"])
    .edit_wide(MAIN, "51", "52", &["h"])
}
