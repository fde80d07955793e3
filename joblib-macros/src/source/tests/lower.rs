//! Tests which crates below other crates count, for all names they can have and all
//! positions in which they can be named.

use super::fixture::{Fixture, counts, is_change};
use crate::source::engine::FingerprintScope;
use crate::source::locate::Position;

const BASE: &str = "pub trait Shape { fn area(&self) -> u32; }";
const MID: &str = "pub struct Disc; impl base::Shape for Disc { fn area(&self) -> u32 { 71 } }
    impl std::fmt::Display for Disc { fn fmt(&self) { 73; } }
    #[unsafe(no_mangle)] pub extern \"C\" fn thing() -> u32 { 72 }";
const LIB: &str = "pub fn helper() -> u32 { 1 } pub fn make() -> mid::Disc { mid::Disc }";

/// Creates an application above a library, above a crate in the middle, above the
/// lowest crate.
fn tower(app: &str) -> Fixture {
    Fixture::app(app)
        .beside("base", "edition = \"2024\"\n", BASE, &[])
        .beside("mid", "edition = \"2024\"\n", MID, &["base"])
        .beside("lib", "edition = \"2024\"\n", LIB, &["mid", "base"])
        .externs(&[("lib", "lib"), ("base", "base")])
}

#[test]
fn a_crate_below_one_that_takes_part_already_takes_part_where_any_may() {
    for (app, number) in [
        (
            "pub fn f<T: base::Shape>(t: &T) -> u32 { lib::helper() + t.area() }",
            "71",
        ),
        (
            "pub struct Scene(Box<dyn base::Shape>); pub fn f(t: &Scene) -> u32 { lib::helper() + t.0.area() }",
            "71",
        ),
        (
            "pub fn f(t: &dyn base::Shape) -> u32 { t.area() + lib::helper() }",
            "71",
        ),
        (
            "unsafe extern \"C\" { safe fn thing() -> u32; } pub fn f() -> u32 { lib::helper() + thing() }",
            "72",
        ),
        (
            "pub fn f() -> u32 { lib::helper() + unsafe { std::arch::asm!(\"call thing\") } }",
            "72",
        ),
        (
            "pub fn f<T: std::fmt::Display>(t: &T) -> String { lib::helper(); t.to_string() }",
            "73",
        ),
        (
            "pub fn f(t: &dyn std::fmt::Display) -> String { lib::helper(); t.to_string() }",
            "73",
        ),
    ] {
        assert!(
            is_change(&tower(app), "mid/src/lib.rs", number, "99"),
            "{app}"
        );
    }
    let app = "pub fn f() -> u32 { lib::helper() }";
    assert!(!is_change(&tower(app), "mid/src/lib.rs", "71", "99"));
}

#[test]
fn the_scope_of_a_crate_covers_all_crates_below_it() {
    let app = "pub fn f() -> u32 { lib::helper() }";
    let fixture = tower(app);
    let of = || {
        let file = fixture.path().join("app/src/lib.rs");
        let position = Position {
            file: &file,
            line: 1,
            column: 7,
        };
        fixture
            .engine()
            .reach(app, Some(position), FingerprintScope::Crate)
            .0
            .digest
    };
    for (file, text) in [
        ("base/src/lib.rs", BASE),
        ("mid/src/lib.rs", MID),
        ("lib/src/lib.rs", LIB),
    ] {
        let before = of();
        fixture.write(file, &text.replace("u32", "u64"));
        assert_ne!(before, of(), "{file}");
    }
}

/// Creates an application that depends on a library that the engine follows and on one
/// that counts as a whole.
fn beside(app: &str, included: &str) -> Fixture {
    let library = "pub fn helper() -> u32 { 71 } #[macro_export] macro_rules! seventy { () => { 70 + env!(\"X\").len() } }";
    let rand = "pub fn random() -> u32 { 71 }";
    Fixture::new(&[("app/src/lib.rs", app), ("app/src/expr.in", included)])
        .package("app")
        .beside("lib", "edition = \"2024\"\n", library, &[])
        .published("rand-0.9.1", "", rand, &[])
        .externs(&[("lib", "lib"), ("rand", "rand")])
}

