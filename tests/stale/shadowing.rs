//! Cases where a new item shadows the item that a name meant before.

use crate::case::{Case, Files, MAIN, again, case, case_of_f};
use crate::package_files::Edit;

pub(crate) fn cases() -> Vec<Case> {
    [methods(), names(), crates()]
        .into_iter()
        .flatten()
        .collect()
}

/// Creates a program in which `what` replaces `// here`.
fn appears(promise: &'static str, main: &'static str, what: &'static str) -> Case {
    case_of_f(promise, main).edit_wide(MAIN, "// here", what, &["f"])
}

fn methods() -> Vec<Case> {
    vec![
        appears(
            "a method that takes the place of a trait's counts",
            "
trait Step { fn step(&self) -> i64; }
struct Own(i64);
impl Step for Own { fn step(&self) -> i64 { self.0 + 1 } }
mod more {
    // here
}
#[memoize] fn f(x: i64) -> i64 { Own(x).step() }
",
            "impl super::Own { pub fn step(&self) -> i64 { self.0 + 100 } }",
        ),
        appears(
            "an impl that autoref finds first counts",
            "
trait ByValue { fn kind(self) -> i64; }
trait ByRef { fn kind(&self) -> i64; }
struct Own;
impl<T> ByRef for T { fn kind(&self) -> i64 { 1 } }
// here
#[memoize] fn f(x: i64) -> i64 { x + Own.kind() }
",
            "impl ByValue for Own { fn kind(self) -> i64 { 100 } }",
        ),
        appears(
            "a drop that appears counts",
            "
use std::cell::Cell;
thread_local! { static DROPPED: Cell<i64> = const { Cell::new(0) }; }
struct Own;
mod more {
    // here
}
fn go() -> i64 { let before = DROPPED.get(); drop(Own); DROPPED.get() - before }
#[memoize] fn f(x: i64) -> i64 { x + go() }
",
            "impl Drop for super::Own { fn drop(&mut self) { super::DROPPED.set(super::DROPPED.get() + 1) } }",
        ),
        appears(
            "a provided method that is written out counts",
            "
trait Step { fn step(&self) -> i64 { 1 } }
struct Own;
impl Step for Own {
    // here
}
#[memoize] fn f(x: i64) -> i64 { x + Own.step() }
",
            "fn step(&self) -> i64 { 100 }",
        ),
    ]
}

