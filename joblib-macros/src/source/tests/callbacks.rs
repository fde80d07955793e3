//! Tests macros that call other macros, whose names they take as arguments, and the
//! types for which they define items.

use super::fixture::{changes, counts, is_ignored, keeps};

const EACH: &str = "macro_rules! each { ($m:ident) => { $m!(i32); $m!(i64); } }";

#[test]
fn impls_of_macros_that_are_called_back_count() {
    let text = |call: &str| {
        format!(
            "{EACH} macro_rules! imp {{ ($t:ty) => {{ impl Tr for $t {{ fn tr(&self) -> i64 {{ 71 }} }} }} }}
            trait Tr {{ fn tr(&self) -> i64; }} each!(imp);
            fn f(x: i64) -> i64 {{ {call} }}"
        )
    };
    counts(&text("x.tr()"));
    counts(&text("Tr::tr(&x)"));
    counts(&text("fn of<T: Tr>(t: T) -> i64 { t.tr() } of(x)"));
    is_ignored(&text("x"));
}

#[test]
fn impls_of_macros_that_are_called_back_in_a_body_count() {
    let text = format!(
        "{EACH} macro_rules! imp {{ ($t:ty) => {{ impl Tr for $t {{ fn tr(&self) -> i64 {{ 71 }} }} }} }}
        trait Tr {{ fn tr(&self) -> i64; }} fn unrelated() {{ each!(imp); }}
        fn f(x: i64) -> i64 {{ x.tr() }}"
    );
    counts(&text);
}

#[test]
fn items_of_macros_that_are_called_back_count() {
    for (each, call) in [
        ("($m:ident) => { $m!(1); }", "each!(make);"),
        ("($m:path) => { $m!{1} }", "each!(make);"),
        (
            "($($t:tt)*) => { next! { $($t)* } }",
            "macro_rules! next { ($m:ident ! $a:tt) => { $m! $a; } } each!(make!(1));",
        ),
        (
            "($m:ident) => { $m!(1); }",
            "macro_rules! all { () => { each!(make); } } all!();",
        ),
    ] {
        let text = format!(
            "macro_rules! each {{ {each} }} fn low() -> u32 {{ 61 }}
            macro_rules! make {{ ($n:expr) => {{ fn made() -> u32 {{ $n + 71 + low() }} }} }}
            {call} fn f() -> u32 {{ made() }}"
        );
        counts(&text);
        changes(&text, "61", "62");
    }
}

#[test]
fn impls_for_other_types_than_a_macro_is_given_count() {
    for of in [
        "Conv for i64",
        "Conv for Vec<i64>",
        "<T> Conv for T",
        "Conv for (i64, $t)",
        "Conv for <$t as Has>::Out",
        "Conv for $t::Out",
    ] {
        for place in ["give!(Alpha);", "fn unrelated() { give!(Alpha); }"] {
            let text = format!(
                "macro_rules! give {{ ($t:ident) => {{ impl{of} {{ fn conv(&self) -> i64 {{ 71 }} }} }} }}
                trait Conv {{ fn conv(&self) -> i64; }} struct Alpha; {place}
                fn f(x: i64) -> i64 {{ x.conv() }}",
                of = match of.starts_with('<') && !of.starts_with("<$") {
                    true => of.to_owned(),
                    false => format!(" {of}"),
                }
            );
            counts(&text);
        }
    }
}

#[test]
fn impls_that_an_inner_macro_makes_for_other_types_count() {
    counts("macro_rules! give { ($t:ident) => { inner!(i64, $t); } }
        macro_rules! inner { ($a:ty, $t:ident) => { impl Conv for $a { fn conv(&self) -> i64 { 71 } } } }
        trait Conv { fn conv(&self) -> i64; } struct Alpha; give!(Alpha);
        fn f(x: i64) -> i64 { x.conv() }");
}

#[test]
fn impls_for_the_types_that_a_macro_is_given_wait_for_these() {
    let text = "
        use std::ops::Neg;
        macro_rules! give { ($t:ident) => { impl Neg for $t { type Output = u8; fn neg(self) -> u8 { 71 } } impl<'a> Neg for &'a $t { type Output = u8; fn neg(self) -> u8 { 72 } } } }
        struct Alpha; struct Beta; give!(Alpha);
        fn f(x: i64) -> i64 { x.neg() }
        fn g(x: Alpha) -> u8 { x.neg() }
    ";
    keeps(text, "71", "73");
}
