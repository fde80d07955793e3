//! Tests that swapping two things changes the fingerprint: the set of reached items
//! stays the same, but the associations between them change.

use super::fixture::Fixture;

/// Asserts that swapping all occurrences of `one` and `other` changes the fingerprint
/// of `f`.
#[track_caller]
fn exchanging_changes(files: &[(&str, &str)], one: &str, other: &str) {
    let fixture = Fixture::new(files);
    let exchange = |text: &str| {
        let text = text.replace(one, "\u{1}").replace(other, one);
        text.replace('\u{1}', other)
    };
    let before = fixture.of("f");
    for (path, text) in files {
        fixture.write(path, &exchange(text));
    }
    assert_ne!(before, fixture.of("f"), "{one} and {other} in {files:?}");
}

#[test]
fn swapping_files_that_one_macro_includes_counts() {
    let shared = "macro_rules! text { () => { include_str!(\"text.txt\") } }";
    let g = "pub fn g() -> &'static str { text!() }";
    for (root, a) in [(shared, g), ("", &*format!("{shared} {g}"))] {
        let root = format!("{root} mod a; mod b; fn f() {{ (a::g(), b::g()) }}");
        let files = [
            ("src/lib.rs", &*root),
            ("src/a/mod.rs", a),
            ("src/b/mod.rs", a),
            ("src/a/text.txt", "71"),
            ("src/b/text.txt", "72"),
        ];
        exchanging_changes(&files, "71", "72");
    }
}

#[test]
fn places_belong_to_what_stands_there() {
    for text in [
        "macro_rules! k { ($n:ident) => { const $n: u32 = line!(); } }\nk!(A);\nk!(B);\nfn f() -> u32 { A * 10 + B }",
        "struct W<T>(T);\nimpl Tr for W<A> { fn l() -> u32 { line!() } }\nimpl Tr for W<B> { fn l() -> u32 { line!() } }
        fn f(w: W) -> u32 { w.l() }",
        "struct W<T>(T);\nimpl W<A> { fn l() -> u32 { line!() } }\nimpl W<B> { fn l() -> u32 { line!() } }
        fn f(w: W) -> u32 { W::l() }",
    ] {
        let mut lines: Vec<&str> = text.lines().collect();
        lines.swap(1, 2);
        let exchanged = lines.join("\n");
        assert_ne!(Fixture::lib(text).of("f"), Fixture::lib(&exchanged).of("f"), "{text}");
    }
}

#[test]
fn inner_attributes_belong_to_their_modules() {
    let text = "mod a { #![no_implicit_prelude] pub fn g() -> u32 { 1 } }
        mod b { #![feature(x)] pub fn g() -> u32 { 1 } }
        fn f() -> u32 { a::g() + b::g() }";
    exchanging_changes(&[("src/lib.rs", text)], "no_implicit_prelude", "feature(x)");
}

#[test]
fn swapping_crates_that_two_crates_know_by_one_name_counts() {
    let manifest = "[package]\nname = \"low\"\nedition = \"2024\"\n";
    let root = "fn f() -> u32 { dep::go() + low::go() }";
    let fixture = Fixture::new(&[
        ("app/src/lib.rs", root),
        ("low/Cargo.toml", manifest),
        ("low/src/lib.rs", "pub fn go() -> u32 { dep::go() }"),
    ])
    .package("app")
    .vendored("one", "", "pub fn go() -> u32 { 1 }")
    .vendored("two", "", "pub fn go() -> u32 { 2 }");
    let of = |fixture: Fixture, above: &str, below: &str| {
        let record = |name: &str| {
            let hash = super::fixture::hash(name);
            u64::from_str_radix(&hash, 16).unwrap().swap_bytes()
        };
        let fixture = fixture.unit("low", "low/src/lib.rs", &[], &[]);
        let below = format!(
            "{{\"features\":\"[]\",\"profile\":7,\"deps\":[[1,\"dep\",false,{}]],\"rustflags\":[]}}",
            record(below)
        );
        let entry = format!(
            "target/debug/.fingerprint/low-{}",
            super::fixture::hash("low")
        );
        fixture.write(&format!("{entry}/lib-low.json"), &below);
        let fixture = fixture.externs(&[("dep", above), ("low", "low")]);
        (fixture.of("f"), fixture)
    };
    let (before, fixture) = of(fixture, "one", "two");
    let (after, _) = of(fixture, "two", "one");
    assert_ne!(before, after);
}
