//! Tests what the build determines about other crates: their directories, cfg
//! predicates, flags and libraries.

use super::fixture::{Fixture, hash};
use crate::source::engine::FingerprintEngine;

/// Returns whether `edit` changes the fingerprint of `f`.
fn is_change(fixture: &Fixture, edit: impl FnOnce()) -> bool {
    let before = fixture.of("f");
    assert_eq!(fixture.of("f"), before);
    edit();
    fixture.of("f") != before
}

/// Creates a library `dep` with `files` in `dir`, and a function that calls it.
fn library(dir: &str, files: &[(&str, &str)]) -> Fixture {
    let fixture = Fixture::app("fn f() -> u32 { dep::go() }");
    for (path, text) in files {
        fixture.write(&format!("{dir}/{path}"), text);
    }
    let root = format!("{dir}/src/lib.rs");
    fixture
        .unit("dep", &root, &[], &[])
        .externs(&[("dep", "dep")])
}

const MANIFEST: (&str, &str) = ("Cargo.toml", "[package]\nname = \"dep\"\n");
const VENDORED: (&str, &str) = (".cargo-checksum.json", "{\"files\":{},\"package\":null}");
const GO: (&str, &str) = ("src/lib.rs", "pub fn go() -> u32 { 1 }");

/// Adds the output of a build script of `dep`.
fn with_script(fixture: Fixture, root: &str, name: &str, output: &str) -> Fixture {
    let fixture = fixture.unit("dep", root, &[], &[name]);
    let unit = format!("dep-{}", hash(name));
    let file = format!("run-build-script-{}", name.replace('_', "-"));
    let entry = format!("target/debug/.fingerprint/{unit}/{file}");
    fixture.write(&entry, &hash(name));
    fixture.write(&format!("target/debug/build/{unit}/output"), output);
    fixture
}

fn edit_output(fixture: &Fixture, name: &str, output: &str) {
    let path = format!("target/debug/build/dep-{}/output", hash(name));
    fixture.write(&path, output);
}

/// Sets the user's compiler flags in the record of `dep`.
fn set_flags(fixture: &Fixture, flags: &str) {
    let unit = format!("dep-{}", hash("dep"));
    let path = format!("target/debug/.fingerprint/{unit}/lib-dep.json");
    let record = std::fs::read_to_string(fixture.path().join(&path)).unwrap();
    let (start, _) = record.split_once("\"rustflags\"").unwrap();
    fixture.write(&path, &format!("{start}\"rustflags\":[{flags}]}}"));
}

#[test]
fn a_build_script_of_any_name_is_found() {
    let source = "#[cfg(fast)] pub fn go() -> u32 { 1 } #[cfg(not(fast))] pub fn go() -> u32 { 2 }";
    for name in ["build_script_build", "build_script_main"] {
        let fixture = library("dep", &[MANIFEST, ("src/lib.rs", source)]);
        let fixture = with_script(fixture, "dep/src/lib.rs", name, "");
        let commented = format!("{source} // a comment");
        let comment = || fixture.write("dep/src/lib.rs", &commented);
        assert!(!is_change(&fixture, comment), "{name}");
        let enable = || edit_output(&fixture, name, "cargo::rustc-cfg=fast\n");
        assert!(is_change(&fixture, enable), "{name}");
    }
}

#[test]
fn a_condition_of_a_build_script_counts_however_it_is_spelled() {
    let source = "pub fn go() -> u32 { if cfg!(mode = \"fast\") { 1 } else { 2 } }";
    for spelled in ["mode =\"fast\"", " mode = \"fast\"", "mode=r#\"fast\"#"] {
        let name = "build_script_build";
        let fixture = library("dep", &[MANIFEST, ("src/lib.rs", source)]);
        let fixture = with_script(fixture, "dep/src/lib.rs", name, "");
        let output = format!("cargo:rustc-cfg={spelled}\n");
        let edit = || edit_output(&fixture, name, &output);
        assert!(is_change(&fixture, edit), "{spelled}");
    }
}

#[test]
fn a_copy_of_a_published_package_counts_by_what_it_says() {
    let upper = "pub fn go() -> u32 { lower::go() }";
    let fixture = Fixture::app("fn f() -> u32 { upper::go() }")
        .krate("patched/lower-1.0.0", "lower", "", GO.1, &[])
        .published("upper-1.0.0", "", upper, &["lower"])
        .externs(&[("upper", "upper")]);
    fixture.write("patched/lower-1.0.0/.cargo-ok", "");
    let same_size = "pub fn go() -> u32 { 2 }";
    let edit = || fixture.write("patched/lower-1.0.0/src/lib.rs", same_size);
    assert!(is_change(&fixture, edit));
}

#[test]
fn the_registry_of_a_package_counts_and_the_protocol_of_the_usual_one_does_not() {
    let of = |index: &str| {
        let dir = format!("registry/src/{index}/dep-1.0.0");
        library(&dir, &[MANIFEST, (".cargo-ok", ""), GO]).of("f")
    };
    assert_ne!(of("one-1234"), of("two-5678"));
    assert_eq!(
        of("index.crates.io-1949cf8c6b5b557f"),
        of("github.com-1ecc6299db9ec823")
    );
}

