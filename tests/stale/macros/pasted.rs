//! Cases about names that a macro like `paste!` concatenates.

use crate::case::{Case, Files, MAIN, again, case, edit};
use crate::crates::PASTE;

fn pasted(promise: &'static str, calls: &'static [&'static str], main: &'static str) -> Case {
    case(promise, calls, main).needs("paste", PASTE)
}

/// A crate whose exported macro concatenates names.
const DEP: Files = &[
    (
        "dep/Cargo.toml",
        "[dependencies]\npaste = { path = \"../paste\" }\n",
    ),
    (
        "dep/src/lib.rs",
        "
#[doc(hidden)] pub use paste::paste;
#[macro_export]
macro_rules! add { ($n:ident, $x:expr) => { $crate::paste! { $crate::[<add_ $n>]($x) } }; }
pub fn add_one(x: i64) -> i64 { x + 1 }
pub fn add_two(x: i64) -> i64 { x + 20 }
",
    ),
];

pub(crate) fn cases() -> Vec<Case> {
    vec![
        pasted("a function that reaches its whole crate causes a warning", &["f(3)"], "
fn add_one(x: i64) -> i64 { x + 1 }
macro_rules! call { ($a:ident $b:ident) => { paste::paste! { [<$a _ $b>](3) } } }
#[memoize] fn f(x: i64) -> i64 { x + call!(add one) }
")
        .first(again().warns(&["whole crate"]))
        .step(edit(MAIN, "x + 1 }", "x + 2 }").changes(&["f"])),
        pasted("a function whose name is pasted together counts", &["f(3)"], "
fn add_one(x: i64) -> i64 { x + 1 }
fn add_two(x: i64) -> i64 { x + 20 }
macro_rules! add { ($n:ident, $x:expr) => { paste::paste! { [<add_ $n>]($x) } } }
#[memoize] fn f(x: i64) -> i64 { add!(one, x) }
")
        .edit(MAIN, "x + 1", "x + 2", &["f"]),
        pasted("a name that is pasted of a repetition counts", &["f(3)", "g(3)", "h(3)"], "
fn prebig() -> i64 { 10 }
fn presmallpost() -> i64 { 20 }
fn onetwo() -> i64 { 30 }
macro_rules! before { ($($n:ident)*) => { paste::paste! { [<pre $($n)*>]() } } }
macro_rules! around { ($($n:ident),*) => { paste::paste! { [<pre $($n)* post>]() } } }
macro_rules! after { ($($n:ident)+) => { paste::paste! { [<$($n)+ two>]() } } }
#[memoize] fn f(x: i64) -> i64 { before!(big) + x }
#[memoize] fn g(x: i64) -> i64 { around!(small) + x }
#[memoize] fn h(x: i64) -> i64 { after!(one) + x }
")
        .edit_wide(MAIN, "{ 10 }", "{ 11 }", &["f"])
        .edit_wide(MAIN, "{ 20 }", "{ 21 }", &["g"])
        .edit_wide(MAIN, "{ 30 }", "{ 31 }", &["h"]),
        pasted("a type and its method whose names are pasted together count", &["f(3)"], "
struct ModelA; struct ModelB;
impl ModelA { fn fit_fast(&self) -> i64 { 1 } }
impl ModelB { fn fit_fast(&self) -> i64 { 9 } }
macro_rules! fit { ($n:ident, $how:ident) => { paste::paste! { [<Model $n>].[<fit_ $how>]() } } }
#[memoize] fn f(x: i64) -> i64 { x + fit!(A, fast) }
")
        .edit(MAIN, "{ 1 }", "{ 2 }", &["f"]),
        pasted("a constant whose name is pasted in capitals counts", &["f(3)"], "
mod limits { pub const MAX_ROWS: i64 = 10; pub const MAX_COLS: i64 = 20; }
macro_rules! limit { ($n:ident) => { paste::paste! { crate::limits::[<MAX_ $n:upper>] } } }
#[memoize] fn f(x: i64) -> i64 { x + limit!(rows) }
")
        .edit(MAIN, "i64 = 10", "i64 = 11", &["f"]),
        pasted("a module whose name is pasted together counts with its file", &["f(3)"], "
macro_rules! pick { ($n:ident, $x:expr) => { paste::paste! { [<kernel_ $n>]::run($x) } } }
paste::paste! { mod [<kernel_ fast>]; }
#[memoize] fn f(x: i64) -> i64 { pick!(fast, x) }
")
        .file("src/kernel_fast.rs", "pub fn run(x: i64) -> i64 { x + 1 }")
        .edit("src/kernel_fast.rs", "x + 1", "x + 2", &["f"]),
        pasted("items defined by pasted names count", &["f(3)"], "
macro_rules! getters { ($($n:ident = $v:expr),*) => { paste::paste! { $(fn [<get_ $n>]() -> i64 { $v + base() })* } } }
fn base() -> i64 { 100 }
getters!(one = 1, two = 2);
#[memoize] fn f(x: i64) -> i64 { x + get_one() }
")
        .edit_wide(MAIN, "one = 1", "one = 5", &["f"])
        .edit_wide(MAIN, "{ 100 }", "{ 200 }", &["f"]),
        pasted("a macro whose name is pasted together counts", &["f(3)"], "
macro_rules! scale_two { ($x:expr) => { $x * 2 } }
macro_rules! scale { ($n:ident, $x:expr) => { paste::paste! { [<scale_ $n>]!($x) } } }
#[memoize] fn f(x: i64) -> i64 { scale!(two, x) }
")
        .edit(MAIN, "$x * 2", "$x * 3", &["f"]),
        pasted("a name pasted in the function itself counts", &["f(3)"], "
mod table { pub fn row_7() -> i64 { 70 } pub fn row_8() -> i64 { 80 } }
#[memoize] fn f(x: i64) -> i64 { paste::paste! { table::[<row_ 7>]() + x } }
")
        .edit(MAIN, "{ 70 }", "{ 71 }", &["f"]),
        pasted("a name pasted by a macro of another crate counts", &["f(3)"], "#[memoize] fn f(x: i64) -> i64 { dep::add!(one, x) }")
        .needs("dep", DEP)
        .edit("dep/src/lib.rs", "x + 1", "x + 2", &["f"]),
        pasted("what the pasting macro itself does counts", &["f(3)"], "
fn add_one(x: i64) -> i64 { x + 1 }
fn add_one_more(x: i64) -> i64 { x + 20 }
macro_rules! add { ($n:ident, $x:expr) => { paste::paste! { [<add_ $n>]($x) } } }
#[memoize] fn f(x: i64) -> i64 { add!(one, x) }
")
        .edit(
            "paste/src/lib.rs",
            "None => name.to_owned(),",
            "None => format!(\"{name}_more\"),",
            &["f"],
        ),
    ]
}
