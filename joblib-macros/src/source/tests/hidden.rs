//! Tests code that is hidden by rare spellings or by macros of other crates.

use super::fixture::{Fixture, PROC_MACRO, changes, counts, does_count, hash, is_change};

fn with_macros(deps: &str, app: &str) -> Fixture {
    Fixture::new(&[("app/src/lib.rs", app), ("app/src/banner.txt", "71")])
        .package("app")
        .published("dep-1.0.0", "", deps, &[])
        .externs(&[("dep", "dep")])
}

#[test]
fn a_bound_of_captured_names_is_no_import() {
    counts("fn helper(x: u32) -> u32 { x + 71 }
        fn f<'a>(xs: &'a [u32]) -> impl Iterator<Item = u32> + use<'a> { let k = helper(2); xs.iter().map(move |x| x * k) }
        fn g() {}");
}

#[test]
fn captured_names_of_a_helper_are_no_import() {
    counts("fn helper(x: u32) -> u32 { x + 71 }
        fn all<'a>(xs: &'a [u32]) -> impl Iterator<Item = u32> + use<'a> { let k = helper(2); xs.iter().map(move |x| x * k) }
        fn f() -> u32 { all(&[1]).sum() } struct Z;");
}

#[test]
fn a_global_path_after_an_arrow_counts() {
    counts(
        "mod m { pub fn helper(x: u32) -> u32 { x + 71 } } fn f(x: u32) -> u32 { match x { 0 => ::m::helper(x), _ => 1 } }",
    );
}

#[test]
fn a_global_path_after_a_block_counts() {
    counts(
        "mod m { pub fn helper(x: u32) -> u32 { x + 71 } } fn f(x: u32) -> u32 { if x > 3 { side() } ::m::helper(x) } fn side() {}",
    );
}

#[test]
fn a_global_path_after_a_comparison_counts() {
    counts("mod m { pub const LIMIT: u32 = 71; } fn f(x: u32) -> bool { x > ::m::LIMIT }");
}

#[test]
fn a_global_path_in_a_signature_counts() {
    counts(
        "mod m { pub struct T { pub a: [u8; 71] } } fn f() -> ::m::T { ::std::default::Default::default() }",
    );
}

/// Returns whether a feature counts for `f`, which calls a macro of a registry crate
/// with this body.
fn is_feature_seen(body: &str) -> bool {
    let macros = format!("#[macro_export] macro_rules! fast {{ () => {{ {body} }} }}");
    let fixture = |cfgs: &[&str]| with_macros(&macros, "fn f() -> u32 { dep::fast!() }").cfgs(cfgs);
    fixture(&[]).of("f") != fixture(&["feature=\"fast\""]).of("f")
}

#[test]
fn a_whole_predicate_of_a_foreign_macro_counts() {
    assert!(is_feature_seen(
        "if cfg!(feature = \"fast\") { 1 } else { 2 }"
    ));
}

#[test]
fn a_condition_in_a_foreign_macro_counts() {
    assert!(is_feature_seen(
        "{ #[cfg(feature = \"fast\")] { 1 } #[cfg(not(feature = \"fast\"))] { 2 } }"
    ));
}

#[test]
fn a_variable_that_foreign_macros_hand_on_counts() {
    let fixture = |value: &str| {
        let dep = "#[macro_export] macro_rules! knob { ($a:ident, $b:literal) => { $crate::read!(\"MY_KNOB\") } }
           #[macro_export] macro_rules! read { ($n:literal) => { option_env!($n) } }";
        Fixture::app("fn f() -> u32 { dep::knob!(fine, \"other\") }")
            .published("dep-1.0.0", "", dep, &[])
            .externs(&[("dep", "dep")])
            .variable("MY_KNOB", value)
    };
    assert_ne!(fixture("a").of("f"), fixture("b").of("f"));
}

