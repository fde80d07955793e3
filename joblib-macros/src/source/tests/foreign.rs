//! Tests `extern` blocks and the names of crates.

use super::fixture::{Fixture, changes, counts, does_count, is_ignored, keeps};

const BLOCKS: &str = "
    unsafe extern \"C\" { safe fn one(x: u32) -> u32; }
    unsafe extern \"system\" { safe fn two(x: u32) -> u32; }
    fn f() -> u32 { one(1) * 10 + two(2) }
    fn g() -> u32 { 1 }
";

#[test]
fn the_abi_of_a_block_counts() {
    changes(BLOCKS, "\"C\"", "\"sysv64\"");
    let exchanged = BLOCKS.replace("\"C\"", "\"x\"");
    let exchanged = exchanged
        .replace("\"system\"", "\"C\"")
        .replace("\"x\"", "\"system\"");
    assert_ne!(
        Fixture::lib(BLOCKS).of("f"),
        Fixture::lib(&exchanged).of("f")
    );
    assert_eq!(
        Fixture::lib(BLOCKS).of("g"),
        Fixture::lib(&exchanged).of("g")
    );
}

#[test]
fn attributes_of_a_block_count() {
    let text = "
        #[link(name = \"one\")] unsafe extern \"C\" { safe fn one(x: u32) -> u32; }
        fn f() -> u32 { one(1) }
    ";
    changes(text, "\"one\"", "\"two\"");
    keeps(text, "#[link", "#[allow(unused)] #[link");
}

#[test]
fn a_macro_attached_to_a_block_sees_all_of_it() {
    let text = "
        #[outer::load(\"first\")] unsafe extern \"C\" { fn one(x: u32) -> u32; fn two(x: u8) -> u32; }
        fn first() -> u32 { 1 }
        fn f() -> u32 { one_loaded(1) }
    ";
    changes(text, "x: u8", "x: u16");
    changes(text, "{ 1 }", "{ 2 }");
    changes(text, "(\"first\")", "(\"second\")");
}

/// Returns the cfg predicates of `f` that only the compiler can evaluate.
fn unknown_cfgs(text: &str) -> Vec<String> {
    let mut engine = Fixture::lib(text).engine();
    let f = engine.find("crate::f").unwrap();
    engine.reach_of_item(f).unknown_cfgs
}

#[test]
fn conditions_of_crates_and_of_modules_with_imports_count() {
    let crates = "
        #[cfg(panic = \"abort\")] extern crate one as dep;
        #[cfg(not(panic = \"abort\"))] extern crate two as dep;
        fn f() -> u32 { dep::go() }
    ";
    let modules = "
        mod a { pub fn go() -> u32 { 1 } } mod b { pub fn go() -> u32 { 2 } }
        #[cfg(panic = \"abort\")] mod dep { pub use crate::a::*; }
        #[cfg(not(panic = \"abort\"))] mod dep { pub use crate::b::*; }
        fn f() -> u32 { dep::go() }
    ";
    for text in [crates, modules] {
        let cfgs = unknown_cfgs(text);
        assert!(cfgs.contains(&"panic=\"abort\"".to_owned()), "{cfgs:?}");
    }
}

#[test]
fn impls_that_crates_further_up_may_have_are_listed() {
    let text = "
        pub trait Model { fn run(&self) -> u32; } trait Own { fn step(&self) -> u32 { 1 } }
        pub struct Wrapped<T>(T);
        impl Model for u32 { fn run(&self) -> u32 { *self } }
        impl<T: Model> Wrapped<T> { pub fn g(&self) -> u32 { self.0.run() } }
        fn h(x: &impl Own) -> u32 { x.step() }
        fn f(x: &impl Model) -> u32 { x.run() }
    ";
    let listed = |path: &str| {
        let mut engine = Fixture::lib(text).engine();
        let id = engine.find(path).unwrap();
        let summary = engine.reach_of_item(id);
        engine.items_text(&summary)
    };
    let note = "reaches impls of `Model`, for types from further up by the executable";
    assert!(listed("crate::f").contains(note), "{}", listed("crate::f"));
    assert!(listed("crate::<impl Wrapped>::g").contains(note));
    for path in ["crate::h", "crate::<impl Model for u32>::run"] {
        assert!(!listed(path).contains("further up"), "{}", listed(path));
    }
}

