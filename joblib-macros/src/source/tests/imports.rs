//! Tests imports in the expansions of macro calls.

use super::fixture::{Fixture, changes, counts, is_ignored, keeps};

const DEEP: &str =
    "mod deep { pub fn helper() -> u32 { 71 } pub struct D; impl D { pub fn go() -> u32 { 81 } }
    pub trait Tr { fn tr(&self) -> u32; } impl Tr for u32 { fn tr(&self) -> u32 { 91 } }
    pub const K1: u32 = 1; pub const K2: u32 = 2; }";

fn importing(import: &str, rest: &str) -> String {
    format!("{DEEP} macro_rules! imports {{ () => {{ {import} }} }} {rest}")
}

#[test]
fn names_that_a_call_imports_count() {
    for (import, call) in [
        ("use crate::deep::*;", "helper()"),
        ("use crate::deep::{*};", "helper()"),
        ("use crate::deep::helper as hh;", "hh()"),
        ("$(use crate::deep::*;)?", "helper()"),
        ("mod other {} pub use crate::deep::helper as hh;", "hh()"),
    ] {
        let text = importing(
            import,
            &format!(
                "imports!(); fn f() -> u32 {{ {call} }} fn g(helper: u32) -> u32 {{ helper }}"
            ),
        );
        counts(&text);
        keeps(&text, "81", "82");
    }
    for import in ["use crate::deep::D as DD;", "use crate::deep::{D as DD};"] {
        changes(
            &importing(import, "imports!(); fn f() -> u32 { DD::go() }"),
            "81",
            "82",
        );
    }
    changes(
        &importing(
            "use crate::deep::*;",
            "imports!(); fn f() -> u32 { 3u32.tr() }",
        ),
        "91",
        "92",
    );
}

#[test]
fn what_a_call_imports_counts() {
    let text = |from: &str| {
        format!(
            "{DEEP} mod wide {{ pub fn helper() -> u32 {{ 1 }} }}
            macro_rules! imports {{ () => {{ use crate::{from}; }} }} mod user {{ imports!(); pub fn h() -> u32 {{ match 1 {{ K => 1, _ => 2 }} }} }}
            fn f() -> u32 {{ user::h() }}"
        )
    };
    changes(&text("deep::K1 as K"), "deep::K1 as K", "deep::K2 as K");
    changes(&text("deep::*"), "crate::deep::*", "crate::wide::*");
}

#[test]
fn variants_that_a_call_imports_count() {
    let text = "
        macro_rules! imports { () => { use Kind::Va; } } imports!();
        enum Kind { Va = 71 } fn f() -> u32 { Va as u32 }
    ";
    counts(text);
    let text = "
        mod kinds { macro_rules! kind { () => { pub enum Kind { Va = 71 } pub use Kind::*; } } kind!(); }
        use kinds::Va; fn f() -> u32 { Va as u32 }
    ";
    counts(text);
}

#[test]
fn names_that_a_call_in_a_body_imports_count() {
    for (import, call) in [
        ("use crate::deep::*;", "helper()"),
        ("use crate::deep::helper as hh;", "hh()"),
        ("use crate::deep::*;", "(|| helper())()"),
        (
            "use crate::deep::*;",
            "fn inner() -> u32 { helper() } inner()",
        ),
    ] {
        let rest = format!("fn f() -> u32 {{ imports!(); {call} }}");
        counts(&importing(import, &rest));
        // An import in a body shadows the items around the body.
        let rest = format!("fn helper() -> u32 {{ 1 }} fn f() -> u32 {{ imports!(); {call} }}");
        counts(&importing(import, &rest));
    }
}

#[test]
fn modules_that_a_call_is_given_the_names_of_are_opened() {
    for import in [
        "($s:ident) => { use crate::$s::*; }",
        "($s:ident) => { use crate::{$s::*}; }",
        "($($s:ident)::+) => { use $($s)::+::*; }",
        "($s:ident) => { use crate::$s::{*}; }",
        "($s:path) => { use $s::*; }",
    ] {
        let text = format!(
            "{DEEP} macro_rules! imports {{ {import} }} imports!(deep); fn f() -> u32 {{ helper() }}"
        );
        counts(&text);
    }
}

#[test]
fn imports_that_a_call_is_given_count() {
    for given in ["use {crate::deep::*};", "use ::deep::*;", "use deep::*;"] {
        let text = format!(
            "{DEEP} macro_rules! pass {{ ($($t:tt)*) => {{ $($t)* }} }} pass! {{ {given} }} fn f() -> u32 {{ helper() }}"
        );
        counts(&text);
    }
}

#[test]
fn imports_of_macros_that_are_called_back_count() {
    counts(&importing(
        "use crate::deep::*;",
        "macro_rules! run { ($m:ident) => { $m!(); } } run!(imports); fn f() -> u32 { helper() }",
    ));
}

#[test]
fn imports_by_a_call_are_handed_on() {
    for user in [
        "use prelude::*; fn f() -> u32 { helper() }",
        "mod more { pub use crate::prelude::*; } use more::*; fn f() -> u32 { helper() }",
        "use prelude::helper; fn f() -> u32 { helper() }",
        "use prelude::helper as hh; fn f() -> u32 { hh() }",
        "fn f() -> u32 { prelude::helper() }",
    ] {
        let text = importing(
            "pub use crate::deep::*;",
            &format!(
                "mod prelude {{ imports!(); }} mod wide {{ pub fn helper() -> u32 {{ 1 }} }} {user}"
            ),
        );
        counts(&text);
        changes(&text, "pub use crate::deep::*", "pub use crate::wide::*");
    }
}

