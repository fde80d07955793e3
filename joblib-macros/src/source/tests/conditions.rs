//! Tests nested cfg predicates.

use super::fixture::{Fixture, changes, counts, does_count, keeps};

/// A predicate that the macro cannot evaluate.
const UNKNOWN: &str = "panic = \"abort\"";

#[test]
fn a_path_under_conditions_is_certain_where_all_of_them_hold() {
    for (attribute, files) in [
        ("cfg_attr(UNKNOWN, cfg_attr(all(), path = \"x.rs\"))", "mx"),
        ("cfg_attr(all(), cfg_attr(UNKNOWN, path = \"x.rs\"))", "mx"),
        (
            "cfg_attr(UNKNOWN, cfg_attr(all(), cfg_attr(all(), path = \"x.rs\")))",
            "mx",
        ),
        ("cfg_attr(all(), cfg_attr(all(), path = \"x.rs\"))", "x"),
        ("cfg_attr(UNKNOWN, cfg_attr(any(), path = \"x.rs\"))", "m"),
    ] {
        let attribute = attribute.replace("UNKNOWN", UNKNOWN);
        let text = format!("#[{attribute}] mod m; fn f() -> u32 {{ m::go() }}");
        let fixture = Fixture::new(&[
            ("src/lib.rs", &text),
            ("src/m.rs", "pub fn go() -> u32 { 71 }"),
            ("src/x.rs", "pub fn go() -> u32 { 71 }"),
        ]);
        for file in ["m", "x"] {
            let counts = does_count(&fixture, &format!("src/{file}.rs"));
            assert_eq!(counts, files.contains(file), "{file} by {attribute}");
        }
    }
}

#[test]
fn an_item_under_a_condition_that_is_not_known_is_there() {
    for attribute in [
        "cfg_attr(UNKNOWN, cfg_attr(all(), cfg(no)))",
        "cfg_attr(all(), cfg_attr(UNKNOWN, cfg(no)))",
        "cfg_attr(UNKNOWN, cfg(no))",
    ] {
        let attribute = attribute.replace("UNKNOWN", UNKNOWN);
        counts(&format!(
            "#[{attribute}] fn go() -> u32 {{ 71 }} fn f() -> u32 {{ go() }}"
        ));
        counts(&format!(
            "mod m {{ #![{attribute}] pub fn go() -> u32 {{ 71 }} }} fn f() -> u32 {{ m::go() }}"
        ));
    }
}

#[test]
fn a_condition_within_a_condition_counts() {
    for text in [
        "struct S { #[cfg_attr(all(), cfg_attr(feature = \"x\", serde(default)))] a: u32 } fn f(s: S) {}",
        "#[cfg_attr(all(), cfg_attr(feature = \"x\", derive(Debug)))] struct S; fn f(s: S) {}",
        "fn f() -> u32 { #[cfg_attr(all(), cfg(feature = \"x\"))] return 1; 2 }",
        "fn f() -> u32 { #[cfg_attr(all(), cfg_attr(all(), cfg(feature = \"x\")))] return 1; 2 }",
    ] {
        let with = Fixture::lib(text).cfgs(&["feature=\"x\""]);
        assert_ne!(Fixture::lib(text).of("f"), with.of("f"), "{text}");
    }
}

#[test]
fn an_inner_condition_decides_over_the_impl_that_it_stands_in() {
    for (item, rest) in [
        (
            "impl M for S { # }",
            "trait M {} trait Hi { fn go(&self) {} } impl<T: M> Hi for T {}",
        ),
        ("impl Drop for S { # }", ""),
        ("unsafe extern \"C\" { # safe fn go(); }", ""),
    ] {
        let condition = "#![cfg(feature = \"a\")]";
        let item = item.replace('#', condition);
        let text = format!("struct S; {item} {rest} fn f(s: S) {{ s.go(); go() }}");
        let of = |cfgs: &[&str]| Fixture::lib(&text).cfgs(cfgs).of("f");
        assert_ne!(of(&["feature=\"a\""]), of(&[]), "{text}");
        let without = text.replace(condition, "");
        assert_ne!(of(&[]), Fixture::lib(&without).of("f"), "{text}");
    }
}

#[test]
fn attributes_before_a_module_count_for_what_stands_in_it() {
    for module in ["mod m { # }", "mod m { pub mod n { # } pub use n::g; }"] {
        let module = module.replace('#', "pub fn g() -> u32 { 1 }");
        let text = format!("mod o {{}} #[no_implicit_prelude] {module} fn f() -> u32 {{ m::g() }}");
        changes(&text, "#[no_implicit_prelude]", "");
        changes(
            &text,
            "#[no_implicit_prelude]",
            "#[cfg_attr(all(), inline)]",
        );
        keeps(&text, "mod o", "#[no_implicit_prelude] mod o");
    }
}
