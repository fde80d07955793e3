//! Tests what a function reaches, one edit at a time.

use super::fixture::{changes, counts, keeps};

const CALLS: &str = "
    fn f() -> u32 { a() }
    fn a() -> u32 { b() }
    fn b() -> u32 { c() + LIMIT }
    fn c() -> u32 { 3 }
    const LIMIT: u32 = 7;
    fn other() -> u32 { 5 }
";

#[test]
fn helpers_count_however_deep() {
    changes(CALLS, "{ 3 }", "{ 4 }");
    changes(CALLS, "= 7", "= 8");
    changes(CALLS, "c() + LIMIT", "LIMIT + c()");
}

#[test]
fn unrelated_items_do_not_count() {
    keeps(CALLS, "{ 5 }", "{ 6 }");
    keeps(CALLS, "fn other", "fn another");
    keeps(CALLS, "fn other", "struct New;\nfn other");
}

#[test]
fn aliases_that_swap_their_meaning_change_it() {
    let text = "
        mod a { pub fn h() -> u32 { 1 } }
        mod b { pub fn h() -> u32 { 2 } }
        use a::h as x;
        use b::h as y;
        fn f() -> u32 { x() * 10 + y() }
    ";
    changes(
        text,
        "use a::h as x;\n        use b::h as y",
        "use b::h as x;\n        use a::h as y",
    );
    keeps(
        text,
        "use a::h as x;\n        use b::h as y",
        "use b::h as y;\n        use a::h as x",
    );
    keeps(text, "use a::h as x", "use crate::a::h as x");
    keeps(text, "use a::h as x", "use a::{h as x}");
}

#[test]
fn globs_that_swap_their_meaning_change_it() {
    let text = "
        mod a { pub fn h() -> u32 { 1 } }
        mod b { pub fn h() -> u32 { 2 } }
        use a::*;
        fn f() -> u32 { h() * 10 + b::h() + a::h() }
    ";
    changes(text, "use a::*", "use b::*");
}

#[test]
fn bodies_that_swap_change_it() {
    let text = "
        fn f() -> u32 { x() * 10 + y() }
        fn x() -> u32 { 1 }
        fn y() -> u32 { 2 }
    ";
    changes(
        text,
        "fn x() -> u32 { 1 }\n        fn y() -> u32 { 2 }",
        "fn x() -> u32 { 2 }\n        fn y() -> u32 { 1 }",
    );
    keeps(
        text,
        "fn x() -> u32 { 1 }\n        fn y() -> u32 { 2 }",
        "fn y() -> u32 { 2 }\n        fn x() -> u32 { 1 }",
    );
}

const METHODS: &str = "
    struct S { n: u32 }
    struct T;
    impl S {
        fn new() -> S { S { n: 1 } }
        fn get(&self) -> u32 { self.inner() }
        fn inner(&self) -> u32 { 2 }
        fn unused(&self) -> u32 { 3 }
    }
    impl T { fn get(&self) -> u32 { 4 } }
    fn f() -> u32 { S::new().get() }
";

#[test]
fn methods_count_by_name_and_type() {
    changes(METHODS, "n: 1", "n: 9");
    changes(METHODS, "{ 2 }", "{ 9 }");
    keeps(METHODS, "{ 3 }", "{ 9 }");
    keeps(METHODS, "{ 4 }", "{ 9 }");
    changes(METHODS, "n: u32", "n: u64");
}

#[test]
fn types_behind_a_helpers_signature_count() {
    let text = "
        struct S;
        impl S { fn go(&self) -> u32 { 1 } }
        fn make() -> S { S }
        fn f() -> u32 { make().go() }
    ";
    changes(text, "{ 1 }", "{ 2 }");
}

