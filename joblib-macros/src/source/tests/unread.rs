//! Tests `include!` of a file that cannot be found.

use super::fixture::Fixture;

/// Returns the names and impls that `f` may reach in files that cannot be found.
fn missing(text: &str) -> Vec<String> {
    let mut engine = Fixture::lib(text).engine();
    let f = engine.find("crate::f").unwrap();
    engine.reach_of_item(f).missing
}

#[test]
fn a_name_that_an_unfound_file_may_have_causes_a_warning() {
    for text in [
        "include!(env!(\"NOWHERE\")); fn f() -> u32 { made() }",
        "include!(env!(\"NOWHERE\")); fn f() -> u32 { inner() } fn inner() -> u32 { made() }",
        "mod m { include!(env!(\"NOWHERE\")); } fn f() -> u32 { m::made() }",
        "mod m { include!(env!(\"NOWHERE\")); } use m::*; fn f() -> u32 { made() }",
        "mod m { include!(env!(\"NOWHERE\")); } use m::made; fn f() -> u32 { made() }",
        "mod m { include!(env!(\"NOWHERE\")); } use m::made as other; fn f() -> u32 { other() }",
        "mod m { include!(env!(\"NOWHERE\")); } fn f() -> u32 { crate::m::made() }",
        "mod m { include!(env!(\"NOWHERE\")); } fn f() -> u32 { use self::m::*; made() }",
        "include!(env!(\"NOWHERE\")); mod m { pub fn go() -> u32 { super::made() } } fn f() -> u32 { m::go() }",
        "macro_rules! load { ($n:literal) => { include!(concat!(env!(\"NOWHERE\"), $n)); } } load!(\"x\");
         fn f() -> u32 { made() }",
        "macro_rules! call { ($n:ident) => { $n() } } include!(env!(\"NOWHERE\")); fn f() -> u32 { call!(made) }",
    ] {
        assert!(!missing(text).is_empty(), "{text}");
    }
}

#[test]
fn an_impl_that_an_unfound_file_may_have_causes_a_warning() {
    for text in [
        "struct S; include!(env!(\"NOWHERE\")); fn f() -> u32 { S.go() }",
        "mod m { include!(env!(\"NOWHERE\")); } trait T { fn go() -> u32 { 1 } } fn f() -> u32 { <u32 as T>::go() }",
    ] {
        assert!(!missing(text).is_empty(), "{text}");
    }
}

#[test]
fn what_no_unfound_file_may_have_causes_no_warning() {
    for text in [
        "include!(env!(\"NOWHERE\")); fn f(x: u32) -> u32 { let y = g(x); y + 1 } fn g(x: u32) -> u32 { x }",
        "mod m { include!(env!(\"NOWHERE\")); } fn f() -> u32 { made() }",
        "mod m { include!(env!(\"NOWHERE\")); } fn f() -> Option<Vec<u32>> { std::mem::take(&mut Some(vec![1])) }",
    ] {
        assert_eq!(missing(text), [""; 0], "{text}");
    }
}
