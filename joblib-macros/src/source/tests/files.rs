//! Files that stand for more than the sources: those of directories, and those
//! that macros name.

use super::fixture::{Fixture, is_change};

/// A crate whose function has a derive that is given the directory `assets`.
fn with_assets(files: &[(&str, &str)]) -> Fixture {
    let app =
        "#[derive(Embed)] #[folder = \"assets\"] struct Assets; fn f() -> u32 { Assets::count() }";
    let fixture = Fixture::new(files);
    fixture.write("src/lib.rs", app);
    fixture
}

#[test]
fn everything_below_a_named_directory_counts() {
    let files = ["assets/.well-known/x", "assets/target/x", "assets/part/x"];
    let mut all: Vec<(&str, &str)> = files.iter().map(|file| (*file, "71")).collect();
    all.push(("assets/part/Cargo.toml", ""));
    let fixture = with_assets(&all);
    for file in files {
        assert!(is_change(&fixture, file, "71", "72"), "{file}");
    }
}

#[test]
fn what_tools_keep_in_a_named_directory_does_not_count() {
    let fixture = with_assets(&[
        ("assets/a", "1"),
        ("assets/.git/x", "71"),
        ("assets/cache/CACHEDIR.TAG", ""),
        ("assets/cache/x", "71"),
    ]);
    assert!(!is_change(&fixture, "assets/.git/x", "71", "72"));
    assert!(!is_change(&fixture, "assets/cache/x", "71", "72"));
}

#[test]
fn every_file_that_a_build_script_wrote_is_found() {
    let fixture = Fixture::lib("fn f() {}");
    let out_dir = fixture.path().join("out").display().to_string();
    for at in 0..1_100 {
        fixture.write(&format!("out/{}/{at}", at % 2), "");
        fixture.write(&format!("out/{}/more/{at}", at % 2), "");
    }
    let fixture = fixture.variable("OUT_DIR", &out_dir);
    assert_eq!(fixture.engine().world().generated(0).len(), 2_200);
}

#[test]
fn a_module_in_any_number_of_sources_is_found() {
    let fixture = Fixture::lib(
        "macro_rules! declare { ($n:ident) => { #[path = \"far/made.rs\"] mod $n; } } declare!(near);
        fn f() -> u32 { near::made() }",
    );
    for at in 0..1_100 {
        fixture.write(&format!("src/all/m{at}.rs"), "");
    }
    fixture.write("src/all/target/made.rs", "pub fn made() -> u32 { 71 }");
    assert!(is_change(&fixture, "src/all/target/made.rs", "71", "72"));
}