#[test]
fn impls_that_need_no_mention_count() {
    for (item, from) in [
        (
            "impl std::ops::Add for S { type Output = u32; fn add(self, o: S) -> u32 { 71 } }",
            "71",
        ),
        ("impl Drop for S { fn drop(&mut self) { log(71) } }", "71"),
        (
            "impl std::ops::Deref for S { type Target = u32; fn deref(&self) -> &u32 { &71 } }",
            "71",
        ),
        (
            "impl Iterator for S { type Item = u32; fn next(&mut self) -> Option<u32> { step(71) } }",
            "71",
        ),
        ("impl From<S> for E { fn from(_: S) -> E { E(71) } }", "71"),
        (
            "impl std::fmt::Display for S { fn fmt(&self) { w(71) } }",
            "71",
        ),
        (
            "use std::fmt; impl fmt::Display for S { fn fmt(&self) { w(71) } }",
            "71",
        ),
        (
            "impl PartialOrd for S { fn partial_cmp(&self) { helper() } } fn helper() { 71; }",
            "71",
        ),
        (
            "type A = S; impl std::ops::Neg for A { fn neg(self) -> u32 { 71 } }",
            "71",
        ),
        (
            "impl std::ops::Neg for &S { fn neg(self) -> u32 { 71 } }",
            "71",
        ),
        (
            "impl<'a> std::ops::Neg for &'a mut S { fn neg(self) -> u32 { 71 } }",
            "71",
        ),
        (
            "const _: () = { impl std::ops::Neg for S { fn neg(self) -> u32 { 71 } } };",
            "71",
        ),
        (
            "fn g() { impl std::ops::Neg for S { fn neg(self) -> u32 { 71 } } }",
            "71",
        ),
        (
            "fn g() { 1; unsafe impl std::ops::Neg for S { fn neg(self) -> u32 { 71 } } }",
            "71",
        ),
    ] {
        let text = format!("struct S; struct E(u32); {item} fn f(s: S) -> E {{ go(s) }}");
        changes(&text, from, "72");
        let unrelated = text.replace("for S", "for Z").replace("for E", "for Z") + " struct Z;";
        if unrelated.contains("for Z") && !item.contains("type A") {
            keeps(&unrelated, from, "72");
        }
    }
}

const TRAITS: &str = "
    trait Shape { fn area(&self) -> f64; fn twice(&self) -> f64 { 2.0 * self.area() } fn other(&self) -> f64 { 3.0 } const K: u32 = 4; }
    struct Disc; struct Box2;
    impl Shape for Disc { fn area(&self) -> f64 { 5.0 } }
    impl Shape for Box2 { fn area(&self) -> f64 { 6.0 } }
    fn f(d: Disc) -> f64 { d.twice() }
    fn g(d: &dyn Shape) -> f64 { d.area() }
";

#[test]
fn traits_count_by_the_types_reached() {
    changes(TRAITS, "2.0", "2.5");
    changes(TRAITS, "5.0", "5.5");
    keeps(TRAITS, "3.0", "3.5");
    keeps(TRAITS, "6.0", "6.5");
    keeps(TRAITS, "= 4", "= 5");
}

#[test]
fn trait_objects_and_bounds_bring_every_impl() {
    for signature in ["d: &dyn Shape", "d: impl Shape", "d: &[Box<dyn Shape>]"] {
        let text = TRAITS.replace("d: Disc", signature);
        changes(&text, "6.0", "6.5");
        changes(&text, "5.0", "5.5");
        keeps(&text, "3.0", "3.5");
    }
    let text = TRAITS.replace("fn f(d: Disc)", "fn f<T>(d: T)").replace(
        "-> f64 { d.twice() }",
        "-> f64 where T: Shape { d.twice() + T::K as f64 }",
    );
    changes(&text, "6.0", "6.5");
    changes(&text, "= 4", "= 5");
}

#[test]
fn extension_traits_on_foreign_types_count_by_name() {
    let text = "
        trait Ext { fn go(&self) -> u32; fn by_default(&self) -> u32 { 1 } }
        impl Ext for f64 { fn go(&self) -> u32 { 2 } }
        impl<T: Clone> Ext for Vec<T> { fn go(&self) -> u32 { 3 } }
        fn f(x: f64) -> u32 { x.go() + x.by_default() }
    ";
    changes(text, "{ 1 }", "{ 9 }");
    changes(text, "{ 2 }", "{ 9 }");
    changes(text, "{ 3 }", "{ 9 }");
}

#[test]
fn associated_items_count() {
    let text = "
        trait Has { const N: u32; type Out; fn make() -> Self::Out; }
        struct S; struct R(u32);
        impl R { fn value(&self) -> u32 { 11 } }
        impl Has for S { const N: u32 = 12; type Out = R; fn make() -> R { R(13) } }
        impl S { const M: u32 = 14; const UNUSED: u32 = 15; }
        fn f() -> u32 { S::N + S::M + <S as Has>::make().value() }
    ";
    for n in ["11", "12", "13", "14"] {
        changes(text, n, "99");
    }
    keeps(text, "15", "99");
}