#[test]
fn crates_that_included_code_names_count() {
    let app = "pub fn f() -> u32 { include!(\"expr.in\") }";
    let rand = "registry/src/index/rand-0.9.1/src/lib.rs";
    for (app, included, file) in [
        (app, "lib::helper()", "lib/src/lib.rs"),
        (app, "::lib::helper()", "lib/src/lib.rs"),
        (app, "{ use lib::*; helper() }", "lib/src/lib.rs"),
        (
            app,
            "{ use lib as other; other::helper() }",
            "lib/src/lib.rs",
        ),
        (app, "lib::seventy!()", "lib/src/lib.rs"),
        (app, "rand::random()", rand),
        (app, "[1, 2].map(|_| rand::random())", rand),
        (
            "pub fn f() -> u32 { here::go() } mod here { use lib as l; pub fn go() -> u32 { include!(\"expr.in\") } }",
            "l::helper()",
            "lib/src/lib.rs",
        ),
        (
            "pub fn f() -> u32 { here::TEXT.len() as u32 + here::go() } mod here { pub const TEXT: &str = include_str!(\"expr.in\"); pub fn go() -> u32 { include!(\"expr.in\") } }",
            "lib::helper()",
            "lib/src/lib.rs",
        ),
        (
            "macro_rules! part { ($f:literal) => { include!($f) } } pub fn f() -> u32 { part!(\"expr.in\") }",
            "lib::helper()",
            "lib/src/lib.rs",
        ),
    ] {
        let number = if included.contains('!') { "70" } else { "71" };
        assert!(
            is_change(&beside(app, included), file, number, "9999"),
            "{app} {included}"
        );
    }
    assert!(!is_change(
        &beside(app, "1"),
        "lib/src/lib.rs",
        "71",
        "9999"
    ));
}

#[test]
fn a_crate_that_a_macro_is_given_as_text_counts() {
    for app in [
        "pub fn f() -> u32 { outer::call!(\"lib::helper\") }",
        "pub fn f() -> u32 { outer::call!(\"lib\", helper) }",
    ] {
        assert!(
            is_change(&beside(app, ""), "lib/src/lib.rs", "71", "9999"),
            "{app}"
        );
    }
}

#[test]
fn a_crate_that_is_called_like_one_of_the_compilers_counts() {
    for name in ["alloc", "core", "std", "test", "proc_macro"] {
        for app in [
            format!("pub fn f() -> u32 {{ {name}::helper() }}"),
            format!("use {name}::helper as h; pub fn f() -> u32 {{ h() }}"),
            format!("extern crate {name} as other; pub fn f() -> u32 {{ other::helper() }}"),
            format!("pub fn f() -> u32 {{ {name}::include_str!() }}"),
            format!("use {name}::Display; pub struct Disc; impl Display for Disc {{ fn helper(&self) -> u32 {{ 71 }} }}
                pub fn f<T: {name}::Display>(t: &T) -> u32 {{ t.helper() }}"),
        ] {
let dep = "pub fn helper() -> u32 { 71 } pub trait Display { fn helper(&self) -> u32 { 71 } }
                    #[macro_export] macro_rules! include_str { () => { 72 } }";
            let fixture = Fixture::app(&app).beside("dep", "edition = \"2024\"\n", dep, &[]).externs(&[(name, "dep")]);
            let number = if app.contains("include_str") { "72" } else { "71" };
            let file = if app.contains("71") { "app/src/lib.rs" } else { "dep/src/lib.rs" };
            assert!(is_change(&fixture, file, number, "99"), "{app}");
        }
    }
}

#[test]
fn a_crate_of_a_registry_that_is_called_like_one_of_the_compilers_counts() {
    let alloc = "pub fn helper() -> u32 { 71 }";
    let fixture = Fixture::app("use alloc::helper; pub fn f() -> u32 { helper() }")
        .published("alloc-1.0.0", "", alloc, &[])
        .externs(&[("alloc", "alloc")]);
    let root = "registry/src/index/alloc-1.0.0/src/lib.rs";
    assert!(is_change(&fixture, root, "71", "9999"));
}

#[test]
fn the_standard_library_counts_not_at_all_where_cargo_builds_it() {
    let library = "lib/rustlib/src/rust/library/std";
    let (root, text) = (
        format!("{library}/src/lib.rs"),
        "pub fn helper() -> u32 { 71 }",
    );
    let fixture = Fixture::app("pub fn f() -> u32 { std::helper() }")
        .krate(library, "std", "edition = \"2024\"\n", text, &[])
        .externs(&[("std", "std")]);
    assert!(!is_change(&fixture, &root, "71", "9999"));
    counts("fn f() -> u32 { std::cmp::min(71, 80) }");
}
