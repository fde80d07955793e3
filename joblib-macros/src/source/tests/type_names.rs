//! Tests which functions can use their name for their companion type.

use super::fixture::Fixture;
use crate::type_name::NameMeaning::{self, CrateInBody, Free, Taken};

/// Returns the meaning of the name of `crate::path` in a crate of one file that depends
/// on a crate `dep`.
#[track_caller]
fn meaning(text: &str, path: &str) -> NameMeaning {
    let fixture = Fixture::lib(text).externs(&[("dep", "dep")]);
    let mut engine = fixture.engine();
    let id = engine
        .find(&format!("crate::{path}"))
        .expect("the crate has a function at this path");
    engine.world_mut().meaning_of(id)
}

#[test]
fn a_name_that_nothing_else_has_is_free() {
    for text in [
        "fn f() { f::check() }",
        "mod m { pub use super::f; } fn g() { f::uncached(); m::f::key() } fn f() {}",
        "fn g() { h(f, other.f, Self::f, crate::f::k) } fn f() {}",
        "macro_rules! f { () => {} } fn f() { f!() }",
        "use std::matches as f; fn f() {}",
        "mod m { pub mod f { pub fn k() {} } } use crate::m::{f::k, self}; fn f() {}",
        "mod m { pub mod f { pub mod n { pub fn k() {} } } } use m::{f::{n::{k}}}; fn f() {}",
        "mod m { pub mod f { pub fn k() {} } pub fn g() { f::k() } } fn f() {}",
        "fn g() { mod f { pub fn k() {} } f::k() } fn f() {}",
        "fn f((f, g): (u8, u8), S { f: h, .. }: S) -> u8 { f }",
    ] {
        assert_eq!(meaning(text, "f"), Free, "{text}");
    }
}

#[test]
fn a_name_of_a_crate_is_free_where_nobody_names_the_crate() {
    let text =
        "fn dep(x: u8) { dep::check(x); dep(x) } fn g() { ::dep::go() } mod m { use dep::go; }";
    assert_eq!(meaning(text, "dep"), Free);
}

#[test]
fn a_crate_that_the_body_alone_names_stays_behind_the_name() {
    let text = "fn dep() { dep::go() } mod m { fn g() { dep::go() } }";
    assert_eq!(meaning(text, "dep"), CrateInBody);
}

#[test]
fn a_name_that_means_something_else_is_taken() {
    for text in [
        "mod f {} fn f() {}",
        "struct f { a: u8 } fn f() {}",
        "trait f {} fn f() {}",
        "extern crate dep as f; fn f() {}",
        "mod m { pub mod f {} } use m::f; fn f() {}",
        "use std::fmt as f; fn f() {}",
        "mod m { pub type f = u8; } use m::*; fn f(x: f) {}",
        "mod m { pub type f = u8; } use m::*; struct S { a: f, b: u8 } fn f() {}",
        "fn f() -> f::Kind {}",
        "fn g() { f::go() } fn f() {}",
    ] {
        assert_eq!(meaning(text, "f"), Taken, "{text}");
    }
    for text in [
        "use dep::go; fn dep() { go() }",
        "use dep as other; fn dep() {}",
        "fn dep() {} fn g() { dep::go() }",
        "fn dep(x: dep::T) {}",
        "fn dep() {} mod m { use super::*; fn g() { dep::go() } }",
        "#[dep::attribute] struct S; fn dep() {}",
    ] {
        assert_eq!(meaning(text, "dep"), Taken, "{text}");
    }
}

#[test]
fn a_name_is_taken_where_the_function_is_imported() {
    for text in [
        "mod f { pub fn f() {} } use f::f;",
        "mod f { pub fn f() {} } mod m { pub use super::f::f as g; } use m::g as f;",
        "mod f { pub fn f() {} } mod g {} use f::f as g;",
    ] {
        assert_eq!(meaning(text, "f::f"), Taken, "{text}");
    }
    for text in [
        "mod f { pub fn f() {} } mod m { use super::f::f; }",
        "mod f { pub fn f() {} } use f::*;",
        "mod f { pub fn f() {} } mod m { pub mod g {} pub fn g() {} } use m::g as f2;",
    ] {
        assert_eq!(meaning(text, "f::f"), Free, "{text}");
    }
}

#[test]
fn a_long_list_of_paths_is_looked_through_once() {
    let entries = "Op::A, ".repeat(40_000);
    let text = format!("fn f() {{}} static T: &[Op] = &[{entries}];");
    assert_eq!(meaning(&text, "f"), Free);
    let text = format!("fn f() {{}} static T: &[Op] = &[{entries} f::check()];");
    assert_eq!(meaning(&text, "f"), Free);
    let text = format!("fn f() {{}} static T: &[Op] = &[{entries} f::other()];");
    assert_eq!(meaning(&text, "f"), Taken);
}

#[test]
fn a_path_goes_on_from_the_one_before_its_braces() {
    for text in [
        "use a::{f::b}; fn f() {}",
        "use a::{b, f::c}; fn f() {}",
        "use a::{b::{c, f::d}, e}; fn f() {}",
        "use a::{{b, f::d}, e}; fn f() {}",
    ] {
        assert_eq!(meaning(text, "f"), Free, "{text}");
    }
    for text in [
        "use {f::b}; fn f() {}",
        "use {a, f::c}; fn f() {}",
        "use {a::b, {f::c}}; fn f() {}",
    ] {
        assert_eq!(meaning(text, "f"), Taken, "{text}");
    }
}
