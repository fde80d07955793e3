//! Tests what procedural macros read in addition to their arguments: files, variables
//! and the source positions of their arguments.

use super::fixture::{Fixture, PROC_MACRO, does_count, is_change};

/// A macro that reports a file to rustc whose name it computes.
const REPORTING: &str = "#[proc_macro] pub fn go(t: TokenStream) -> TokenStream {
    let path = made(t); quote!(include_bytes!(#path)) }";

/// A macro that reads nothing.
const PLAIN: &str = "#[proc_macro] pub fn go(t: TokenStream) -> TokenStream { seven(t) }";

/// Creates an application whose `f` calls a macro with this source.
fn with_macro(text: &str) -> Fixture {
    let app = "mod unread; fn f() -> u32 { outer::go!(knob) }";
    let unread = "const DATA: &str = include_str!(\"../data/one.csv\");
        const ASSETS: &str = other!(\"assets\");
        const BUILD: Option<&str> = option_env!(\"BUILD_NUMBER\");";
    Fixture::new(&[
        ("app/Cargo.toml", "[package]\nname = \"app\"\n"),
        ("app/src/lib.rs", app),
        ("app/src/unread.rs", unread),
        ("app/data/one.csv", "71"),
        ("app/assets/a", "71"),
        ("app/.hidden/a", "71"),
        ("far/made.txt", "71"),
        ("far/tracked.txt", "71"),
    ])
    .package("app")
    .vendored("outer", PROC_MACRO, text)
    .externs(&[("outer", "outer")])
}

const FILES: &[&str] = &["app/src/lib.rs", "app/data/one.csv", "app/assets/a"];

#[test]
fn files_that_rustc_recorded_for_the_source_or_for_joblib_are_not_those_of_macros() {
    let reporting = REPORTING.replace("include_bytes!", "tracked_path::path");
    let first = with_macro(&reporting).of("f");
    let lines = [
        "# env-dep:BUILD_NUMBER=1",
        "# env-dep:KNOWN=1",
        "# env-dep:JOBLIB_TRACKS_KNOWN",
    ];
    let tracked = [FILES, &["far/././tracked.txt"]].concat();
    let second = with_macro(&reporting).noted(&tracked, &lines);
    assert_eq!(second.of("f"), first);
    for file in ["app/data/one.csv", "app/assets/a", "far/tracked.txt"] {
        assert!(!does_count(&second, file), "{file}");
    }
    let made = with_macro(REPORTING).noted(&["app/src/lib.rs", "app/made.csv"], &[]);
    made.write("app/made.csv", "71");
    let second = made.of("f");
    made.write("target/debug/deps/.d", "app.d: app/src/lib.rs\n");
    assert_eq!(
        made.of("f"),
        second,
        "a file that counts as a file of the package counts again"
    );
    let steps = with_macro(REPORTING).noted(&["app/src/lib.rs", "app/src/../data/one.csv"], &[]);
    assert_eq!(steps.of("f"), with_macro(REPORTING).of("f"));
    let reported = [FILES, &["far/made.txt", "app/.hidden/a"]].concat();
    let second = with_macro(&reporting).noted(&reported, &["# env-dep:TOLD=1"]);
    assert!(does_count(&second, "far/made.txt"));
    assert!(does_count(&second, "app/.hidden/a"));
    let set = |value: &str| {
        let fixture = with_macro(&reporting).noted(&reported, &["# env-dep:TOLD=1"]);
        fixture.variable("TOLD", value).of("f")
    };
    assert_ne!(set("1"), set("2"));
}

#[test]
fn a_macro_that_tells_nothing_takes_nothing_of_what_rustc_noted() {
    let noted = with_macro(PLAIN).noted(&["app/src/lib.rs", "far/made.txt"], &["# env-dep:A=1"]);
    assert_eq!(noted.of("f"), with_macro(PLAIN).of("f"));
}

/// Creates an application that calls a library, whose code calls a macro.
fn with_library(text: &str, library: &str) -> Fixture {
    let app = "fn f() -> u32 { lib::all() } fn g() -> u32 { 1 }";
    Fixture::new(&[
        ("app/Cargo.toml", "[package]\nname = \"app\"\n"),
        ("app/src/lib.rs", app),
        ("lib/assets/a", "71"),
        ("far/a", "71"),
        ("far/told", "71"),
    ])
    .package("app")
    .vendored("outer", PROC_MACRO, text)
    .beside("lib", "", library, &["outer"])
    .externs(&[("lib", "lib")])
}

#[test]
fn files_of_the_package_of_a_library_count_where_its_macros_read() {
    let library = "pub fn all() -> u32 { outer::go!() }";
    let fixture = with_library(REPORTING, library);
    assert!(does_count(&fixture, "lib/assets/a"));
    assert!(!does_count(&with_library(PLAIN, library), "lib/assets/a"));
    let fixture = fixture.unit_noted("lib", &["lib/src/lib.rs", "far/told"], "");
    assert!(does_count(&fixture, "far/told"));
    assert!(!does_count(&fixture, "far/a"));
}

#[test]
fn a_directory_elsewhere_counts_where_a_macro_that_reads_is_given_it() {
    let library =
        "#[derive(outer::go)] #[folder = \"../far\"] pub struct A; pub fn all() -> u32 { A::n() }";
    assert!(does_count(&with_library(REPORTING, library), "far/a"));
    assert!(!does_count(&with_library(PLAIN, library), "far/a"));
    let above = library.replace("../far", "..");
    let fixture = with_library(REPORTING, &above);
    let mut engine = fixture.engine();
    let f = engine.find("crate::f").unwrap();
    assert_eq!(engine.reach_of_item(f).missing, [".."]);
}

/// Returns the number of inputs of `f` that the engine cannot determine.
fn unseen(fixture: &Fixture) -> usize {
    let mut engine = fixture.engine();
    let f = engine.find("crate::f").unwrap();
    engine.reach_of_item(f).unknown_inputs.len()
}

#[test]
fn a_variable_that_a_macro_read_while_a_library_was_compiled_is_not_known() {
    let library = "pub fn all() -> u32 { outer::go!() }";
    let of = |text: &str| unseen(&with_library(text, library));
    assert_eq!(of("fn go() { std::env::var(\"DKNOB\"); }"), 1);
    assert_eq!(of("fn go() { quote!(option_env!(\"DKNOB\")) }"), 0);
    assert_eq!(of("fn go() { std::env::var(\"CARGO_PKG_NAME\"); }"), 0);
    assert_eq!(of("fn go() { std::env::var(made()); }"), 1);
    assert_eq!(of("fn go() { quote!(option_env!(#name)) }"), 0);
    assert_eq!(of(PLAIN), 0);
}

#[test]
fn a_variable_that_a_library_is_said_to_have_read_counts_by_its_value() {
    let made = "fn go(t: TokenStream) { format!(\"option_env!({t})\").parse() }";
    let set = |text: &str, value: &str| {
        let library = "pub fn all() -> u32 { outer::go!(\"KNOB\") }";
        let line = format!("# env-dep:KNOB={value}");
        let fixture = with_library(text, library);
        fixture
            .unit_noted("lib", &["lib/src/lib.rs"], &line)
            .of("f")
    };
    assert_ne!(set(made, "1"), set(made, "2"));
    assert_eq!(set(PLAIN, "1"), set(PLAIN, "2"));
}

#[test]
fn what_a_build_script_wrote_counts_where_a_macro_reads_there() {
    let edit = |text: &str| {
        let fixture = with_macro(text);
        fixture.write("out/made", "71");
        let out_dir = fixture.path().join("out").display().to_string();
        does_count(&fixture.variable("OUT_DIR", &out_dir), "out/made")
    };
    assert!(edit(
        "fn go() { std::fs::read(std::env::var(\"OUT_DIR\")) }"
    ));
    assert!(!edit("fn go() { std::fs::read(std::env::var(\"HOME\")) }"));
}

#[test]
fn the_manifest_of_a_library_counts_where_its_macros_ask_for_it() {
    let library = "pub fn all() -> u32 { outer::go!() }";
    let asking = "fn go() { std::env::var(\"CARGO_PKG_NAME\"); }";
    let edit = |text: &str| {
        is_change(
            &with_library(text, library),
            "lib/Cargo.toml",
            "]\n",
            "]\n\n",
        )
    };
    assert!(edit(asking));
    assert!(!edit(PLAIN));
}

#[test]
fn a_variable_whose_name_a_macro_is_given_counts() {
    let set = |text: &str, name: &str| {
        let of = |value: &str| with_macro(text).variable(name, value).of("f");
        of("1") != of("2")
    };
    let given = "fn go(t: TokenStream) { std::env::var(t.to_string()) }";
    assert!(set(given, "knob"));
    assert!(!set(given, "KNOB"));
    assert!(!set(given, "other"));
    assert!(!set(PLAIN, "knob"));
    let raised = "fn go(t: TokenStream) { std::env::var(t.to_string().to_uppercase()) }";
    assert!(set(raised, "KNOB"));
    let made = "fn go(t: TokenStream) { std::env::var(format!(\"APP_{t}\")) }";
    assert!(set(made, "APP_knob"));
    assert!(!set(made, "OTHER_knob"));
    let all = "fn go(t: TokenStream) { std::env::vars().find(|it| it.0 == t) }";
    assert_eq!(unseen(&with_macro(all)), 1);
}

/// Creates an application with a macro of the workspace, which uses a helper crate.
fn with_followed_macro(text: &str, helper: &str) -> Fixture {
    Fixture::new(&[
        ("app/Cargo.toml", "[package]\nname = \"app\"\n"),
        ("app/src/lib.rs", "fn f() -> u32 { outer::go!(a + b) }"),
        ("app/assets/a", "71"),
    ])
    .package("app")
    .vendored("walk", "", "pub fn all() { std::fs::read_dir(x) }")
    .vendored("idle", "", "pub fn all() {}")
    .beside("helper", "", helper, &[])
    .beside("outer", PROC_MACRO, text, &["helper", "walk", "idle"])
    .externs(&[("outer", "outer")])
}

#[test]
fn what_reads_for_a_macro_of_the_workspace_counts() {
    let go =
        |body: &str| format!("#[proc_macro] pub fn go(t: TokenStream) -> TokenStream {{ {body} }}");
    let helper = "pub fn read() { std::fs::read_dir(x) } pub fn rest() {}";
    let reads = |body: &str| {
        let fixture = with_followed_macro(&go(body), helper);
        does_count(&fixture, "app/assets/a")
    };
    assert!(reads("helper::read()"));
    assert!(reads("walk::all()"));
    assert!(reads("made(dir).exists()"));
    assert!(reads("Command::new(\"sh\")"));
    assert!(!reads("helper::rest()"));
    assert!(!reads("idle::all()"));
}

#[test]
fn places_and_the_text_as_written_count_where_a_macro_asks_for_them() {
    let go =
        |body: &str| format!("#[proc_macro] pub fn go(t: TokenStream) -> TokenStream {{ {body} }}");
    let edit = |body: &str, from: &str, to: &str| {
        let followed = with_followed_macro(&go(body), "");
        let whole = with_macro(&go(body));
        let file = "app/src/lib.rs";
        let text = std::fs::read_to_string(whole.path().join(file)).unwrap();
        let is_whole = !text.contains(from) || is_change(&whole, file, from, to);
        (is_change(&followed, file, from, to), is_whole)
    };
    for body in [
        "Span::call_site().line()",
        "t.span().start().line",
        "let s = t.span(); s.end().column",
        "t.span().source_text()",
        "t.span().byte_range()",
    ] {
        assert_eq!(edit(body, "fn f", "\n\nfn f"), (true, true), "{body}");
        assert!(edit(body, "a + b", "a /*c*/ + b").0, "{body}");
    }
    let plain = "Error::new(t.span(), \"no\")";
    assert_eq!(edit(plain, "fn f", "\n\nfn f"), (false, false));
    assert!(!edit(plain, "a + b", "a /*c*/ + b").0);
}
