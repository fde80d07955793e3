//! Cases about macro calls inside functions that are never called. The impls in their
//! expansions still count.

use crate::case::{Case, Files, MAIN, PROC_MACRO, case, case_of_f};

const STEP: &str = r#"
pub struct Own;
pub struct Other;
pub trait Step { fn step(&self) -> i64; }
"#;

/// Creates a program from `main`, a type, a trait and a function that calls a method.
fn step(promise: &'static str, main: &'static str) -> Case {
    case(promise, &["f(3)", "g(3)"], main).file("src/step.rs", STEP)
}

pub(crate) fn cases() -> Vec<Case> {
    vec![
        step("an impl that a macro makes within a function counts", r#"
mod step; use step::*;
macro_rules! give { ($t:ty, $n:expr) => { impl Step for $t { fn step(&self) -> i64 { $n } } } }
fn nobody() { give!(Own, 1); }
#[memoize] fn f(x: i64) -> i64 { x + Own.step() }
#[memoize] fn g(x: i64) -> i64 { x }
"#)
        .edit(MAIN, "Own, 1", "Own, 2", &["f"]),
        step("an impl that a macro makes within an expression counts", r#"
mod step; use step::*;
macro_rules! give { ($t:ty, $n:expr) => {{ impl Step for $t { fn step(&self) -> i64 { $n } } 7 }} }
const SEVEN: i64 = give!(Own, 1) + 1;
#[memoize] fn f(x: i64) -> i64 { x + Own.step() }
#[memoize] fn g(x: i64) -> i64 { x }
"#)
        .edit(MAIN, "Own, 1", "Own, 2", &["f"]),
        step("an impl for a number that a macro makes within a method counts", r#"
mod step; use step::*;
macro_rules! give { ($t:ty, $n:expr) => { impl Step for $t { fn step(&self) -> i64 { $n } } } }
struct Somebody;
impl Somebody { fn else_than_f(&self) { if true { give! { i32, 1 } } } }
#[memoize] fn f(x: i64) -> i64 { x + 5i32.step() }
#[memoize] fn g(x: i64) -> i64 { x }
"#)
        .edit(MAIN, "i32, 1", "i32, 2", &["f"]),
        step("an impl that is handed through a macro within a function counts", r#"
mod step; use step::*;
macro_rules! pass { ($($t:tt)*) => { $($t)* } }
fn nobody() { pass!(impl Step for Own { fn step(&self) -> i64 { 1 } }); }
#[memoize] fn f(x: i64) -> i64 { x + Own.step() }
#[memoize] fn g(x: i64) -> i64 { x }
"#)
        .edit(MAIN, "{ 1 }", "{ 2 }", &["f"]),
        step("an impl that a procedural macro makes within a function counts", r#"
mod step; use step::*;
fn nobody() { gives::give!(Own, 1); }
#[memoize] fn f(x: i64) -> i64 { x + Own.step() }
#[memoize] fn g(x: i64) -> i64 { x }
"#)
        .needs("gives", GIVES)
        .edit(MAIN, "Own, 1", "Own, 2", &["f"]),
        step("an impl that a macro of another crate makes within a function counts", r#"
mod step; use step::*;
fn nobody() { kit::give!(crate::step::Own, 1); }
#[memoize] fn f(x: i64) -> i64 { x + Own.step() }
#[memoize] fn g(x: i64) -> i64 { x }
"#)
        .needs("kit", KIT)
        .edit(MAIN, "Own, 1", "Own, 2", &["f"])
        .edit("kit/src/lib.rs", "{ $n }", "{ $n + 10 }", &["f"]),
        case("what a macro within a function exports counts", &["f(3)", "g(3)"], r#"
macro_rules! export { ($n:ident, $x:ident => $e:expr) => { #[unsafe(no_mangle)] extern "C" fn $n($x: i64) -> i64 { $e } } }
fn nobody() { export!(stale_within, x => x + 1); }
mod decl { unsafe extern "C" { pub safe fn stale_within(x: i64) -> i64; } }
#[memoize] fn f(x: i64) -> i64 { decl::stale_within(x) }
#[memoize] fn g(x: i64) -> i64 { x }
"#)
        .edit(MAIN, "x + 1", "x + 2", &["f"]),
        case_of_f("what is submitted to a registry within a function counts", r#"
struct Plugin(i64);
inventory::collect!(Plugin);
fn nobody() { inventory::submit! { crate::Plugin(12) } }
#[memoize] fn f(x: i64) -> i64 { x + inventory::iter::<Plugin>.into_iter().map(|plugin| plugin.0).sum::<i64>() }
"#)
        .depends("inventory = \"0.3\"")
        .edit_wide(MAIN, "Plugin(12)", "Plugin(13)", &["f"]),
    ]
}

const GIVES: Files = &[
    ("gives/Cargo.toml", PROC_MACRO),
    (
        "gives/src/lib.rs",
        r#"
use proc_macro::TokenStream;
#[proc_macro]
pub fn give(input: TokenStream) -> TokenStream {
    let text = input.to_string();
    let (name, number) = text.split_once(',').unwrap();
    format!("impl crate::step::Step for {name} {{ fn step(&self) -> i64 {{ {number} }} }}").parse().unwrap()
}
"#,
    ),
];

const KIT: Files = &[(
    "kit/src/lib.rs",
    "#[macro_export] macro_rules! give { ($t:ty, $n:expr) => { impl crate::step::Step for $t { fn step(&self) -> i64 { $n } } } }\n",
)];