#[test]
fn values_and_types_count() {
    let text = "
        static TABLE: [u32; 2] = [LOW, 72];
        const LOW: u32 = 71;
        type Num = u32;
        enum Level { Low = 1, High = 2 }
        use Level::*;
        const UNUSED: u32 = 73;
        fn f(l: Num) -> u32 { match l { 3 => Low as u32, _ => TABLE[1] } }
    ";
    changes(text, "71", "99");
    changes(text, "72", "99");
    changes(text, "Num = u32", "Num = u64");
    changes(text, "High = 2", "High = 3");
    changes(text, "Low = 1, High = 2", "High = 1, Low = 2");
    keeps(text, "73", "99");
}

#[test]
fn derives_and_field_order_count() {
    let text = "#[derive(Clone, PartialOrd)] struct S { a: u32, b: u32 } fn f(s: S) {}";
    changes(text, "Clone, PartialOrd", "Clone");
    changes(text, "a: u32, b: u32", "b: u32, a: u32");
    keeps(
        text,
        "#[derive(Clone, PartialOrd)]",
        "#[derive(Clone)] #[derive(PartialOrd)]",
    );
    keeps(
        text,
        "#[derive(Clone, PartialOrd)]",
        "#[derive(Clone, PartialOrd,)] #[allow(dead_code)]",
    );
}

#[test]
fn re_exports_and_globs_are_followed() {
    let text = "
        mod inner { pub mod deep { pub fn h() -> u32 { 1 } pub fn k() -> u32 { 2 } } pub use self::deep::h as renamed; }
        mod facade { pub use super::inner::*; }
        use facade::*;
        fn f() -> u32 { renamed() }
    ";
    changes(text, "{ 1 }", "{ 9 }");
    keeps(text, "{ 2 }", "{ 9 }");
}

#[test]
fn nested_items_count() {
    let text = "
        fn f() -> u32 { use helpers::h as inner; fn local() -> u32 { 1 } const K: u32 = 2; local() + K + inner() }
        mod helpers { pub fn h() -> u32 { 3 } pub fn other() -> u32 { 4 } }
    ";
    changes(text, "{ 1 }", "{ 9 }");
    changes(text, "= 2", "= 9");
    changes(text, "{ 3 }", "{ 9 }");
    keeps(text, "{ 4 }", "{ 9 }");
}

#[test]
fn recursion_ends() {
    changes(
        "fn f(n: u32) -> u32 { if n == 0 { 0 } else { g(n) } } fn g(n: u32) -> u32 { f(n - 1) }",
        "n - 1",
        "n - 2",
    );
}

#[test]
fn cfg_decides_what_is_there() {
    let text = "
        #[cfg(unix)] fn h() -> u32 { 1 }
        #[cfg(not(unix))] fn h() -> u32 { 2 }
        #[cfg(feature = \"x\")] fn k() -> u32 { 3 }
        #[cfg(not(feature = \"x\"))] fn k() -> u32 { 4 }
        #[cfg(panic = \"abort\")] fn l() -> u32 { 5 }
        #[cfg(not(panic = \"abort\"))] fn l() -> u32 { 6 }
        #[cfg(test)] mod tests { use super::*; impl Clone for S { fn clone(&self) -> S { 7 } } }
        struct S;
        fn f(s: S) -> u32 { h() + k() + l() }
    ";
    let (here, there) = if cfg!(unix) {
        ("{ 1 }", "{ 2 }")
    } else {
        ("{ 2 }", "{ 1 }")
    };
    changes(text, here, "{ 9 }");
    keeps(text, there, "{ 9 }");
    keeps(text, "{ 3 }", "{ 9 }");
    changes(text, "{ 4 }", "{ 9 }");
    changes(text, "{ 5 }", "{ 9 }");
    changes(text, "{ 6 }", "{ 9 }");
    keeps(text, "{ 7 }", "{ 9 }");
}

