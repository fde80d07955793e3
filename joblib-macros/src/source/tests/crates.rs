//! Tests modules in files, other crates, generated code and the environment.

use super::fixture::{Fixture, PROC_MACRO};
use crate::source::name::Name;

/// Asserts whether an edit of one file changes the fingerprint of `f`.
#[track_caller]
fn edit(fixture: &Fixture, file: &str, from: &str, to: &str, is_change: bool) {
    let path = fixture.path().join(file);
    let text = std::fs::read_to_string(&path).unwrap();
    assert!(text.contains(from), "{from:?} is not in {file}");
    let before = fixture.of("f");
    fixture.write(file, &text.replacen(from, to, 1));
    let after = fixture.of("f");
    fixture.write(file, &text);
    assert_eq!(
        fixture.of("f"),
        before,
        "undoing the edit does not restore the fingerprint"
    );
    assert_eq!(before != after, is_change, "{file}: {from:?} became {to:?}");
}

#[test]
fn modules_in_files_are_found() {
    let fixture = Fixture::new(&[
        ("src/lib.rs", "mod a; mod b; mod c { pub mod d; } #[path = \"odd.rs\"] mod e;
            fn f() -> u32 { a::x() + b::deep::y() + c::d::z() + e::w() + i() } include!(\"more.rs\");"),
        ("src/a.rs", "pub fn x() -> u32 { 1 } pub fn other() -> u32 { 9 }"),
        ("src/b/mod.rs", "pub mod deep;"),
        ("src/b/deep.rs", "pub fn y() -> u32 { 2 }"),
        ("src/c/d.rs", "pub fn z() -> u32 { 3 }"),
        ("src/odd.rs", "pub fn w() -> u32 { 4 }"),
        ("src/more.rs", "fn i() -> u32 { 5 }"),
    ]);
    edit(&fixture, "src/a.rs", "1", "7", true);
    edit(&fixture, "src/a.rs", "9", "7", false);
    edit(&fixture, "src/b/deep.rs", "2", "7", true);
    edit(&fixture, "src/c/d.rs", "3", "7", true);
    edit(&fixture, "src/odd.rs", "4", "7", true);
    edit(&fixture, "src/more.rs", "5", "7", true);
}

#[test]
fn modules_declared_in_macros_are_found() {
    let fixture = Fixture::new(&[
        (
            "src/lib.rs",
            "cfg_if! { if #[cfg(unix)] { mod a; use a::x; } else { mod b; use b::x; } } fn f() -> u32 { x() }",
        ),
        ("src/a.rs", "pub fn x() -> u32 { 1 }"),
        ("src/b.rs", "pub fn x() -> u32 { 2 }"),
    ]);
    edit(&fixture, "src/a.rs", "1", "7", true);
    edit(&fixture, "src/b.rs", "2", "7", true);
}

#[test]
fn included_files_and_variables_count() {
    let fixture = Fixture::new(&[
        (
            "src/lib.rs",
            "fn f() -> usize { DATA.len() + env!(\"CARGO_PKG_NAME\").len() }
            const DATA: &str = include_str!(concat!(env!(\"CARGO_MANIFEST_DIR\"), \"/data.txt\"));
            const OTHER: &str = include_str!(\"../other.txt\");",
        ),
        ("data.txt", "one"),
        ("other.txt", "two"),
    ]);
    let fixture = fixture.variable_dir();
    edit(&fixture, "data.txt", "one", "1", true);
    edit(&fixture, "other.txt", "two", "2", false);
}

/// Creates an application, a library below it, a library below that one, macros, and
/// registry crates.
fn workspace() -> Fixture {
    let base = "pub fn deep() -> u32 { 21 } pub struct Kind; impl Kind { pub fn value(&self) -> u32 { 22 } pub fn unused(&self) -> u32 { 23 } }";
    let library =
        "pub use base::Kind; pub const LIMIT: u32 = 11; pub fn helper() -> u32 { base::deep() }
            #[macro_export] macro_rules! twice { ($x:expr) => { $crate::double($x) + 12 } }
            pub fn double(x: u32) -> u32 { x + 13 } pub fn unused() -> u32 { 14 }";
    let derive = "#[proc_macro_derive(Magic)] pub fn magic() { inner() } fn inner() { 31; }";
    let app = "mod quiet { use log::info; pub fn g() -> u32 { info(); 1 } pub fn h() -> u32 { 2 } }
            use lib::{helper, Kind, LIMIT};
            #[derive(renamed::Magic)] struct S;
            fn f(k: Kind) -> u32 { helper() + LIMIT + lib::twice!(3) + k.value() }
            fn d(s: S) {}
            fn r() -> u32 { rand::random() }
            fn plain() -> u32 { 2 }";
    let rand = "registry/src/index/rand-0.9.1/src/lib.rs";
    Fixture::app(app)
        .beside("base", "", base, &[])
        .beside("lib", "", library, &["base"])
        .beside("derive", PROC_MACRO, derive, &[])
        .published("rand_core-0.6.0", "", "pub trait Rng {}", &[])
        .published("rand-0.9.1", "", "pub fn random() -> u32 { 4 }", &[])
        .unit("rand", rand, &["std"], &["rand_core"])
        .published("log-0.4.0", "", "pub fn info() {}", &[])
        .externs(&[
            ("lib", "lib"),
            ("renamed", "derive"),
            ("rand", "rand"),
            ("log", "log"),
        ])
}

#[test]
fn crates_are_listed_with_version_and_features_and_so_are_those_below_them() {
    let rand = "registry/src/index/rand-0.9.1/src/lib.rs";
    let version = |version: &str| format!("version = \"{version}\"\n");
    let text = "pub fn random() -> u32 { 4 }";
    let fixture = Fixture::app("fn f() -> u32 { chance::random() }")
        .published(
            "rand_core-0.6.0",
            &version("0.6.0"),
            "pub trait Rng {}",
            &[],
        )
        .published("rand-0.9.1", &version("0.9.1"), text, &[])
        .unit("rand", rand, &["alloc", "std"], &["rand_core"])
        .externs(&[("chance", "rand")]);
    let mut engine = fixture.engine();
    let id = engine.find("crate::f").unwrap();
    let summary = engine.reach_of_item(id);
    let items = engine.items_text(&summary);
    for path in ["crate rand 0.9.1 (alloc, std)", "crate rand_core 0.6.0"] {
        let is_listed = items
            .lines()
            .any(|line| line.split('\t').next() == Some(path));
        assert!(is_listed, "{path} in\n{items}");
    }
}

#[test]
fn crates_of_the_workspace_are_followed_item_by_item() {
    let fixture = workspace();
    for (file, number) in [
        ("lib/src/lib.rs", "11"),
        ("lib/src/lib.rs", "12"),
        ("lib/src/lib.rs", "13"),
        ("base/src/lib.rs", "21"),
        ("base/src/lib.rs", "22"),
    ] {
        edit(&fixture, file, number, "99", true);
    }
    edit(&fixture, "lib/src/lib.rs", "14", "99", false);
    edit(&fixture, "base/src/lib.rs", "23", "99", false);
}

#[track_caller]
fn affected(file: &str, from: &str, to: &str, expected: &[&str]) {
    let fixture = workspace();
    let before = fixture.all();
    let text = std::fs::read_to_string(fixture.path().join(file)).unwrap();
    assert!(text.contains(from));
    fixture.write(file, &text.replacen(from, to, 1));
    let after = fixture.all();
    let changed: Vec<&str> = before
        .iter()
        .filter(|(path, digest)| after[*path] != **digest)
        .map(|(p, _)| p.as_str())
        .collect();
    assert_eq!(changed, expected, "{file}: {from:?} became {to:?}");
}

#[test]
fn macros_of_the_workspace_count_as_a_whole() {
    affected("derive/src/lib.rs", "31", "99", &["crate::d"]);
}

#[test]
fn other_crates_count_by_version() {
    let record = "target/debug/.fingerprint/rand-00000000000000a5/lib-rand.json";
    affected(record, "std", "small_rng", &["crate::r"]);
    let moved = [
        ("rand", "rand-0.9.1", "rand-0.9.2", "crate::r"),
        (
            "rand_core",
            "rand_core-0.6.0",
            "rand_core-0.6.10",
            "crate::r",
        ),
        ("log", "log-0.4.0", "log-0.4.10", "crate::quiet::g"),
    ];
    for (krate, from, to, function) in moved {
        let fixture = workspace();
        let before = fixture.all();
        let (old, new) = (
            format!("registry/src/index/{from}"),
            format!("registry/src/index/{to}"),
        );
        std::fs::rename(fixture.path().join(old), fixture.path().join(&new)).unwrap();
        let fixture = fixture.unit_again(krate, &format!("{new}/src/lib.rs"));
        let after = fixture.all();
        let changed: Vec<_> = before
            .keys()
            .filter(|path| before[*path] != after[*path])
            .collect();
        assert_eq!(changed, [function], "{from} became {to}");
    }
}

#[test]
fn a_function_may_move_and_be_renamed_with_its_helpers() {
    let body = "fn g(n: u32) -> u32 { if n == 0 { h() } else { g(n - 1) } } fn h() -> u32 { 1 }";
    let here = Fixture::lib(&format!("mod a {{ {body} }}"));
    let there = Fixture::lib(&format!("mod b {{ mod c {{ {body} }} }}").replace("g(", "k("));
    assert_eq!(here.of("a::g"), there.of("b::c::k"));
}

#[test]
fn the_arm_that_cfg_select_takes_counts() {
    let digest = |text: &str, cfgs: &[&str]| Fixture::lib(text).cfgs(cfgs).all()["crate::f"];
    let text = "fn f() -> u32 { cfg_select! { all(feature = \"x\", unix) => { 1 } feature = \"y\" => 2, _ => 3 } }";
    let none = digest(text, &[]);
    assert_ne!(none, digest(text, &["feature=\"y\""]));
    assert_ne!(none, digest(text, &["feature=\"x\"", "unix"]));
    assert_eq!(none, digest(text, &["feature=\"z\""]));
}

#[test]
fn features_decide_what_is_there() {
    let text = "#[cfg(feature = \"x\")] fn h() -> u32 { 1 } #[cfg(not(feature = \"x\"))] fn h() -> u32 { 2 } fn f() -> u32 { h() }";
    let with = Fixture::lib(text).cfgs(&["feature=\"x\""]);
    edit(&with, "src/lib.rs", "{ 1 }", "{ 7 }", true);
    edit(&with, "src/lib.rs", "{ 2 }", "{ 7 }", false);
    let without = Fixture::lib(text);
    edit(&without, "src/lib.rs", "{ 1 }", "{ 7 }", false);
    edit(&without, "src/lib.rs", "{ 2 }", "{ 7 }", true);
}

#[test]
fn a_renamed_dependency_is_never_taken_for_the_package_of_that_name() {
    let is_known = |shared: &str, dependency: &str| {
        let mid = "pub fn go() -> u32 { rand::go() }";
        let fixture = Fixture::app("fn f() -> u32 { mid::go() }")
            .beside("rand", "", "pub fn go() -> u32 { 1 }", &[])
            .beside("mid", dependency, mid, &["rand"])
            .externs(&[("mid", "mid")]);
        fixture.write("Cargo.toml", shared);
        // Simulates a record of `mid` that is older than a dependency of `mid`.
        let kept = fixture.path().join("target/debug/.fingerprint");
        for entry in std::fs::read_dir(kept).unwrap().flatten() {
            let file = entry.path().join("lib-rand");
            if file.is_file() {
                std::fs::write(file, "00000000000000ff").unwrap();
            }
        }
        let mut engine = fixture.engine();
        let artifact = engine.world().krate(0).externs[&Name::new("mid")].clone();
        engine.world_mut().unit(&artifact).is_some()
    };
    let shared = "[workspace.dependencies]\nrand = \"1\"";
    assert!(is_known("", "[dependencies]\nrand = \"1\""));
    assert!(is_known(
        "",
        "[target.'cfg(unix)'.dependencies.rand]\nversion = \"1\""
    ));
    assert!(is_known(shared, "[dependencies]\nrand.workspace = true"));
    let renamed = "[workspace.dependencies]\nrand = { package = \"my-rand\" }";
    assert!(!is_known(
        "",
        "[dependencies]\nrand = { package = \"my-rand\" }"
    ));
    assert!(!is_known(renamed, "[dependencies]\nrand.workspace = true"));
    assert!(!is_known("", "[dependencies]\nrand-rs = \"1\""));
}

#[test]
fn a_path_attribute_counts_from_the_directory_of_the_file_or_of_inline_modules() {
    let text = |n: u32| format!("pub fn q() -> u32 {{ {n} }}");
    let fixture = Fixture::new(&[
        ("src/lib.rs", "mod b; mod lib { #[path = \"x.rs\"] pub mod y; }
            mod deep { pub fn z() -> u32 { #[path = \"in.rs\"] mod w; w::q() } }
            fn f() -> u32 { b::inner::leaf::q() + lib::y::q() + b::plain::leaf::q() + deep::z() + b::own() }"),
        (
            "src/b.rs",
            "#[path = \"other\"] pub mod inner { pub mod leaf; } pub mod plain { pub mod leaf; }
            pub fn own() -> u32 { #[path = \"own.rs\"] mod o; impl S {} o::q() }",
        ),
        ("src/other/leaf.rs", &text(1)),
        ("src/lib/x.rs", &text(2)),
        ("src/b/plain/leaf.rs", &text(3)),
        ("src/deep/in.rs", &text(4)),
        ("src/own.rs", &text(5)),
    ]);
    edit(&fixture, "src/other/leaf.rs", "1", "7", true);
    edit(&fixture, "src/lib/x.rs", "2", "7", true);
    edit(&fixture, "src/b/plain/leaf.rs", "3", "7", true);
    edit(&fixture, "src/deep/in.rs", "4", "7", true);
    edit(&fixture, "src/own.rs", "5", "7", true);
}

#[test]
fn imports_of_the_first_edition_start_at_the_root() {
    let fixture = |edition: &str| {
        let app = "fn f() -> u32 { dep::m::h() } fn g() -> u32 { dep::m::i() } fn h() -> u32 { dep::m::k() }";
        let dep = "mod a { pub fn go() -> u32 { 11 } } mod b { pub fn went() -> u32 { 12 } }
                mod c { pub fn gone() -> u32 { 13 } } mod other { pub fn gone() -> u32 { 14 } }
                pub mod m {
                    use a::go; use b::*; mod a { pub fn go() -> u32 { 21 } } mod b { pub fn went() -> u32 { 22 } }
                    pub fn h() -> u32 { go() } pub fn i() -> u32 { went() }
                    mod c { pub fn gone() -> u32 { 23 } } pub fn k() -> u32 { use c::gone; gone() }
                }";
        Fixture::app(app)
            .beside("dep", edition, dep, &[])
            .externs(&[("dep", "dep")])
    };
    let first = fixture("");
    edit(&first, "dep/src/lib.rs", "11", "71", true);
    edit(&first, "dep/src/lib.rs", "21", "71", false);
    let of_h = |fixture: &Fixture| fixture.of("h");
    let before = of_h(&first);
    let text = std::fs::read_to_string(first.path().join("dep/src/lib.rs")).unwrap();
    first.write("dep/src/lib.rs", &text.replace("13", "71"));
    assert_ne!(before, of_h(&first));
    let before = first.of("g");
    first.write("dep/src/lib.rs", &text.replace("12", "71"));
    assert_ne!(before, first.of("g"));
    let third = fixture("edition = \"2021\"\n");
    edit(&third, "dep/src/lib.rs", "21", "71", true);
    edit(&third, "dep/src/lib.rs", "11", "71", false);
}

#[test]
fn what_is_imported_and_not_used_does_not_count_unless_it_may_be_a_trait() {
    let root = |import: &str| format!("{import} fn f(x: u32) -> u32 {{ x.go() }}");
    let dep = "pub struct Foo; pub fn made() {} pub const K: u32 = 1; pub type A = Foo;
            pub trait Go { fn go(self) -> u32; } impl Go for u32 { fn go(self) -> u32 { 11 } }";
    let fixture = Fixture::app(&root(""))
        .beside("dep", "", dep, &[])
        .externs(&[("dep", "dep")]);
    let of = |import: &str| {
        fixture.write("app/src/lib.rs", &root(import));
        fixture.of("f")
    };
    for import in [
        "use dep::Foo;",
        "use dep::made;",
        "use dep::{K, A};",
        "use std::sync::Arc;",
    ] {
        assert_eq!(of(""), of(import), "{import}");
    }
    for import in ["use dep::Go;", "use std::fmt::LowerNovel;"] {
        assert_ne!(of(""), of(import), "{import}");
    }
    assert_ne!(
        of("use std::fmt::LowerNovel;"),
        of("use std::fmt::UpperNovel;")
    );
    of("use dep::Go;");
    edit(&fixture, "dep/src/lib.rs", "11", "71", true);
}

#[test]
fn an_impl_that_an_argument_is_inferred_from_counts_wherever_it_is() {
    let given =
        "pub struct Out; impl base::Conv<Out> for u32 { fn conv(&self) -> Out { 71; Out } }";
    let own = "pub struct Out; impl base::Conv<u32> for Out { fn conv(&self) -> u32 { 71 } }";
    let edition = "edition = \"2024\"\n";
    let base = "pub trait Conv<T> { fn conv(&self) -> T; }";
    for (mid, counts) in [(given, true), (own, false)] {
        let fixture = Fixture::app("fn f(x: u32) -> usize { size_of_val(&base::Conv::conv(&x)) }")
            .beside("base", edition, base, &[])
            .beside("mid", edition, mid, &["base"])
            .beside("top", edition, "pub use mid::Out;", &["mid"])
            .externs(&[("base", "base"), ("top", "top")]);
        edit(&fixture, "mid/src/lib.rs", "71", "72", counts);
    }
}
