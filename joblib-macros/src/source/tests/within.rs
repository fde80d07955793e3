//! Tests macro calls inside bodies that are never reached. The impls in their
//! expansions still count.

use super::fixture::{Fixture, changes, keeps};

const STEP: &str = "
    pub struct Own; pub struct Other;
    trait Step { fn step(&self) -> u32; }
    macro_rules! give { ($t:ty, $n:expr) => { impl Step for $t { fn step(&self) -> u32 { $n } } } }
    macro_rules! pass { ($($t:tt)*) => { $($t)* } }
";

fn with_step(rest: &str) -> String {
    format!("{STEP}{rest}")
}

#[test]
fn impls_that_macros_make_in_bodies_count() {
    let text = with_step("fn nobody() { give!(Own, 1); } fn f() -> u32 { Own.step() }");
    changes(&text, "Own, 1", "Own, 2");
    let expression = with_step(
        "fn nobody() -> u32 { let x = { give!(Own, 1); 3 }; x } fn f() -> u32 { Own.step() }",
    );
    changes(&expression, "Own, 1", "Own, 2");
    let constant = with_step("const N: u32 = { give!(Own, 1); 3 }; fn f() -> u32 { Own.step() }");
    changes(&constant, "Own, 1", "Own, 2");
    let length = with_step("struct Long([u8; { give!(Own, 1); 3 }]); fn f() -> u32 { Own.step() }");
    changes(&length, "Own, 1", "Own, 2");
    for header in [
        "trait Long {} impl Long for [u8; { give!(Own, 1); 3 }] {}",
        "trait Long where [u8; { give!(Own, 1); 3 }]: Sized {}",
    ] {
        let header = with_step(&format!("{header} fn f() -> u32 {{ Own.step() }}"));
        changes(&header, "Own, 1", "Own, 2");
    }
    let foreign = with_step("fn nobody() { give!(u8, 1); } fn f() -> u32 { 7u8.step() }");
    changes(&foreign, "u8, 1", "u8, 2");
    let given = with_step(
        "fn nobody() { pass!(impl Step for Own { fn step(&self) -> u32 { 1 } }); } fn f() -> u32 { Own.step() }",
    );
    changes(&given, "{ 1 }", "{ 2 }");
    let alias = with_step(
        "type Short = Own; fn nobody() { give!(Short, 1); } fn f() -> u32 { Own.step() }",
    );
    changes(&alias, "Short, 1", "Short, 2");
    let import = with_step(
        "use self::Own as Short; fn nobody() { give!(Short, 1); } fn f() -> u32 { Own.step() }",
    );
    changes(&import, "Short, 1", "Short, 2");
}

#[test]
fn an_operator_that_a_macro_gives_in_a_body_counts() {
    changes(
        "pub struct Own;
         macro_rules! add { ($n:expr) => { impl std::ops::Neg for Own { type Output = u32; fn neg(self) -> u32 { $n } } } }
         fn nobody() { add!(1) }
         fn f() -> u32 { -Own }",
        "add!(1)",
        "add!(2)",
    );
}

#[test]
fn what_no_definition_is_known_of_counts_for_types_that_it_is_given() {
    let text = with_step(
        "fn nobody() { outer::made!(Own, 1); outer::made!(Other, 1) } fn f() -> u32 { Own.step() }",
    );
    changes(&text, "Own, 1", "Own, 2");
    keeps(&text, "Other, 1", "Other, 2");
}

#[test]
fn what_the_linker_finds_of_macros_in_bodies_counts() {
    let text = "
        macro_rules! export { ($n:ident, $e:expr) => { #[unsafe(no_mangle)] extern \"C\" fn $n() -> u32 { $e } } }
        fn nobody() { export!(hook, 1); export!(other, 1); }
        mod decl { unsafe extern \"C\" { pub safe fn hook() -> u32; } }
        fn f() -> u32 { decl::hook() }
    ";
    changes(text, "hook, 1", "hook, 2");
    changes(
        "macro_rules! before { ($e:expr) => { #[used] static X: u32 = $e; } }
         fn nobody() { before!(1) } fn f() -> u32 { 3 }",
        "before!(1)",
        "before!(2)",
    );
}

#[test]
fn macros_without_such_an_effect_do_not_count() {
    let text = with_step(
        "macro_rules! twice { ($e:expr) => { $e + $e } }
         fn nobody(_: Own) -> u32 { println!(\"{}\", 5); twice!(1) } fn f() -> u32 { Own.step() }
         impl Step for Own { fn step(&self) -> u32 { 1 } }",
    );
    keeps(&text, "twice!(1)", "twice!(2)");
    keeps(&text, "\", 5)", "\", 6)");
}

#[test]
fn a_macro_of_a_followed_crate_is_known_to_calls_in_bodies() {
    let fixture = Fixture::new(&[
        (
            "dep/Cargo.toml",
            "[package]\nname = \"dep\"\nversion = \"1.0.0\"\nedition = \"2024\"\n",
        ),
        (
            "dep/src/lib.rs",
            "#[macro_export] macro_rules! twice { ($e:expr) => { $e + $e } }",
        ),
        ("src/lib.rs", ""),
    ]);
    let fixture = fixture.unit("dep", "dep/src/lib.rs", &[], &[]);
    let fixture = fixture.externs(&[("dep", "dep"), ("other", "dep")]);
    for (import, call) in [
        ("", "dep::twice!(n)"),
        ("use dep::twice;", "twice!(n)"),
        ("use dep::*;", "twice!(n)"),
        ("#[macro_use] extern crate other;", "twice!(n)"),
    ] {
        let text = format!(
            "{import} struct N; fn f(n: u32) -> u32 {{ {call} }} fn n_else() -> u32 {{ 1 }}"
        );
        fixture.write("src/lib.rs", &text);
        let before = fixture.of("f");
        fixture.write("src/lib.rs", &text.replace("{ 1 }", "{ 2 }"));
        assert_eq!(before, fixture.of("f"), "{import} {call}");
    }
}
