//! Tests files that count in addition to the sources: files of directories, and files
//! that macros name.

use super::fixture::{Fixture, does_count};

/// Returns calls of a macro with 5,000 string literals, and `last`.
fn calls(last: &str) -> String {
    let texts = (0..5_000).map(|at| format!("all!(\"t{at}\"); "));
    format!("{}all!(\"{last}\");", texts.collect::<String>())
}

/// Creates a crate whose function has a derive that takes the directory `assets` as an
/// argument.
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
        assert!(does_count(&fixture, file), "{file}");
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
    assert!(!does_count(&fixture, "assets/.git/x"));
    assert!(!does_count(&fixture, "assets/cache/x"));
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
    assert!(does_count(&fixture, "src/all/target/made.rs"));
}

#[test]
fn a_file_counts_among_any_number_of_texts() {
    let app = format!(
        "macro_rules! inner {{ ($n:expr) => {{ include_str!($n) }} }}
        macro_rules! all {{ ($n:literal) => {{ inner!(concat!(\"data/\", $n, \".txt\")) }} }}
        fn f() {{ {} }}",
        calls("z/last")
    );
    let fixture = Fixture::new(&[
        ("src/lib.rs", &app),
        ("src/data/z/last.txt", "71"),
        ("src/data/z/other.txt", "71"),
    ]);
    assert!(does_count(&fixture, "src/data/z/last.txt"));
    assert!(!does_count(&fixture, "src/data/z/other.txt"));
    let mut engine = fixture.engine();
    let f = engine.find("crate::f").unwrap();
    assert_eq!(engine.reach_of_item(f).missing, [""; 0]);
    std::fs::remove_dir_all(fixture.path().join("src/data")).unwrap();
    let mut engine = fixture.engine();
    assert!(!engine.reach_of_item(f).missing.is_empty());
}

#[test]
fn a_variable_counts_among_any_number_of_texts() {
    let app = format!(
        "macro_rules! inner {{ ($n:expr) => {{ option_env!($n) }} }}
        macro_rules! all {{ ($n:literal) => {{ inner!(concat!(\"MY_\", $n)) }} }}
        fn f() {{ {} }}",
        calls("z_last")
    );
    let of = |name: &str, value: &str| Fixture::lib(&app).variable(name, value).of("f");
    assert_ne!(of("MY_z_last", "1"), of("MY_z_last", "2"));
    assert_eq!(of("MY_other", "1"), of("MY_other", "2"));
}

#[test]
fn a_file_of_many_fragments_counts_among_many_texts() {
    let mut app = String::from(
        "macro_rules! table { ($d:literal, $n:literal) => { include_str!(concat!($d, \"/\", $n, \".txt\")) } } fn f() { ",
    );
    for at in 0..100 {
        app.push_str(&format!("table!(\"d{at}\", \"n{at}\"); "));
    }
    let fixture = Fixture::new(&[("src/lib.rs", &(app + "}")), ("src/d7/n7.txt", "71")]);
    assert!(does_count(&fixture, "src/d7/n7.txt"));
    let mut engine = fixture.engine();
    let f = engine.find("crate::f").unwrap();
    assert_eq!(engine.reach_of_item(f).missing, [""; 0]);
}