#[test]
fn names_that_a_call_imports_are_found_by_any_path() {
    for user in [
        "mod child { use super::hh; pub fn go() -> u32 { hh() } }",
        "mod child { use super::*; pub fn go() -> u32 { hh() } }",
        "mod child { use super::{hh as other}; pub fn go() -> u32 { other() } }",
        "mod child { pub fn go() -> u32 { super::hh() } }",
        "mod child { pub fn go() -> u32 { crate::outer::hh() } }",
        "mod child { mod deeper { pub use super::super::hh as aa; } pub use deeper::aa as go; }",
        "pub mod child { pub use super::hh as go; }",
    ] {
        let text = importing(
            "pub use crate::deep::helper as hh;",
            &format!("mod outer {{ imports!(); {user} }} fn f() -> u32 {{ outer::child::go() }}"),
        );
        counts(&text);
        changes(&text, "helper as hh", "K1 as hh");
    }
}

#[test]
fn what_a_call_imports_from_another_crate_counts() {
    for (import, call, from) in [
        ("use dep::go;", "go()", "71"),
        ("use dep::go as gg;", "gg()", "71"),
        ("use dep::*;", "go()", "71"),
        ("use dep::Tr;", "3u32.tr()", "81"),
        ("extern crate dep as other;", "other::go()", "71"),
        ("", "dep::hh()", "91"),
        ("use dep::hh;", "hh()", "91"),
    ] {
        let text = format!(
            "macro_rules! imports {{ () => {{ {import} }} }} imports!(); pub fn f() -> u32 {{ {call} }}"
        );
        assert!(is_change(&text, from), "{text}");
    }
    for text in [
        "dep::imports!(); pub fn f() -> u32 { deep() }",
        "pub fn f() -> u32 { dep::imports!(); deep() }",
        "macro_rules! run { ($m:path) => { $m!(); } } run!(dep::imports); pub fn f() -> u32 { deep() }",
        "macro_rules! run { ($m:ident) => { $m!(); } } use dep::imports as ii; run!(ii); pub fn f() -> u32 { deep() }",
    ] {
        assert!(is_change(text, "91"), "{text}");
    }
}

fn is_change(app: &str, from: &str) -> bool {
    let dep = "pub fn go() -> u32 { 71 } pub trait Tr { fn tr(&self) -> u32; } impl Tr for u32 { fn tr(&self) -> u32 { 81 } }
        pub mod inner { pub fn deep() -> u32 { 91 } } #[macro_export] macro_rules! imports { () => { use $crate::inner::*; } }
        macro_rules! alias { () => { pub use inner::deep as hh; } } alias!();";
    let fixture = Fixture::app(app)
        .beside("dep", "", dep, &[])
        .externs(&[("dep", "dep")]);
    let before = fixture.of("f");
    fixture.write("dep/src/lib.rs", &dep.replace(from, "99"));
    before != fixture.of("f")
}

#[test]
fn names_wait_where_no_call_imports_anything() {
    for (body, rest) in [
        ("use crate::deep::*; helper()", ""),
        ("fn made() -> u32 { use crate::deep::*; helper() }", ""),
        ("1", "imports!();"),
    ] {
        let text = format!(
            "{DEEP} macro_rules! imports {{ () => {{ {{ {body} }} }} }} {rest}
            fn f(deep: u32) -> u32 {{ let helper = 1; let x = other!(deep); helper + deep + x }}
            macro_rules! other {{ ($x:expr) => {{ {{ use std::fmt::*; $x }} }} }}"
        );
        is_ignored(&text);
    }
}

#[test]
fn a_variant_counts_by_every_name_that_it_is_imported_under() {
    for text in [
        "use E::A as P; fn f() -> E { P }",
        "mod m { pub use super::E::A as P; } fn f() -> E { use m::P; P }",
        "mod m { pub use super::E::A as Q; } mod n { pub use super::m::Q as P; } fn f() -> E { n::P }",
        "mod m { pub use super::E::{B, A as P}; } use m::*; fn f() -> E { P }",
        "use E::A as P; macro_rules! id { ($e:expr) => { $e } } fn f() -> E { id!(P) }",
    ] {
        let text = format!("pub enum E {{ A, B }} {text}");
        changes(&text, "A as", "B as");
    }
}

#[test]
fn an_import_in_a_body_takes_a_name_back_from_a_variable() {
    for import in ["imports!();", "imports!(); let y = 1;"] {
        let text = format!(
            "{DEEP} macro_rules! imports {{ () => {{ use crate::deep::*; }} }}
            fn f() -> u32 {{ let helper = 1; {{ {import} helper() }} }}"
        );
        counts(&text);
    }
}

#[test]
fn a_name_in_a_bound_is_no_parameter() {
    let text = importing(
        "use crate::deep::*;",
        "imports!(); fn g<T: Into<D>>(t: T) -> u32 { t.into().0 } fn f() -> u32 { g(1) }
        impl From<u32> for deep::D { fn from(n: u32) -> deep::D { 101; deep::D } }",
    );
    changes(&text, "101", "102");
    let text = "use std::fmt::Display; struct Q; trait Has { type Display; }
        impl Display for Q { fn fmt(&self) { 71; } }
        fn f<H: Has<Display = u8>, D: Display>(h: H, d: D) -> String { format!(\"{d}\") }";
    counts(text);
    let text = "struct T; struct S; trait Go { fn go(&self) -> u32; } trait Any {}
        impl<#[cfg(all())] T: Any> Go for T { fn go(&self) -> u32 { 71 } } impl Any for S {}
        fn f(s: S) -> u32 { s.go() }";
    counts(text);
}