#[test]
fn a_variable_of_two_fragments_counts() {
    let fixture = |value: &str| {
        Fixture::lib(
        "macro_rules! knob { ($a:literal, $b:literal) => { option_env!(concat!($a, \"_\", $b)) } }
         fn f() -> u32 { knob!(\"MY\", \"KNOB\") }").variable("MY_KNOB", value)
    };
    assert_ne!(fixture("a").of("f"), fixture("b").of("f"));
}

#[test]
fn a_file_of_two_fragments_counts() {
    let fixture = Fixture::new(&[("src/lib.rs",
        "macro_rules! table { ($d:literal, $n:literal) => { include_str!(concat!($d, \"/\", $n, \".txt\")) } }
         fn f() -> &'static str { table!(\"data\", \"train\") }"),
        ("src/data/train.txt", "71"), ("src/data/data.txt", "1")]);
    assert!(does_count(&fixture, "src/data/train.txt"));
}

#[test]
fn a_hook_in_a_variable_sees_lines() {
    changes("fn f() -> u32 { let hook = Box::new(|info: &Info| { LAST.set(info.location().line()) }); std::panic::set_hook(hook); let _ = std::panic::catch_unwind(helper); LAST.get() }
       fn helper() { panic!() }", "fn helper", "\nfn helper");
}

#[test]
fn a_hook_that_ignores_something_else_sees_lines() {
    changes("fn f() -> u32 { std::panic::set_hook(Box::new(|info| { keep(info.location().line()); all().for_each(|_| ()) })); let _ = std::panic::catch_unwind(helper); 1 }
       fn helper() { panic!() }", "fn helper", "\nfn helper");
}

#[test]
fn an_import_of_a_rare_trait_counts() {
    changes("use std::os::unix::fs::FileExt; trait W { fn write_at(&mut self, b: &[u8], o: u64) -> u64; } impl W for std::fs::File { fn write_at(&mut self, b: &[u8], o: u64) -> u64 { 1 } }
       fn f(mut file: std::fs::File) -> u64 { file.write_at(&[], 0) }", "use std::os::unix::fs::FileExt;", "");
}

#[test]
fn a_file_that_foreign_macros_hand_on_counts() {
    let fixture = with_macros(
        "#[macro_export] macro_rules! banner { ($a:ident) => { $crate::text!(\"banner.txt\") } }
      #[macro_export] macro_rules! text { ($n:literal) => { include_str!($n) } }",
        "fn f() -> &'static str { dep::banner!(a) }",
    );
    assert!(does_count(&fixture, "app/src/banner.txt"));
}

#[test]
fn items_from_a_file_of_two_fragments_count() {
    let fixture = Fixture::new(&[("src/lib.rs", "macro_rules! load { ($d:literal, $n:literal) => { include!(concat!($d, \"/\", $n, \".rs\")); } } load!(\"data\", \"train\");
       fn f() -> u32 { made() }"), ("src/data/train.rs", "fn made() -> u32 { inner() } fn inner() -> u32 { 71 }")]);
    assert!(does_count(&fixture, "src/data/train.rs"));
}

#[test]
fn a_member_after_angles_and_a_space_counts() {
    counts(
        "struct S; trait T { fn go() -> u32; } impl T for S { fn go() -> u32 { 71 } } fn f() -> u32 { <S as T> :: go() }",
    );
}

#[test]
fn a_dynamic_library_below_another_crate_is_followed() {
    let mid = "pub fn go() -> u32 { low::go() }";
    let fixture = Fixture::app("fn f() -> u32 { mid::go() }")
        .beside("low", "", "pub fn go() -> u32 { 71 }", &[])
        .beside("mid", "", mid, &["low"])
        .externs(&[("mid", "mid")]);
    let deps = fixture.path().join("target/debug/deps");
    let hashed = deps.join(format!("low-{}.d", hash("low")));
    std::fs::rename(hashed, deps.join("low.d")).unwrap();
    assert!(does_count(&fixture, "low/src/lib.rs"));
}

#[test]
fn a_crate_is_one_by_whichever_of_its_files_it_is_named() {
    let low = "pub struct S; impl S { pub fn new() -> S { S } }";
    let mid = "pub fn make() -> low::S { low::S::new() }";
    let app = "trait Tr { fn go(&self) -> u32; } impl Tr for low::S { fn go(&self) -> u32 { 71 } }
            fn f() -> u32 { mid::make().go() }";
    let fixture = Fixture::app(app)
        .beside("low", "", low, &[])
        .beside("mid", "", mid, &["low"])
        .externs(&[("mid", "mid"), ("low", "low")]);
    assert!(does_count(&fixture, "app/src/lib.rs"));
}

/// Creates an application that depends on a crate `facade`, which re-exports this
/// procedural macro. Both crates come from a registry.
fn behind_a_facade(app: &str, handed_on: &str, magical: &str) -> Fixture {
    let facade = format!("pub use magical::{handed_on};");
    let fixture = Fixture::app(app)
        .published("magical-1.0.0", PROC_MACRO, magical, &[])
        .published("facade-1.0.0", "", &facade, &["magical"])
        .externs(&[("facade", "facade")]);
    let library = format!("target/debug/deps/libmagical-{}.so", hash("magical"));
    fixture.write(&library, "");
    fixture
}

#[test]
fn names_that_the_macro_behind_a_facade_writes_count() {
    let fixture = behind_a_facade(
        "mod hooks { pub fn run() -> u32 { 71 } } #[derive(facade::Magic)] struct S;
        fn f() -> u32 { S.magic() }",
        "Magic",
        "#[proc_macro_derive(Magic)] pub fn magic(i: TokenStream) -> TokenStream { quote! { crate::hooks::run() } }",
    );
    assert!(does_count(&fixture, "app/src/lib.rs"));
}

#[test]
fn a_macro_counts_by_the_shortest_way_to_it() {
    let ways: [(&str, &[&str]); 6] = [
        ("magical", &[]),
        ("hub", &["magical"]),
        ("third", &["hub"]),
        ("second", &["third"]),
        ("first", &["second"]),
        ("facade", &["first", "hub"]),
    ];
    let app = "mod hooks { pub fn run() -> u32 { 71 } } #[derive(facade::Magic)] struct S; fn f() -> u32 { S.magic() }";
    let magical =
        "#[proc_macro_derive(Magic)] pub fn magic(i: T) -> T { quote! { crate::hooks::run() } }";
    let mut fixture = Fixture::app(app);
    for (name, below) in ways {
        let (kind, text) = match name {
            "magical" => (PROC_MACRO, magical),
            _ => ("", "pub use hub::Magic;"),
        };
        fixture = fixture.published(&format!("{name}-1.0.0"), kind, text, below);
    }
    let library = format!("target/debug/deps/libmagical-{}.so", hash("magical"));
    fixture.write(&library, "");
    let fixture = fixture.externs(&[("facade", "facade")]);
    assert!(does_count(&fixture, "app/src/lib.rs"));
}

#[test]
fn a_macro_that_a_glob_brings_counts_beside_one_of_the_crate() {
    let deps = "#[macro_export] macro_rules! call { () => { include_str!(\"banner.txt\").len() } }
        pub mod deep { #[macro_export] macro_rules! other { () => { 1 } } pub use crate::call; }";
    for app in [
        "use dep::*; mod a { macro_rules! call { () => { 1 } } } fn f() -> usize { call!() }",
        "mod m { use dep::*; pub fn g() -> usize { call!() } } mod a { macro_rules! call { () => { 1 } } } fn f() -> usize { m::g() }",
        "mod a { macro_rules! call { () => { 1 } } } fn f() -> usize { use dep::deep::*; call!() }",
    ] {
        let fixture = with_macros(deps, app);
        assert!(does_count(&fixture, "app/src/banner.txt"), "{app}");
    }
    let app = "mod a { macro_rules! call { () => { 1 } } } fn f() -> usize { call!() }";
    let fixture = with_macros(deps, app);
    assert!(!does_count(&fixture, "app/src/banner.txt"));
}

fn with_attributes(app: &str) -> Fixture {
    let deco = "#[proc_macro_attribute] pub fn track(_: TokenStream, item: TokenStream) -> TokenStream { quote! { crate::hooks::run() } }";
    Fixture::app(app)
        .published("deco-1.0.0", PROC_MACRO, deco, &[])
        .externs(&[("deco", "deco")])
}

#[test]
fn attributes_of_others_that_are_called_like_ours_count() {
    for attribute in ["#[track(71)]", "#[deco::track(71)]"] {
        let app = format!("use deco::track; {attribute} fn helper() {{}} fn f() {{ helper() }}");
        let fixture = with_attributes(&app);
        assert!(does_count(&fixture, "app/src/lib.rs"), "{attribute}");
    }
}

#[test]
fn attributes_of_others_that_are_called_like_joblibs_count_wherever_they_are_imported() {
    let f = "pub fn f() { helper() }";
    for app in [
        "mod prelude { pub use deco::track; } use crate::prelude::track; #[track(71)] fn helper() {}",
        "mod prelude { pub use deco::track; } #[prelude::track(71)] fn helper() {}",
        "mod prelude { pub use deco::*; } use prelude::*; #[track(71)] fn helper() {}",
        "use deco::*; #[track(71)] fn helper() {}",
        "mod m { pub use deco::track; pub mod n { use super::*; #[track(71)] pub fn helper() {} } } use m::n::helper;",
        "mod m { pub use deco::track as parallel; } use m::parallel; #[cfg_attr(all(), parallel(71))] fn helper() {}",
    ] {
        let fixture = with_attributes(&format!("{app} {f}"));
        assert!(does_count(&fixture, "app/src/lib.rs"), "{app}");
    }
    for app in [
        "mod prelude { pub use joblib::track; } use crate::prelude::track; #[track(71)] fn helper() {}",
        "use joblib::*; use deco::*; #[track(71)] fn helper() {}",
    ] {
        let fixture = with_attributes(&format!("{app} {f}"));
        let fixture = fixture.externs(&[("deco", "deco"), ("joblib", "joblib")]);
        assert!(!does_count(&fixture, "app/src/lib.rs"), "{app}");
    }
}

#[test]
fn attributes_of_others_that_are_called_like_the_compilers_attach_macros() {
    let fixture = behind_a_facade(
        "use facade::track as default; mod hooks { pub fn run() -> u32 { 71 } }
        #[default] fn helper() {} fn f() { helper() }",
        "track",
        "#[proc_macro_attribute] pub fn track(_: TokenStream, item: TokenStream) -> TokenStream { quote! { crate::hooks::run() } }",
    );
    assert!(does_count(&fixture, "app/src/lib.rs"));
}

#[test]
fn what_a_crates_own_macro_is_given_counts_as_it_is_written() {
    let fixture = Fixture::new(&[(
        "src/lib.rs",
        "macro_rules! dbg { ($x:expr) => { 1 }; ($x:expr,) => { 2 } } fn f() -> u32 { dbg!(71) }",
    )]);
    assert!(is_change(&fixture, "src/lib.rs", "dbg!(71)", "dbg!(71,)"));
}

#[test]
fn a_type_in_a_where_clause_counts() {
    counts("trait A {} trait Bar<T> {} struct Foo; impl<T> Bar<T> for Foo {} impl Drop for Foo { fn drop(&mut self) { side(71) } } fn side(_: u32) {}
        fn f() { fn inner<T>() where T: A, Foo: Bar<T> {} }");
}

#[test]
fn an_import_that_is_called_like_its_crate_ends() {
    let fixture = with_attributes("use deco::deco; fn f() -> u32 { deco::deco!(71) }");
    assert!(does_count(&fixture, "app/src/lib.rs"));
}

#[test]
fn variables_that_a_procedural_macro_beside_asks_for_count_under_any_spelling() {
    let knob = |code: &str, value: &str| {
        let text = format!(
            "#[proc_macro] pub fn make(i: TokenStream) -> TokenStream {{ {code} }}
            fn of(name: &str) -> String {{ std::env::var(name).unwrap_or_default() }}
            const K: &str = \"MY_KNOB\";"
        );
        Fixture::app("fn f() -> u32 { mac::make!() }")
            .beside("mac", PROC_MACRO, &text, &[])
            .externs(&[("mac", "mac")])
            .variable("MY_KNOB", value)
            .of("f")
    };
    for code in ["std::env::var(K)", "of(K)", "of(\"MY_KNOB\")"] {
        assert_ne!(knob(code, "a"), knob(code, "b"), "{code}");
    }
}
