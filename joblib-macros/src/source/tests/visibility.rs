//! Tests names and traits that glob imports import, and the visibility rules that
//! decide whether they do.

use super::fixture::{changes, keeps};

/// Two traits that have a method with the same name. `f` has one of them in scope.
const TRAITS: &str = "
    pub struct S;
    mod ta { pub trait A { fn m(&self) -> u32; } impl A for super::S { fn m(&self) -> u32 { 1 } } }
    mod tb { pub trait B { fn m(&self) -> u32; } impl B for super::S { fn m(&self) -> u32 { 2 } } }
";

fn with_traits(rest: &str) -> String {
    format!("{TRAITS}{rest}")
}

#[test]
fn a_trait_that_comes_through_a_glob_counts() {
    let named = with_traits(
        "mod all { pub use crate::ta::A; mod inner {} } use all::*; fn f() -> u32 { S.m() }",
    );
    changes(&named, "crate::ta::A", "crate::tb::B");
    keeps(&named, "mod inner {}", "use std::fmt::Write; mod inner {}");
    let opened =
        with_traits("mod all { pub use crate::ta::*; } use all::*; fn f() -> u32 { S.m() }");
    changes(&opened, "pub use crate::ta::*", "pub use crate::tb::*");
    let deep = with_traits(
        "mod all { pub use crate::deep::*; } mod deep { pub use crate::ta::A as _; }
         use all::*; fn f() -> u32 { S.m() }",
    );
    changes(&deep, "crate::ta::A", "crate::tb::B");
}

#[test]
fn a_trait_that_the_module_around_imports_counts() {
    let text = with_traits(
        "use ta::A; mod within { use super::*; pub fn g() -> u32 { S.m() } }
         fn f() -> u32 { within::g() }",
    );
    changes(&text, "use ta::A", "use tb::B");
}

#[test]
fn a_trait_that_comes_through_a_glob_in_a_body_counts() {
    let text =
        with_traits("mod all { pub use crate::ta::A; } fn f() -> u32 { use crate::all::*; S.m() }");
    changes(&text, "crate::ta::A", "crate::tb::B");
    let helper = with_traits(
        "mod all { pub use crate::ta::A; } fn f() -> u32 { g() } fn g() -> u32 { { use all::*; S.m() } }",
    );
    changes(&helper, "crate::ta::A", "crate::tb::B");
    let renamed = with_traits(
        "mod all { pub use crate::ta::A as T; } fn f() -> u32 { use crate::all::T as _; S.m() }",
    );
    changes(&renamed, "crate::ta::A", "crate::tb::B");
    let around = with_traits(
        "use ta::A; fn f() -> u32 { mod inner { use super::*; pub fn g() -> u32 { S.m() } } inner::g() }",
    );
    changes(&around, "use ta::A", "use tb::B");
}

#[test]
fn a_trait_that_a_macro_imports_counts() {
    let text = with_traits(
        "macro_rules! imports { () => { use crate::ta::A; } } imports!(); fn f() -> u32 { S.m() }",
    );
    changes(&text, "crate::ta::A", "crate::tb::B");
    let through = with_traits(
        "macro_rules! imports { () => { pub use crate::ta::A; } } mod all { imports!(); }
         use all::*; fn f() -> u32 { S.m() }",
    );
    changes(&through, "crate::ta::A", "crate::tb::B");
    let given = with_traits(
        "macro_rules! import { ($($t:tt)*) => { pub use $($t)*; } } mod all { import!(crate::ta::A); }
         use all::*; fn f() -> u32 { S.m() }",
    );
    changes(&given, "crate::ta::A", "crate::tb::B");
}

#[test]
fn the_visibility_of_a_glob_counts() {
    let text = with_traits(
        "mod all { pub use crate::ta::*; use crate::tb::*; } use all::*; fn f() -> u32 { S.m() }",
    );
    changes(
        &text,
        "pub use crate::ta::*; use crate::tb::*",
        "use crate::ta::*; pub use crate::tb::*",
    );
}

#[test]
fn the_visibility_of_an_import_counts() {
    let text = "
        mod one { pub fn h() -> u32 { 1 } pub fn other() {} }
        mod all { use crate::one::h; use crate::one::other; }
        fn h() -> u32 { 2 }
        fn f() -> u32 { use crate::all::*; h() }
    ";
    changes(text, "use crate::one::h", "pub use crate::one::h");
    changes(text, "use crate::one::h", "pub(crate) use crate::one::h");
    keeps(text, "use crate::one::other", "pub use crate::one::other");
}

#[test]
fn the_visibility_of_a_module_counts() {
    let text = "
        mod all { mod m { pub fn h() -> u32 { 1 } } }
        mod m { pub fn h() -> u32 { 2 } }
        fn f() -> u32 { use crate::all::*; m::h() }
    ";
    changes(
        text,
        "mod m { pub fn h() -> u32 { 1 }",
        "pub mod m { pub fn h() -> u32 { 1 }",
    );
}

#[test]
fn the_visibility_of_what_a_path_passes_counts() {
    let text = "
        mod one { pub fn h() -> u32 { 1 } }
        mod two { pub fn h() -> u32 { 2 } }
        mod first { pub use crate::one::h; }
        mod second { use crate::two::h; }
        mod all { pub use crate::first::*; pub use crate::second::*; }
        fn f() -> u32 { all::h() }
    ";
    changes(
        text,
        "pub use crate::one::h; }\n        mod second { use",
        "use crate::one::h; }\n        mod second { pub use",
    );
    let globs = text
        .replace("one::h; }", "one::*; }")
        .replace("two::h; }", "two::*; }");
    changes(
        &globs,
        "pub use crate::one::*; }\n        mod second { use",
        "use crate::one::*; }\n        mod second { pub use",
    );
}

#[test]
fn whether_an_item_is_visible_counts() {
    for text in [
        "mod m { pub fn go() -> u32 { 1 } } fn go() -> u32 { 2 } fn f() -> u32 { use m::*; go() }",
        "mod m { pub struct S; impl S { pub fn go(&self) -> u32 { 1 } } }
        trait T { fn go(&self) -> u32 { 2 } } impl T for m::S {} fn f() -> u32 { m::S.go() }",
        "mod m { pub struct S { pub v: u32, pub i: super::I } impl std::ops::Deref for S { type Target = super::I; fn deref(&self) -> &super::I { &self.i } } }
        pub struct I { v: u64 } fn f(s: m::S) -> usize { size_of_val(&s.v) }",
    ] {
        for word in ["pub fn go", "pub v"] {
            if text.contains(word) {
                changes(text, word, word.trim_start_matches("pub "));
            }
        }
    }
}
