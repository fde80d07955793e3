//! Tests that the digest of a function does not depend on which functions the engine
//! processed before.

use super::fixture::Fixture;

/// Returns a crate in which many functions reach many items, with impls that count by a
/// member and a type that functions mention in different orders.
fn text() -> String {
    let mut text = String::from(
        "pub struct A(pub i64);\npub struct B(pub i64);\n\
         impl std::ops::Mul<B> for A { type Output = i64; fn mul(self, o: B) -> i64 { self.0 * o.0 } }\n\
         impl std::ops::Neg for A { type Output = i64; fn neg(self) -> i64 { hidden(self.0) } }\n\
         impl From<B> for A { fn from(b: B) -> A { A(secret(b.0)) } }\n\
         impl PartialEq<B> for A { fn eq(&self, o: &B) -> bool { secret(self.0) == o.0 } }\n\
         fn hidden(x: i64) -> i64 { x }\nfn secret(x: i64) -> i64 { x }\n\
         mod models { #[derive(Maker)] pub struct Model { n: i64 } }\n",
    );
    text.push_str("pub fn n0(x: i64) -> i64 { ");
    for i in 1..300 {
        text.push_str(&format!("n{i}(x) + "));
    }
    text.push_str("0 }\n");
    for i in 3..300 {
        text.push_str(&format!("pub fn n{i}(x: i64) -> i64 {{ x + {i} }}\n"));
    }
    text.push_str("pub fn n1(x: i64) -> i64 { x.from(1).mul(2).eq(3); x }\n");
    text.push_str("pub fn n2(x: i64) -> i64 { let a = A(x); x }\n");
    for i in 0..6 {
        text.push_str(&format!("pub fn big{i}(x: i64) -> i64 {{ n0(x) + {i} }}\n"));
    }
    text.push_str("pub fn early(x: i64) -> i64 { x.from(1).mul(2).eq(3); let a = A(x); n0(x) }\n");
    text.push_str("pub fn late(x: i64) -> i64 { let a = A(x); x.from(1).mul(2).eq(3); n0(x) }\n");
    text.push_str("pub fn pre(x: i64) -> i64 { pre2(x) }\npub fn pre2(x: i64) -> i64 { x.from(1).mul(2).eq(3); pre3(x) + n0(x) }\npub fn pre3(x: i64) -> i64 { pre4(x) }\npub fn pre4(x: i64) -> i64 { let a = A(x); x }\n");
    text
}

#[test]
fn digests_do_not_depend_on_what_was_asked_before() {
    let fixture = Fixture::lib(&text());
    let names = [
        "big0", "big1", "big2", "big3", "early", "late", "pre", "n150", "n0",
    ];
    let mut bad = Vec::new();
    let mut is_shared = false;
    for name in names {
        let alone = fixture.of(name);
        let mut engine = fixture.engine();
        for other in ["big4", "big5", "n0", "n1"] {
            let id = engine.find(&format!("crate::{other}")).unwrap();
            engine.reach_of_item(id);
        }
        let id = engine.find(&format!("crate::{name}")).unwrap();
        let summary = engine.reach_of_item(id);
        is_shared |= summary.shared.is_some();
        if summary.digest != alone {
            bad.push(format!("{name}: shared {}", summary.shared.is_some()));
        }
    }
    assert!(bad.is_empty(), "{bad:?}");
    assert!(is_shared, "no closure shares the items of another");
}

#[test]
fn ordinals_of_a_block_are_found_once() {
    let text = "fn f() -> u32 { { fn g() -> u32 { 1 } g() } + { fn g() -> u32 { 2 } g() } }";
    let mut engine = Fixture::lib(text).engine();
    let f = engine.find("crate::f").unwrap();
    let block = engine.world().block_of(f).unwrap();
    let items = engine.world().module(block).items.clone();
    let world = engine.world_mut();
    assert_eq!(
        items
            .iter()
            .map(|&id| world.ordinal(id))
            .collect::<Vec<_>>(),
        [" #0", " #1"]
    );
    let found = std::sync::Arc::clone(&world.ordinals[&block].1);
    world.ordinal(items[0]);
    assert!(std::sync::Arc::ptr_eq(&found, &world.ordinals[&block].1));
}

#[test]
fn the_path_of_a_file_without_links_is_asked_for_once() {
    let fixture = Fixture::lib("fn f() {}");
    let engine = fixture.engine();
    let file = &engine.world().files[0];
    let path = file.canonical_path().unwrap().to_owned();
    std::fs::remove_file(&path).unwrap();
    assert_eq!(file.canonical_path(), Some(path.as_path()));
}
