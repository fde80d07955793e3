//! Tests the textual scope of macros: the position of a call selects the definition.

use super::fixture::{Fixture, PROC_MACRO, changes, keeps};

const H: &str = "fn h(x: u32) -> bool { matches!(x, 3) }";
const OWN: &str = "macro_rules! matches { ($($t:tt)*) => { false } }";

/// Asserts that swapping `one` and `other`, which are adjacent, changes the fingerprint
/// of `f`.
#[track_caller]
fn exchanging_changes(before: &str, one: &str, other: &str, after: &str) {
    let from = format!("{one}\n{other}");
    let text = format!("{before}\n{from}\n{after}");
    changes(&text, &from, &format!("{other}\n{one}"));
}

#[test]
fn a_macro_that_moves_before_a_helper_takes_the_place_of_the_standard_librarys() {
    exchanging_changes("", H, OWN, "fn f(x: u32) -> bool { h(x) }");
}

#[test]
fn a_macro_that_moves_before_the_function_itself_counts() {
    exchanging_changes("", "fn f(x: u32) -> bool { matches!(x, 3) }", OWN, "");
}

#[test]
fn a_macro_that_moves_before_one_that_is_imported_counts() {
    let import = "use dep::mm; fn h(x: u32) -> u32 { x + mm!() }";
    let own = "macro_rules! mm { () => { 50 } }";
    exchanging_changes("", import, own, "fn f(x: u32) -> u32 { h(x) }");
}

#[test]
fn the_place_of_what_calls_a_macro_that_calls_another_counts() {
    let other = "macro_rules! mm { () => { 2 } }";
    let before = "macro_rules! mm { () => { 1 } } macro_rules! aa { () => { mm!() } }
        macro_rules! bb { () => { aa!() } }";
    exchanging_changes(
        before,
        "fn h() -> u32 { bb!() }",
        other,
        "fn f() -> u32 { h() }",
    );
    let before = "macro_rules! aa { ($x:expr) => { matches!($x, 3) } }";
    let h = "fn h(x: u32) -> bool { aa!(x) }";
    exchanging_changes(before, h, OWN, "fn f(x: u32) -> bool { h(x) }");
}

#[test]
fn the_place_of_a_macro_that_another_is_given_counts() {
    let before =
        "macro_rules! call { ($m:ident) => { $m!() } } macro_rules! one { () => { mm!() } }
        macro_rules! mm { () => { 1 } }";
    let h = "fn h() -> u32 { call!(one) }";
    let other = "macro_rules! mm { () => { 2 } }";
    exchanging_changes(before, h, other, "fn f() -> u32 { h() }");
}

#[test]
fn the_place_of_a_call_that_defines_a_macro_counts() {
    let before = "macro_rules! mk { ($n:ident) => { macro_rules! $n { ($t:tt)* => { false } } } }";
    exchanging_changes(before, H, "mk!(matches);", "fn f(x: u32) -> bool { h(x) }");
    let before = "macro_rules! mk { () => { macro_rules! matches { ($t:tt)* => { false } } } }";
    exchanging_changes(before, H, "mk!();", "fn f(x: u32) -> bool { h(x) }");
    let given = "pass! { macro_rules! matches { ($t:tt)* => { false } } }";
    exchanging_changes("", H, given, "fn f(x: u32) -> bool { h(x) }");
}

#[test]
fn exchanging_two_calls_that_define_a_macro_counts() {
    let before = "macro_rules! mk { ($n:ident $v:literal) => { macro_rules! $n { () => { $v } } } } mk!(mm 1);";
    let after = "mk!(mm 2); fn f() -> u32 { mm!() }";
    let text = format!("{before} {after}");
    changes(
        &text,
        &text,
        &text
            .replace("mm 1", "mm 3")
            .replace("mm 2", "mm 1")
            .replace("mm 3", "mm 2"),
    );
}

#[test]
fn a_macro_that_moves_before_its_import_counts() {
    let before = "macro_rules! mm { () => { 1 } }";
    let import = "pub(crate) use mm as other;";
    let own = "macro_rules! mm { () => { 2 } }";
    exchanging_changes(
        before,
        import,
        own,
        "mod m { pub fn g() -> u32 { crate::other!() } } fn f() -> u32 { m::g() }",
    );
}

#[test]
fn macro_use_on_a_module_counts() {
    let text = format!("mod macros {{ {OWN} }} {H} fn f(x: u32) -> bool {{ h(x) }}");
    changes(&text, "mod macros {", "#[macro_use] mod macros {");
    changes(&text, "mod macros {", "mod macros { #![macro_use]");
    let text =
        format!("#[macro_use] mod a {{ mod b {{ {OWN} }} }} {H} fn f(x: u32) -> bool {{ h(x) }}");
    changes(&text, "mod b", "#[macro_use] mod b");
    let (off, on) = (
        "#[cfg_attr(never, macro_use)] mod a",
        "#[cfg_attr(not(never), macro_use)] mod a",
    );
    let text = format!("{off} {{ {OWN} }} {H} fn f(x: u32) -> bool {{ h(x) }}");
    changes(&text, off, on);
}

#[test]
fn the_order_of_modules_in_files_decides_which_macro_is_meant() {
    let root = |order: &str| format!("{order} fn f(x: u32) -> bool {{ user::h(x) }}");
    let fixture = Fixture::new(&[
        ("src/lib.rs", &root("mod user; #[macro_use] mod macros;")),
        ("src/user.rs", "pub fn h(x: u32) -> bool { matches!(x, 3) }"),
        ("src/macros.rs", OWN),
    ]);
    let before = fixture.of("f");
    fixture.write("src/lib.rs", &root("#[macro_use] mod macros; mod user;"));
    assert_ne!(before, fixture.of("f"));
}

