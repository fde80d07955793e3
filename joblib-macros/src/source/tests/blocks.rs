//! Tests blocks in expressions, and blocks outside the body of an item: in lengths,
//! discriminants, defaults and signatures.

use super::fixture::counts;

const MODULE: &str = "mod m { pub const N: usize = 71; pub fn pick() -> u32 { N as u32 }
    pub trait Tr { const K: usize; } impl Tr for u8 { const K: usize = N; } }";

#[track_caller]
fn all_count(texts: &[&str]) {
    for text in texts {
        counts(&format!("{MODULE} {text}"));
    }
}

#[test]
fn what_stands_after_a_constant_block_counts() {
    all_count(&[
        "fn f() -> u32 { const { assert!(true) } use m::*; pick() }",
        "fn f() -> u32 { const { assert!(true) }; use m::*; pick() }",
        "fn f() -> u32 { #[allow(unused)] const { assert!(true) } use m::*; pick() }",
        "fn f() -> u32 { if true { const {} use m::*; pick() } else { const {} 1 } }",
        "fn f() -> usize { const { use m::*; N } }",
        "fn f() -> u32 { const {} fn inner() -> u32 { use m::*; pick() } inner() }",
        "fn f() -> u32 { const || { 1 }; use m::*; pick() }",
        "fn f() -> u32 { const move |x: u32| { x } ; use m::*; pick() }",
        "fn f() -> u32 { static || { 1 }; use m::*; pick() }",
    ]);
    for text in [
        "struct S; trait Tr { fn go(&self) -> u32; } fn f() -> u32 { S.go() }
         fn g() { const { assert!(true) } impl Tr for S { fn go(&self) -> u32 { 71 } } }",
        "fn f() -> u32 { const { assert!(true) } macro_rules! n { () => { 71 } } n!() }",
        "fn f() -> u32 { const {} const N: u32 = 71; N }",
        "fn f() -> u32 { let g = || 1; const {} let g = || 71; g() }",
    ] {
        counts(text);
    }
}

#[test]
fn what_is_imported_where_a_length_is_counted_counts() {
    all_count(&[
        "struct S([u8; { use m::*; N }]); fn f(s: S) -> usize { s.0.len() }",
        "struct S { pub a: [u8; { use m::*; N }] } fn f(s: S) -> usize { s.a.len() }",
        "union U { a: [u8; { use m::{*}; N }] } fn f(u: U) {}",
        "type A = [u8; { use m::*; N }]; fn f(a: A) -> usize { a.len() }",
        "struct S([u8; { use self::m::*; { use super::*; N } }]); fn f(s: S) {}",
        "struct S([u8; { use m::N as K; K }]); fn f(s: S) {}",
        "struct S([u8; { #[allow(unused)] pub(crate) use m::*; N }]); fn f(s: S) {}",
        "struct S([u8; { use m::*; <u8 as Tr>::K }]); fn f(s: S) {}",
        "enum E { A = { use m::*; N as isize } } fn f() -> isize { E::A as isize }",
        "enum E { A([u8; { use m::*; N }]) } fn f(e: E) {}",
        "struct S<const K: usize = { use m::*; N }>; fn f(s: S) -> usize { 1 }",
        "trait T { type A; } impl T for u8 { type A = [u8; { use m::*; N }]; } fn f(a: <u8 as T>::A) {}",
        "static A: [u8; { use m::*; N }] = [1; 71]; fn f() -> usize { A.len() }",
        "fn f() -> usize { let a = [0; { use m::*; N }]; a.len() }",
    ]);
}

#[test]
fn what_is_imported_in_a_signature_counts() {
    all_count(&[
        "fn f() -> usize { g([0; _]) } fn g(a: [u8; { use m::*; N }]) -> usize { a.len() }",
        "fn f() -> usize { g().len() } fn g() -> [u8; { use m::*; N }] { [0; _] }",
        "fn f() -> usize { g() } fn g() -> usize where [u8; { use m::*; N }]: Sized { 1 }",
        "fn f() -> usize { g() } fn g<const K: usize = { use m::*; N }>() -> usize { K }",
        "struct S; impl S { fn g(a: [u8; { use m::*; N }]) -> usize { a.len() } } fn f() -> usize { S::g([0; _]) }",
        "trait T { fn g(a: [u8; { use m::*; N }]) -> usize; } fn f<A: T>() -> usize { A::g([0; _]) }",
        "trait T { fn g(&self) -> usize; } impl T for [u8; { use m::*; N }] { fn g(&self) -> usize { 1 } } fn f(t: &dyn T) -> usize { t.g() }",
        "struct G<const K: usize>; impl G<{ use m::*; N }> { fn g(&self) -> usize { 1 } } fn f(g: &G<1>) -> usize { g.g() }",
        "trait T<const K: usize = { use m::*; N }> { fn g(&self) -> usize { K } } impl T for u8 {} fn f() -> usize { 1u8.g() }",
        "unsafe extern \"C\" { fn g(a: [u8; { use m::*; N }]); } fn f() { unsafe { g([0; _]) } }",
    ]);
}