#[test]
fn an_edition_that_a_whole_crate_inherits_counts() {
    let manifest = "[package]\nname = \"dep\"\nedition.workspace = true\n";
    let fixture = library("ws/dep", &[("Cargo.toml", manifest), VENDORED, GO]);
    let workspace = |year| format!("[workspace.package]\nedition = \"{year}\"\n");
    fixture.write("ws/Cargo.toml", &workspace(2021));
    assert!(is_change(&fixture, || fixture
        .write("ws/Cargo.toml", &workspace(2024))));
}

#[test]
fn flags_count_where_a_whole_crate_asks_for_what_they_decide() {
    let asking = [
        (
            "cfg!(target_feature = \"avx2\")",
            "\"-C\",\"target-feature=+avx2\"",
        ),
        ("cfg!(panic = \"abort\")", "\"-Cpanic=abort\""),
        ("cfg!(debug_assertions)", "\"-C\",\"debug_assertions=off\""),
        ("file!().len() == 3", "\"--remap-path-prefix=src=xyz\""),
    ];
    for (condition, flags) in asking {
        let asks = format!("pub fn go() -> u32 {{ if {condition} {{ 1 }} else {{ 2 }} }}");
        let fixture = library("dep", &[MANIFEST, VENDORED, ("src/lib.rs", &asks)]);
        assert!(
            is_change(&fixture, || set_flags(&fixture, flags)),
            "{flags}"
        );
        let fixture = library("dep", &[MANIFEST, VENDORED, GO]);
        assert!(
            !is_change(&fixture, || set_flags(&fixture, flags)),
            "{flags}"
        );
    }
}

#[test]
fn what_a_whole_crate_links_counts_by_what_it_is_made_of() {
    let name = "build_script_build";
    for output in [
        "cargo:rustc-flags=-L native=OUT -l static=stn\n",
        "cargo:rustc-link-search=native=OUT\n",
    ] {
        let files = [MANIFEST, VENDORED, GO, ("native.c", "1")];
        let fixture = with_script(library("dep", &files), "dep/src/lib.rs", name, output);
        let edit = || fixture.write("dep/native.c", "2");
        assert!(is_change(&fixture, edit), "{output}");
    }
}

#[test]
fn the_revision_around_a_package_that_links_counts() {
    let of = |revision: &str| {
        let dir = format!("git/checkouts/dep-1234/{revision}/bindings/rust");
        let fixture = library(&dir, &[MANIFEST, GO]);
        fixture.write(&format!("git/checkouts/dep-1234/{revision}/.cargo-ok"), "");
        let output = "cargo:rustc-link-lib=static=stn\n";
        let root = format!("{dir}/src/lib.rs");
        with_script(fixture, &root, "build_script_build", output).of("f")
    };
    assert_ne!(of("abcdef0"), of("abcdef1"));
}

#[test]
fn a_library_that_a_whole_crate_brings_counts_for_who_declares_its_symbols() {
    let files = [MANIFEST, VENDORED, ("src/lib.rs", ""), ("native.c", "1")];
    let fixture = library("dep", &files);
    let app = "mod link { use dep as _; } unsafe extern \"C\" { safe fn stn() -> u32; }
        fn f() -> u32 { stn() }";
    fixture.write("app/src/lib.rs", app);
    let output = "cargo:rustc-link-lib=static=stn\n";
    let fixture = with_script(fixture, "dep/src/lib.rs", "build_script_build", output);
    assert!(is_change(&fixture, || fixture.write("dep/native.c", "2")));
}

#[test]
fn what_a_wrapper_makes_of_a_crate_counts() {
    let fixture = library("dep", &[MANIFEST, GO]);
    let artifact = format!("target/debug/deps/libdep-{}.rlib", hash("dep"));
    let of = |is_wrapped: bool, bytes: &str| {
        fixture.write(&artifact, bytes);
        let mut context = fixture.context();
        context.is_wrapped = is_wrapped;
        let mut engine = FingerprintEngine::new(context);
        let id = engine.find("crate::f").unwrap();
        engine.reach_of_item(id).digest
    };
    assert_ne!(of(true, "one"), of(true, "two"));
    assert_eq!(of(false, "one"), of(false, "two"));
}

#[test]
fn the_path_of_a_file_counts_as_it_is_written_where_it_is_data() {
    let fixture = Fixture::lib("fn f() -> &'static str { file!() } fn g() -> u32 { 1 }");
    let of = |name: &str, remapped: &str| {
        let mut context = fixture.context();
        context.remapped = vec![remapped.to_owned()];
        let mut engine = FingerprintEngine::new(context);
        let id = engine.find(&format!("crate::{name}")).unwrap();
        engine.reach_of_item(id).digest
    };
    assert_ne!(of("f", "src=one"), of("f", "src=two"));
    assert_eq!(of("f", "lib=one"), of("f", "lib=two"));
    assert_eq!(of("g", "src=one"), of("g", "src=two"));
}

#[test]
fn the_place_of_a_crate_outside_of_the_workspace_counts_where_its_path_is_data() {
    let asks = "pub fn go() -> u32 { file!().len() as u32 }";
    let of = |dir: &str, source| library(dir, &[MANIFEST, ("src/lib.rs", source)]).of("f");
    assert_ne!(of("one", asks), of("two", asks));
    assert_eq!(of("one", GO.1), of("two", GO.1));
}