fn names() -> Vec<Case> {
    vec![
        case(
            "a function that has the name of its module counts",
            &["f(3)", "g(3)", "h(3)"],
            "
mod one { mod step { pub fn step(x: i64) -> i64 { x + 1 } } pub use step::step; }
mod two { mod inner { pub mod step { pub fn step(x: i64) -> i64 { x + 2 } } } use inner::*; pub use step::step; }
mod three {
    mod inner { mod deeper { pub mod step { pub fn step(x: i64) -> i64 { x + 4 } } } pub use deeper::step; }
    use inner::*;
    pub use self::step::step;
}
#[memoize] fn f(x: i64) -> i64 { one::step(x) }
#[memoize] fn g(x: i64) -> i64 { two::step(x) }
#[memoize] fn h(x: i64) -> i64 { three::step(x) }
",
        )
        .edit(MAIN, "x + 1", "x + 5", &["f"])
        .edit(MAIN, "x + 2", "x + 6", &["g"])
        .edit(MAIN, "x + 4", "x + 7", &["h"]),
        appears(
            "a function that takes the place of a glob's counts",
            "
mod table { pub fn go(x: i64) -> i64 { x + 1 } }
use table::*;
// here
#[memoize] fn f(x: i64) -> i64 { go(x) }
",
            "fn go(x: i64) -> i64 { x + 100 }",
        ),
        appears(
            "an item that takes the place of the prelude's counts",
            "
fn told(x: i64) -> i64 { let kept = drop(x); size(kept) }
fn size<T>(_: T) -> i64 { size_of::<T>() as i64 }
// here
#[memoize] fn f(x: i64) -> i64 { told(x) }
",
            "fn drop(x: i64) -> i64 { x }",
        ),
        appears(
            "a macro that takes the place of the standard library's counts",
            "
// here
fn told(x: i64) -> String { format!(\"{x}\") }
#[memoize] fn f(x: i64) -> String { told(x) }
",
            "macro_rules! format { ($($t:tt)*) => { String::from(\"other\") } }",
        ),
        appears(
            "a macro of a module that takes the place of the standard library's counts",
            "
#[macro_use] mod first {
    // here
}
#[memoize] fn f(x: i64) -> String { format!(\"{x}\") }
",
            "macro_rules! format { ($($t:tt)*) => { String::from(\"other\") } }",
        ),
        appears(
            "a macro that hands items on and takes a name counts",
            "
mod table { pub fn go(x: i64) -> i64 { x + 1 } }
use table::*;
macro_rules! items { ($($n:ident)*) => { $(fn $n(x: i64) -> i64 { x + 100 })* } }
items! {
    // here
}
#[memoize] fn f(x: i64) -> i64 { go(x) }
",
            "go",
        ),
        appears(
            "an item of a block that takes the place of an outer one counts",
            "
fn go(x: i64) -> i64 { x + 1 }
fn told(x: i64) -> i64 {
    // here
    go(x)
}
#[memoize] fn f(x: i64) -> i64 { told(x) }
",
            "fn go(x: i64) -> i64 { x + 100 }",
        ),
        appears(
            "an alias that takes the place of a primitive type counts",
            "
mod table {
    // here
    pub fn go() -> i64 { u8::MAX as i64 }
}
#[memoize] fn f(x: i64) -> i64 { x + table::go() }
",
            "type u8 = i16;",
        ),
    ]
}

const DEP: Files = &[(
    "dep/src/lib.rs",
    "
pub trait Step { fn step(&self) -> i64 { 1 } }
impl Step for i64 {}
// there
",
)];

fn crates() -> Vec<Case> {
    let appears = |promise, what, main| {
        case_of_f(promise, main)
            .needs("dep", DEP)
            .step(
                again()
                    .and(Edit::Replace("dep/src/lib.rs", "// there", what))
                    .changes(&["f"]),
            )
            .undone()
    };
    vec![
        appears(
            "an item of a crate beside that takes the place of the prelude's counts",
            "pub fn drop(x: i64) -> i64 { x }",
            "
use dep::*;
fn size<T>(_: T) -> i64 { size_of::<T>() as i64 }
#[memoize] fn f(x: i64) -> i64 { size(drop(x)) }
",
        ),
        appears(
            "a macro of a crate beside that takes the place of the standard library's counts",
            "#[macro_export] macro_rules! stringify { ($($t:tt)*) => { \"other\" } }",
            "
#[macro_use] extern crate dep;
#[memoize] fn f(x: i64) -> String { stringify!(x).to_owned() }
",
        ),
        case_of_f("a crate that names itself counts", "
extern crate self as mine;
mod table { pub fn go(x: i64) -> i64 { x + 1 } #[macro_export] macro_rules! twice { ($x:expr) => { $crate::table::go($x) * 2 } } }
#[memoize] fn f(x: i64) -> i64 { mine::table::go(x) + mine::twice!(x) }
")
        .edit(MAIN, "x + 1", "x + 2", &["f"])
        .edit(MAIN, ") * 2", ") * 3", &["f"]),
        case_of_f("a macro that is handed on by an import counts", "
mod rules { macro_rules! twice { ($x:expr) => { $x * 2 } } pub(crate) use twice as double; }
use rules::double;
#[memoize] fn f(x: i64) -> i64 { double!(x) + rules::double!(x) }
")
        .edit(MAIN, "$x * 2", "$x * 3", &["f"]),
    ]
}
