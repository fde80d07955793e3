//! What an unkind user writes: items in the bodies of others, names and files of
//! odd spelling, and attributes that put what they are told into an item.

use crate::case::{Case, Files, case};

pub(crate) fn cases() -> Vec<Case> {
    [bodies(), spelling(), indirect()]
        .into_iter()
        .flatten()
        .collect()
}

fn bodies() -> Vec<Case> {
    vec![
        case("an impl in the body of a function that nobody calls counts", &["f(3)", "g(3)"], "
struct Own(i64);
trait Step { fn step(&self) -> i64 { 1 } }
fn nobody() {
    impl Step for Own { fn step(&self) -> i64 { self.0 + 1 } }
    impl Own { fn inherent(&self) -> i64 { self.0 + 5 } }
}
#[memoize] fn f(x: i64) -> i64 { Own(x).step() }
#[memoize] fn g(x: i64) -> i64 { Own(x).inherent() }
")
        .edit_wide("src/main.rs", "self.0 + 1", "self.0 + 2", &["f"])
        .edit_wide("src/main.rs", "self.0 + 5", "self.0 + 6", &["g"]),
        case("an impl in the body of a method, a constant and a closure counts", &["f(3)", "g(3)", "h(3)"], "
struct Own(i64);
trait Step { fn step(&self) -> i64 { 1 } fn jump(&self) -> i64 { 2 } }
impl Own { fn nobody(&self) { impl Step for Own { fn step(&self) -> i64 { self.0 + 1 } } } }
const SOME: i64 = { impl Own { fn leap(&self) -> i64 { self.0 + 5 } } 1 };
fn none() { let _ = || { impl std::ops::Neg for Own { type Output = i64; fn neg(self) -> i64 { self.0 + 9 } } }; }
#[memoize] fn f(x: i64) -> i64 { Own(x).step() }
#[memoize] fn g(x: i64) -> i64 { Own(x).leap() }
#[memoize] fn h(x: i64) -> i64 { -Own(x) }
")
        .edit_wide("src/main.rs", "self.0 + 1", "self.0 + 2", &["f"])
        .edit_wide("src/main.rs", "self.0 + 5", "self.0 + 6", &["g"])
        .edit_wide("src/main.rs", "self.0 + 9", "self.0 + 8", &["h"]),
        case("a macro that the body of a function exports counts", &["f(3)"], "
fn nobody() { #[macro_export] macro_rules! go { ($x:expr) => { $x + 1 } } }
#[memoize] fn f(x: i64) -> i64 { crate::go!(x) }
")
        .edit_wide("src/main.rs", "$x + 1", "$x + 2", &["f"]),
        case("a module in the body of a function counts", &["f(3)"], "
fn make(x: i64) -> i64 { mod part { pub fn go(x: i64) -> i64 { x + 1 } } part::go(x) }
#[memoize] fn f(x: i64) -> i64 { make(x) }
")
        .edit("src/main.rs", "x + 1", "x + 2", &["f"]),
    ]
}

fn spelling() -> Vec<Case> {
    vec![
        case(
            "raw identifiers count",
            &["f(3)"],
            "
mod r#loop;
fn go(x: i64) -> i64 { x + 1 }
#[memoize] fn f(x: i64) -> i64 { r#go(x) + r#loop::r#match(x) }
",
        )
        .file("src/loop.rs", "pub fn r#match(x: i64) -> i64 { x + 5 }")
        .edit("src/main.rs", "x + 1", "x + 2", &["f"])
        .edit("src/loop.rs", "x + 5", "x + 6", &["f"]),
        case(
            "a name that is written in two forms of Unicode counts",
            &["f(3)"],
            "
fn caf\u{e9}(x: i64) -> i64 { x + 1 }
#[memoize] fn f(x: i64) -> i64 { cafe\u{301}(x) }
",
        )
        .edit("src/main.rs", "x + 1", "x + 2", &["f"]),
        case(
            "a file with a mark at its start and other line ends counts",
            &["f(3)"],
            "
mod marked;
#[memoize] fn f(x: i64) -> i64 { marked::go(x) }
",
        )
        .file(
            "src/marked.rs",
            "\u{feff}#![allow(dead_code)]\r\npub fn go(x: i64) -> i64 {\r\n    x + 1\r\n}\r\n",
        )
        .edit("src/marked.rs", "x + 1", "x + 2", &["f"]),
    ]
}

fn indirect() -> Vec<Case> {
    vec![
        case(
            "what an attribute of an impl is told counts",
            &["f(3)", "g(3)"],
            "
struct Own(i64);
trait Step { fn step(&self) -> i64; }
#[makes::becomes(5)] impl Own { fn go(x: i64) -> i64 { x + 1000 } }
#[makes::becomes(7)] impl Step for Own { fn step(&self) -> i64 { self.0 + 1000 } }
#[memoize] fn f(x: i64) -> i64 { Own::go(x) }
#[memoize] fn g(x: i64) -> i64 { Own(x).step() }
",
        )
        .needs("makes", MAKES)
        .edit_wide("src/main.rs", "becomes(5)", "becomes(6)", &["f"])
        .edit_wide("src/main.rs", "becomes(7)", "becomes(8)", &["g"]),
        case(
            "a path that a macro begins with a module under another name counts",
            &["f(3)"],
            "
macro_rules! via { ($m:ident) => { $m::inner::go } }
mod outer { pub mod inner { pub fn go(x: i64) -> i64 { x + 1 } } }
use outer as alias;
#[memoize] fn f(x: i64) -> i64 { via!(alias)(x) }
",
        )
        .edit_wide("src/main.rs", "x + 1", "x + 2", &["f"]),
        case(
            "a method that is handed over by its path counts",
            &["f(3)"],
            "
trait Scale { fn scale(&self) -> i64; }
impl Scale for i64 { fn scale(&self) -> i64 { self + 1 } }
#[memoize] fn f(x: i64) -> i64 { [x].iter().map(Scale::scale).sum() }
",
        )
        .edit("src/main.rs", "self + 1", "self + 2", &["f"]),
    ]
}

/// An attribute that writes what it is told in place of 1000.
const MAKES: Files = &[
    (
        "makes/Cargo.toml",
        "[package]\nname = \"makes\"\nversion = \"1.0.0\"\nedition = \"2024\"\n[lib]\nproc-macro = true\n",
    ),
    (
        "makes/src/lib.rs",
        r##"
use proc_macro::TokenStream;

#[proc_macro_attribute]
pub fn becomes(told: TokenStream, item: TokenStream) -> TokenStream {
    item.to_string().replace("1000", &told.to_string()).parse().unwrap()
}
"##,
    ),
];
