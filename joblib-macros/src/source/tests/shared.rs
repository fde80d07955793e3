//! What functions have in common is found once, and is the same as found anew.

use std::fmt::Write as _;

use super::fixture::Fixture;

/// Hundreds of impls, and functions that reach all of them.
fn many(functions: &[&str]) -> Fixture {
    let mut text = "trait Step { fn step(&self, x: u64) -> u64; }\n".to_owned();
    for n in 0..300 {
        let _ = writeln!(
            text,
            "struct S{n}(u64); impl Step for S{n} {{ fn step(&self, x: u64) -> u64 {{ self.0 + x * {n} }} }}"
        );
    }
    for function in functions {
        text += function;
        text += "\n";
    }
    Fixture::lib(&text)
}

/// Asserts that the functions but for the first two share what they reach, and have the
/// fingerprints that they have alone.
#[track_caller]
fn shares(functions: &[&str]) {
    let fixture = many(functions);
    let mut engine = fixture.engine();
    for n in 0..4 {
        let name = format!("f{n}");
        let id = engine.find(&format!("crate::{name}")).unwrap();
        let summary = engine.closure_of(id);
        assert_eq!(summary.digest, fixture.of(&name), "{name}");
        assert!(n < 2 || summary.shared.is_some(), "{name} shares nothing");
    }
}

#[test]
fn functions_that_hide_one_of_many_types_share_what_they_reach() {
    shares(&[
        "fn f0(x: u64) -> u64 { let s: Box<dyn Step> = Box::new(S0(0)); s.step(x) }",
        "fn f1(x: u64) -> u64 { let s: Box<dyn Step> = Box::new(S1(1)); s.step(x) + 1 }",
        "fn f2(x: u64) -> u64 { let s: Box<dyn Step> = Box::new(S2(2)); s.step(x) + 2 }",
        "fn f3(x: u64) -> u64 { let s: Box<dyn Step> = Box::new(S3(3)); s.step(x) + 3 }",
    ]);
}

#[test]
fn functions_that_ask_for_a_trait_share_what_they_reach() {
    shares(&[
        "fn f0<T: Step>(t: &T) -> u64 { t.step(0) }",
        "fn f1<T: Step>(t: &T) -> u64 { t.step(1) }",
        "fn f2<T: Step>(t: &T) -> u64 { t.step(2) }",
        "fn f3<T: Step>(t: &T) -> u64 { t.step(3) }",
    ]);
    shares(&[
        "fn f0(t: &impl Step) -> u64 { t.step(0) }",
        "fn f1(t: &impl Step) -> u64 { t.step(1) }",
        "fn f2(t: &impl Step) -> u64 { t.step(2) }",
        "fn f3(t: &impl Step) -> u64 { t.step(3) }",
    ]);
}

#[test]
fn functions_with_helpers_of_their_own_share_what_these_reach() {
    shares(&[
        "fn g0(s: &dyn Step) -> u64 { s.step(0) } fn f0(x: u64) -> u64 { g0(&S0(x)) }",
        "fn g1(s: &dyn Step) -> u64 { s.step(1) } fn f1(x: u64) -> u64 { g1(&S1(x)) }",
        "fn g2(s: &dyn Step) -> u64 { s.step(2) } fn f2(x: u64) -> u64 { g2(&S2(x)) }",
        "fn g3(s: &dyn Step) -> u64 { s.step(3) } fn f3(x: u64) -> u64 { g3(&S3(x)) }",
    ]);
}