#[test]
fn what_joblib_links_calls_nothing_by_its_symbol() {
    let root = |more: &str| format!("use joblib::memoize; {more} fn f(x: u32) -> u32 {{ x }}");
    let joblib = "extern \"C\" { fn called(); } pub use joblib_macros::memoize;";
    let fixture = Fixture::app(&root(""))
        .beside("joblib", "", joblib, &[])
        .externs(&[("joblib", "joblib")]);
    let before = fixture.of("f");
    let called = "#[unsafe(no_mangle)] extern \"C\" fn called() {}";
    fixture.write("app/src/lib.rs", &root(called));
    assert_eq!(before, fixture.of("f"));
}

#[test]
fn symbols_that_macros_declare_count() {
    let defined =
        "mod imp { #[unsafe(export_name = \"hook\")] extern \"C\" fn other() -> u32 { 71 } }";
    for text in [
        "macro_rules! declare { ($n:ident) => { unsafe extern \"C\" { safe fn $n() -> u32; } } }
        declare!(hook); fn f() -> u32 { hook() }",
        "macro_rules! declare { ($l:literal) => { unsafe extern \"C\" { #[link_name = $l] safe fn near() -> u32; } } }
        declare!(\"hook\"); fn f() -> u32 { near() }",
        "macro_rules! declare { ($abi:literal) => { unsafe extern $abi { #[link_name = \"hook\"] safe fn near() -> u32; } } }
        declare!(\"C\"); fn f() -> u32 { near() }",
        "macro_rules! call { () => { { unsafe extern { #[link_name = \"hook\"] safe fn near() -> u32; } near() } } }
        fn f() -> u32 { call!() }",
        "macro_rules! id { ($($t:tt)*) => { $($t)* } }
        id! { unsafe extern \"C\" { #[link_name = \"hook\"] safe fn near() -> u32; } } fn f() -> u32 { near() }",
    ] {
        counts(&format!("{defined} {text}"));
    }
    let text = "macro_rules! call { ($e:expr) => { { extern \"C\" fn near() {} $e } } } fn f() -> u32 { call!(1) }";
    is_ignored(&format!("{defined} {text}"));
}

#[test]
fn symbols_that_macros_export_count_under_whatever_name() {
    let declared = "unsafe extern \"C\" { #[link_name = \"hook\"] safe fn near() -> u32; } fn f() -> u32 { near() }";
    for text in [
        "macro_rules! export { ($l:literal) => { #[unsafe(export_name = $l)] extern \"C\" fn other() -> u32 { 71 } } } export!(\"hook\");",
        "macro_rules! export { () => { #[unsafe(export_name = \"hook\")] extern \"C\" fn other() -> u32 { 71 } } } mod imp { export!(); }",
        "macro_rules! export { ($n:ident) => { #[unsafe(no_mangle)] extern \"C\" fn $n() -> u32 { 71 } } } export!(hook);",
        "macro_rules! export { () => { #[unsafe(no_mangle)] extern \"C\" fn hook() -> u32 { 71 } } } export!();",
        "#[exports::export] mod m { fn hook() -> u32 { 71 } }",
        "#[exports::export] fn hook() -> u32 { 71 }",
    ] {
        counts(&format!("{declared} {text}"));
    }
}

#[test]
fn a_symbol_that_a_crate_from_elsewhere_exports_counts() {
    let root = "unsafe extern \"Rust\" { safe fn hook() -> u32; } fn f() -> u32 { hook() } fn g() -> u32 { 1 }";
    let source = |attribute: &str| format!("{attribute} pub fn hook() -> u32 {{ 71 }}");
    for (attribute, counts) in [("#[unsafe(no_mangle)]", true), ("#[inline]", false)] {
        let fixture = Fixture::new(&[("src/lib.rs", root)])
            .vendored("dep", "", &source(attribute))
            .externs(&[("dep", "dep")]);
        let source = "vendor/dep/src/lib.rs";
        assert_eq!(does_count(&fixture, source), counts, "{attribute}");
        let before = fixture.of("g");
        fixture.write(source, "");
        assert_eq!(before, fixture.of("g"));
    }
}