#[test]
fn the_place_of_what_is_included_counts() {
    let root = |order: &str| format!("{order} fn f(x: u32) -> bool {{ h(x) }}");
    let include = "include!(\"m.rs\");";
    let fixture = Fixture::new(&[
        ("src/lib.rs", &root(&format!("{H} {include}"))),
        ("src/m.rs", OWN),
    ]);
    let before = fixture.of("f");
    fixture.write("src/lib.rs", &root(&format!("{include} {H}")));
    assert_ne!(before, fixture.of("f"));
}

#[test]
fn a_macro_in_a_body_is_seen_by_what_stands_after_it_there() {
    let one = "fn h(x: u32) -> bool { matches!(x, 3) }";
    let text = format!("fn f(x: u32) -> bool {{ 1; {one} {OWN} h(x) }}");
    changes(&text, &format!("{one} {OWN}"), &format!("{OWN} {one}"));
}

#[test]
fn macro_use_of_another_crate_and_its_list_count() {
    let root = |import: &str| {
        format!(
            "{import} fn h(x: u32) -> bool {{ matches!(x, 3) }} fn f(x: u32) -> bool {{ h(x) }} fn g(x: u32) -> u32 {{ x }}"
        )
    };
    let dep = "#[macro_export] macro_rules! matches { ($($t:tt)*) => { false } }
            #[macro_export] macro_rules! mm { () => { 1 } }";
    let fixture = Fixture::app(&root("extern crate dep;"))
        .beside("dep", "", dep, &[])
        .externs(&[("dep", "dep")]);
    let of = |import: &str| {
        fixture.write("app/src/lib.rs", &root(import));
        [fixture.of("f"), fixture.of("g")]
    };
    let without = of("extern crate dep;");
    let all = of("#[macro_use] extern crate dep;");
    let other = of("#[macro_use(mm)] extern crate dep;");
    let listed = of("#[macro_use(mm, matches)] extern crate dep;");
    assert_ne!(without[0], all[0]);
    assert_ne!(other[0], listed[0]);
    assert_eq!(without[0], other[0]);
    assert_eq!(without[1], all[1]);
}

#[test]
fn macros_that_a_call_cannot_see_do_not_count_by_their_place() {
    let module = "mod a { macro_rules! mm { () => { 1 } } pub fn go() -> u32 { mm!() } }";
    let other = "mod b { macro_rules! mm { () => { 2 } } pub fn go() -> u32 { mm!() } }";
    let text = format!("{module}\n{other} fn f() -> u32 {{ b::go() }}");
    keeps(
        &text,
        &format!("{module}\n{other}"),
        &format!("{other}\n{module}"),
    );
    let unused = "macro_rules! aa { () => { mm!() } }";
    let text = format!("{unused} fn h() -> u32 {{ 1 }} fn f() -> u32 {{ h() }}");
    keeps(
        &text,
        &format!("{unused} fn h() -> u32 {{ 1 }}"),
        &format!("fn h() -> u32 {{ 1 }} {unused}"),
    );
}

#[test]
fn a_function_that_moves_among_those_that_call_macros_keeps_its_digest() {
    let (f, g) = ("fn f() -> u32 { mm!() }", "fn g() -> u32 { 1 + mm!() }");
    let text = format!("macro_rules! mm {{ () => {{ 1 }} }}\n{f}\n{g}");
    keeps(&text, &format!("{f}\n{g}"), &format!("{g}\n{f}"));
}

#[test]
fn the_place_of_what_includes_code_counts() {
    let root = |order: &str| format!("{order} fn f(x: u32) -> bool {{ h(x) }}");
    let h = "fn h(x: u32) -> bool { include!(\"h.rs\") }";
    let fixture = Fixture::new(&[
        ("src/lib.rs", &root(&format!("{h} {OWN}"))),
        ("src/h.rs", "matches!(x, 3)"),
    ]);
    let before = fixture.of("f");
    fixture.write("src/lib.rs", &root(&format!("{OWN} {h}")));
    assert_ne!(before, fixture.of("f"));
}

#[test]
fn the_place_of_what_a_procedural_macro_makes_counts() {
    let mac = "macro_rules! mm { () => { fn made() -> u32 { 2 } } }";
    for item in ["pm::made!();", "#[derive(pm::Made)] struct S;"] {
        let root = |order: &str| {
            format!(
                "macro_rules! mm {{ () => {{ fn made() -> u32 {{ 1 }} }} }} {order} fn f() -> u32 {{ S; made() }}"
            )
        };
        let pm = "#[proc_macro] pub fn made(i: T) -> T { quote! { mm!(); } }
                #[proc_macro_derive(Made)] pub fn derive(i: T) -> T { quote! { mm!(); } }";
        let fixture = Fixture::app(&root(&format!("{item} {mac}")))
            .beside("pm", PROC_MACRO, pm, &[])
            .externs(&[("pm", "pm.so")]);
        let before = fixture.of("f");
        fixture.write("app/src/lib.rs", &root(&format!("{mac} {item}")));
        assert_ne!(before, fixture.of("f"), "{item}");
    }
}

#[test]
fn the_place_of_a_call_that_makes_the_function_counts() {
    use crate::source::engine::FingerprintScope;
    let text = "fn f(x: u32) -> bool { matches!(x, 3) }";
    let of = |order: &str| {
        let fixture = Fixture::lib(&format!(
            "macro_rules! mk {{ ($n:ident) => {{ {text} }} }} {order}"
        ));
        let (summary, _) = fixture.engine().reach(text, None, FingerprintScope::Reach);
        summary.digest
    };
    assert_ne!(of(&format!("mk!(f); {OWN}")), of(&format!("{OWN} mk!(f);")));
}
