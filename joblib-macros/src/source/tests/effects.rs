//! Tests code that counts without being named: code around items, and code that affects
//! import resolution.

use super::fixture::{Fixture, changes, keeps};

#[test]
fn macros_and_attributes_beside_items_count() {
    changes(
        "trait K { const V: u32; } struct S;
        macro_rules! imp { ($t:ident, $n:literal) => { impl K for $t { const V: u32 = $n; } } }
        const _: () = { imp!(S, 11); };
        fn f() -> u32 { S::V }",
        "11",
        "12",
    );
    changes(
        "#[other::attach(1)] mod m { pub fn g() -> u32 { 3 } } fn f() -> u32 { m::g() }",
        "attach(1)",
        "attach(2)",
    );
}

#[test]
fn inner_attributes_count() {
    let text = "mod m { #![no_implicit_prelude] #![allow(unused)] pub fn g() -> u32 { 3 } }
        fn f() -> u32 { m::g() }";
    changes(text, "#![no_implicit_prelude]", "");
    keeps(text, "#![allow(unused)]", "");
}

#[test]
fn conditions_of_imports_count() {
    let text = "mod a { pub fn g() -> u32 { 1 } } mod b { pub fn g() -> u32 { 2 } }
        mod p {
            #[cfg(panic = \"abort\")] pub use crate::a::*;
            #[cfg(not(panic = \"abort\"))] pub use crate::b::*;
        }
        fn f() -> u32 { p::g() }";
    let mut engine = Fixture::lib(text).engine();
    let f = engine.find("crate::f").unwrap();
    let asked = engine.reach_of_item(f).unknown_cfgs;
    assert!(asked.contains(&"panic=\"abort\"".to_owned()), "{asked:?}");
}

#[test]
fn raw_strings_are_read() {
    let fixture = Fixture::new(&[
        (
            "src/lib.rs",
            "#[cfg(feature = r\"x\")] fn h() -> u32 { 1 }
            #[cfg(not(feature = r\"x\"))] fn h() -> u32 { 2 }
            #[path = r\"odd.rs\"] mod e;
            fn f() -> u32 { h() + e::w() }",
        ),
        ("src/odd.rs", "pub fn w() -> u32 { 4 }"),
    ]);
    let fixture = fixture.cfgs(&["feature=\"x\""]);
    let before = fixture.of("f");
    fixture.write("src/odd.rs", "pub fn w() -> u32 { 5 }");
    assert_ne!(before, fixture.of("f"));
    let without = fixture.cfgs(&[]);
    assert_ne!(without.of("f"), without.cfgs(&["feature=\"x\""]).of("f"));
}