#[test]
fn comments_layout_docs_and_lints_do_not_count() {
    let text = "
        fn f(x: u32) -> u32 { let y = g(x); match y { 1 => { a(y) } _ => y } }
        fn g(x: u32) -> u32 { x }
        fn a(x: u32) -> u32 { x }
    ";
    keeps(
        text,
        "fn g",
        "/// Docs.\n#[inline] #[allow(clippy::all)] #[must_use] fn g",
    );
    keeps(
        text,
        "let y = g(x);",
        "// why\n let y\n = g( x ) /* that */ ;",
    );
    keeps(text, "g(x)", "g(x,)");
    keeps(text, "{ a(y) }", "a(y),");
    keeps(text, "fn g(x: u32)", "fn g(x: u32,)");
    keeps(text, "\n        fn g", "\n\n\n        fn g");
    changes(text, "_ => y", "_ => y + 0");
}

#[test]
fn trait_imports_count() {
    let text = "
        mod m {
            pub trait A { fn go(&self) -> u32; }
            pub trait B { fn go(&self) -> u32; }
            impl A for crate::S { fn go(&self) -> u32 { 1 } }
            impl B for crate::S { fn go(&self) -> u32 { 2 } }
        }
        use m::A;
        pub struct S;
        fn f(s: S) -> u32 { s.go() }
    ";
    changes(text, "use m::A", "use m::B");
    changes(text, "use m::A", "use m::B as _");
    changes("use std::fmt::Write; fn f() {}", "fmt::Write", "io::Write");
    keeps(
        "use std::fmt::Write; fn f() {}",
        "use",
        "use std::collections::HashMap; use",
    );
}

#[test]
fn attribute_paths_count() {
    let text = "
        mod codec { pub fn serialize() -> u32 { 1 } pub fn deserialize() -> u32 { 2 } }
        fn check() -> u32 { 3 }
        struct S { #[serde(with = \"codec\")] a: u32, #[validate(check)] b: u32 }
        fn f(s: S) {}
    ";
    for n in ["{ 1 }", "{ 2 }", "{ 3 }"] {
        changes(text, n, "{ 9 }");
    }
}

#[test]
fn a_bound_in_the_owners_header_brings_every_impl() {
    let text = "
        trait Shape { fn area(&self) -> f64; }
        struct Disc; impl Shape for Disc { fn area(&self) -> f64 { 5.0 } }
        struct Holder<T>(T);
        impl<T: Shape> Holder<T> { fn total(&self) -> f64 { self.0.area() } }
        fn f<T>(h: Holder<T>) -> f64 where Holder<T>: Sized { h.total() }
    ";
    changes(text, "5.0", "6.0");
}

#[test]
fn operators_and_spacing_keep_their_meaning() {
    changes("fn f() { a & &b }", "& &", "&&");
    changes("fn f() { a | |b| c }", "| |b|", "|| b |");
    changes("fn f() { (x,) }", "(x,)", "(x)");
    changes("fn f() { g::<(u8,)>() }", "(u8,)", "(u8)");
    changes("fn f() { return (x,) }", "(x,)", "(x)");
    changes("fn f() { m!(a,) }", "a,", "a");
    changes("fn f() { { a }; }", "}; }", "} }");
    changes("fn f() { if a { b; } c }", "b;", "b");
    changes("fn f() { match a { _ => { b; } } }", "b;", "b");
    changes("fn f() { a | { b == c } }", "{ b == c }", "b == c");
    keeps("fn f() { return (x, y,) }", "y,", "y");
    keeps("fn f() { g(|x| { x + 1 }) }", "{ x + 1 }", "x + 1");
    keeps("fn f() { match a { A => { b } C => d } }", "{ b }", "b,");
    keeps("fn f() { match a { A => { b } C => d } }", "A =>", "| A =>");
    keeps("fn f() { loop { return 1 } }", "1", "1;");
    keeps("fn f() { ((x)) }", "((x))", "(x)");
    keeps("extern fn f() { }", "extern", "extern \"C\"");
    keeps("fn f() -> () { }", "-> ()", "");
    keeps("fn f<T>() where T: A, { }", "A,", "A");
    keeps(
        "fn f() { use a::{c, b}; use d; }",
        "use a::{c, b}; use d;",
        "use a::b; use d; use a::c;",
    );
}

#[test]
fn bounds_of_an_impl_do_not_hide_it() {
    let text = "
        struct S; struct Other;
        impl std::ops::Neg for S where Other: Sized { fn neg(self) -> u32 { 71 } }
        fn f(s: S) -> u32 { -s }
    ";
    counts(text);
}
