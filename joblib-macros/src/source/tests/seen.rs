//! Tests what macros observe of the tokens that they take or are attached to.

use super::fixture::{Fixture, changes, keeps};

/// Returns an item with macros attached to it, and a function that reaches the item.
fn attached(attributes: &str, item: &str) -> String {
    format!("{attributes} {item} fn f() -> u32 {{ A::made() }}")
}

#[test]
fn lints_that_an_attached_macro_sees_count() {
    for lint in [
        "#[deprecated]",
        "#[deprecated(note = \"old\")]",
        "#[must_use]",
        "#[allow(dead_code)]",
        "#[inline]",
    ] {
        for text in [
            attached("#[derive(pm::Depr)] /*lint*/", "struct A;"),
            attached("#[derive(pm::Depr)]", "struct A { /*lint*/ a: u8 }"),
            attached("#[derive(pm::Depr)]", "enum A { /*lint*/ One }"),
            "#[pm::of] /*lint*/ fn go() -> u32 { 1 } fn f() -> u32 { go() }".to_owned(),
            "struct A; #[pm::of] impl A { /*lint*/ fn go(&self) -> u32 { 1 } } fn f() -> u32 { A.go() }".to_owned(),
        ] {
            changes(&text, "/*lint*/", lint);
        }
    }
    let text = attached(
        "#[derive(pm::Depr)] #[deprecated(note = \"old\")]",
        "struct A;",
    );
    changes(&text, "old", "new");
    let text = attached("#[derive(Debug)] /*lint*/", "struct A;");
    keeps(&text, "/*lint*/", "#[must_use]");
}

#[test]
fn the_text_of_what_an_attached_macro_sees_counts() {
    for (from, to) in [("a+b", "a + b"), ("((a))", "(a)"), ("a(b)", "a(b,)")] {
        for text in [
            format!("#[pm::of] fn go() -> u32 {{ {from} }} fn f() -> u32 {{ go() }}"),
            format!("#[pm::of({from})] fn go() -> u32 {{ 1 }} fn f() -> u32 {{ go() }}"),
            format!(
                "struct A; #[pm::of] impl A {{ fn go(&self) -> u32 {{ {from} }} }} fn f() -> u32 {{ A.go() }}"
            ),
            attached(
                "#[derive(pm::Def)]",
                &format!("struct A {{ #[def({from})] a: u8 }}"),
            ),
        ] {
            changes(&text, from, to);
        }
        let text = format!("fn go() -> u32 {{ {from} }} fn f() -> u32 {{ go() }}");
        keeps(&text, from, to);
    }
}

#[test]
fn docs_that_a_macro_takes_apart_count() {
    for pattern in [
        "$(#[$k:ident = $d:literal])* $n:ident",
        "$(#[$k:ident = $d:expr])* $n:ident",
        "$(#[$($d:tt)*])* $n:ident",
        "$(#$d:tt)* $n:ident",
    ] {
        let text = format!(
            "macro_rules! told {{ ({pattern}) => {{ fn $n() -> u32 {{ 1 }} }} }}
            told! {{ #[doc = \"one\"] made }} fn f() -> u32 {{ made() }}"
        );
        changes(&text, "one", "two");
        let text = text.replace("#[doc = \"one\"]", "/// one\n");
        changes(&text, "one", "two");
    }
    let text =
        "macro_rules! told { ($(#[$m:meta])* $n:ident) => { $(#[$m])* fn $n() -> u32 { 1 } } }
        told! {
            /// one
            made
        }
        fn f() -> u32 { made() }";
    keeps(text, "/// one", "/// two");
}

#[test]
fn attributes_that_are_called_like_lints_name_items_for_macros() {
    for attribute in [
        "#[expect(crate::go)]",
        "#[parallel = crate::go]",
        "#[allow(x = { crate::go() })]",
        "#[doc = go!()]",
    ] {
        let go = "fn go() -> u32 { 71 } macro_rules! go { () => { 71 } }";
        for text in [
            format!(
                "{go} macro_rules! mm {{ ($($t:tt)*) => {{ 1 }} }} fn f() -> u32 {{ mm!({attribute} x) }}"
            ),
            format!(
                "{go} #[derive(pm::Def)] struct A {{ {attribute} a: u8 }} fn f() -> u32 {{ A::made() }}"
            ),
        ] {
            changes(&text, "{ 71 }", "{ 72 }");
            changes(&text, "=> { 71 }", "=> { 72 }");
        }
    }
}

#[test]
fn text_that_the_compilers_macro_takes_by_another_name_counts() {
    for (import, call) in [
        ("use std::stringify as st;", "st!(a+b)"),
        (
            "mod m { pub use std::stringify as st; } use m::st;",
            "st!(a+b)",
        ),
        (
            "use core::stringify as st; macro_rules! mm { ($e:expr) => { st!($e) } }",
            "mm!(a+b)",
        ),
        (
            "mod m { use std::stringify as st; macro_rules! mm { ($($e:tt)*) => { st!($($e)*) } } pub(crate) use mm; } use m::mm as other;",
            "other!(a+b)",
        ),
    ] {
        let text = format!("{import} fn f() -> &'static str {{ {call} }}");
        changes(&text, "a+b", "a + b");
    }
}

#[test]
fn how_many_docs_a_macro_is_given_counts_where_it_may_count_them() {
    let one = "macro_rules! one { ($t:tt) => { 1 } }";
    for rule in [
        "(#[$m:meta] $n:ident) => { 1 }; ($n:ident) => { 2 }",
        "($($t:tt)*) => { 0 $(+ one!($t))* }",
        "($(#[$m:meta])* a) => { 0 $(+ { #[$m] const A: u32 = 1; A })* }",
        "($(#[$m:meta])* a) => { inner!($($m,)* a) }",
    ] {
        let text = format!("{one} macro_rules! n {{ {rule} }} fn f() -> u32 {{ n!( a) }}");
        changes(&text, "( a", "(/// d\n a");
    }
    let text = "macro_rules! n { (#[$m:meta] a) => { 1 }; (a) => { 2 } } fn f() -> u32 { n!( a) * 3 + n!(a) }";
    let (with, without) = ("n!(\n/// d\n a)", "n!(a)");
    let first = text.replacen("n!( a)", with, 1);
    let other = text.replace("n!(a)", with).replace("n!( a)", without);
    assert_ne!(Fixture::lib(&first).of("f"), Fixture::lib(&other).of("f"));
    let text = "macro_rules! n { ($(#[$m:meta])* $n:ident) => { $(#[$m])* struct $n; } } n!( S); fn f() -> S { S }";
    keeps(text, "( S", "(/// d\n S");
    let text = format!("{one} #[inline] fn f() -> u32 {{ one!(a) }}");
    keeps(&text, "#[inline]", "/// d\n#[inline]\n/// e\n");
}
