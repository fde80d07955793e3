//! Cases about environment variables that are read at compile time.

use crate::case::{Case, Files, PROC_MACRO, again, case, case_of_f, edit, variable};
use crate::package_files::Edit;

pub(crate) fn cases() -> Vec<Case> {
    [named(), given()].into_iter().flatten().collect()
}

/// Creates a program that reads the variable `STALE_KNOB` at compile time.
fn knob(promise: &'static str, main: &'static str) -> Case {
    case_of_f(promise, main)
        .step(variable("STALE_KNOB", "a").only(&["f"]))
        .step(variable("STALE_KNOB", "b").only(&["f"]))
        .undone()
}

const KNOBS: Files = &[(
    "knobs/src/lib.rs",
    r#"
#[macro_export] macro_rules! knob { ($n:literal) => { option_env!($n) } }
#[macro_export] macro_rules! stale_knob { () => { option_env!("STALE_KNOB") } }
pub fn own() -> Option<&'static str> { option_env!("STALE_KNOB") }
pub fn version() -> &'static str { env!("CARGO_PKG_VERSION") }
"#,
)];

/// A procedural macro that reads a variable and reports it to the compiler.
const READING: Files = &[
    ("reading/Cargo.toml", PROC_MACRO),
    (
        "reading/src/lib.rs",
        r#"
#[proc_macro]
pub fn knob(_: proc_macro::TokenStream) -> proc_macro::TokenStream {
    let value = std::env::var("STALE_KNOB").unwrap_or_default();
    format!("{{ const _: Option<&str> = option_env!(\"STALE_KNOB\"); {value:?} }}").parse().unwrap()
}
"#,
    ),
];

fn named() -> Vec<Case> {
    vec![
        knob("a variable that a macro takes by name counts", r#"
macro_rules! knob { ($n:literal) => { option_env!($n) } }
#[memoize] fn f(_: i64) -> String { knob!("STALE_KNOB").unwrap_or("none").into() }
"#),
        knob("a variable whose name is a raw text counts", r##"
#[memoize] fn f(_: i64) -> String { format!("{:?} {:?}", option_env!(r"STALE_KNOB"), option_env!(r#"STALE_KNOB"#)) }
"##),
        knob("a variable whose name is escaped counts", r#"#[memoize] fn f(_: i64) -> String { option_env!("STALE\u{5f}KN\x4fB").unwrap_or("none").into() }"#),
        knob("a variable whose name is put together counts", r#"#[memoize] fn f(_: i64) -> String { option_env!(concat!("STALE_", "KNOB")).unwrap_or("none").into() }"#),
        knob("a variable whose name a macro puts together counts", r#"
macro_rules! knob { ($n:ident) => { option_env!(concat!("STALE_", stringify!($n))) } }
const KNOB: Option<&str> = knob!(KNOB);
#[memoize] fn f(_: i64) -> String { KNOB.unwrap_or("none").into() }
"#),
        knob("a variable behind another name of the macro counts", r#"
use std::option_env as ask;
mod deep { pub(crate) use core::option_env as read; }
static KNOB: Option<&str> = deep::read!("STALE_KNOB");
#[memoize] fn f(_: i64) -> String { format!("{:?} {:?}", ask!("STALE_KNOB"), KNOB) }
"#),
        knob("a variable whose macro a macro takes counts", r#"
macro_rules! apply { ($m:ident, $($a:tt)*) => { $m!($($a)*) } }
#[memoize] fn f(_: i64) -> String { format!("{:?}", apply!(option_env, "STALE_KNOB")) }
"#),
        knob("a variable counts where something else goes by the name of the macro", r#"
fn option_env() -> i64 { 1 }
mod other { pub mod env {} pub struct option_env; }
#[memoize] fn f(_: i64) -> String { let _ = (option_env(), other::option_env); format!("{:?}", option_env!("STALE_KNOB")) }
"#),
        knob("a variable counts where another module has a macro of that name", r#"
mod other { macro_rules! option_env { ($n:literal) => { Some(5) } } pub fn five() -> Option<i64> { option_env!("STALE_KNOB") } }
#[memoize] fn f(_: i64) -> String { let _ = other::five(); format!("{:?}", option_env!("STALE_KNOB")) }
"#),
        knob("a variable that a macro of another crate reads counts", r#"#[memoize] fn f(_: i64) -> String { format!("{:?} {:?}", knobs::knob!("STALE_KNOB"), knobs::stale_knob!()) }"#)
        .needs("knobs", KNOBS),
        knob("a variable that another crate reads counts", r#"#[memoize] fn f(_: i64) -> String { format!("{:?}", knobs::own()) }"#)
        .needs("knobs", KNOBS),
        knob("a variable that a procedural macro reads counts", r#"#[memoize] fn f(_: i64) -> String { reading::knob!().to_owned() }"#)
        .needs("reading", READING),
        case_of_f("a variable that must be there counts", r#"#[memoize] fn f(_: i64) -> String { format!("{} {}", env!("STALE_KNOB", "needed"), std::env!("STALE_KNOB")) }"#)
        .first(variable("STALE_KNOB", "a"))
        .step(variable("STALE_KNOB", "b").only(&["f"]))
        .step(variable("STALE_KNOB", "").only(&["f"]))
        .step(variable("STALE_KNOB", "a").only(&[])),
    ]
}

fn given() -> Vec<Case> {
    let reads = r#"
#[memoize] fn f(_: i64) -> String { format!("{:?}", option_env!("STALE_KNOB")) }
"#;
    vec![
        case_of_f("a variable of cargo's configuration counts", reads)
            .file(".cargo/config.toml", "[env]\nSTALE_KNOB = \"a\"\n")
            .edit(".cargo/config.toml", "\"a\"", "\"b\"", &["f"]),
        case_of_f("a variable of the build script counts", reads)
            .file("build.rs", r#"
fn main() {
    println!("cargo:rerun-if-env-changed=STALE_INPUT");
    println!("cargo:rustc-env=STALE_KNOB={}", std::env::var("STALE_INPUT").unwrap_or_default());
}
"#)
            .step(variable("STALE_INPUT", "a").only(&["f"]))
            .undone(),
        case_of_f("what the build script of a linked crate says to another one counts", reads)
            .file("build.rs", r#"fn main() { println!("cargo:rustc-env=STALE_KNOB={}", std::env::var("DEP_NATIVE_KNOB").unwrap()); }"#)
            .library("native", "")
.file("native/Cargo.toml", "links = \"native\"\n")
.file("native/build.rs", r#"
fn main() {
    println!("cargo:rerun-if-env-changed=STALE_INPUT");
    println!("cargo:KNOB={}", std::env::var("STALE_INPUT").unwrap_or_default());
}
"#)
            .step(variable("STALE_INPUT", "a").only(&["f"]))
            .undone(),
        case("the version of the package counts where it is read", &["f(3)", "g(3)"], r#"
mod about { pub fn version() -> String { concat!("v", env!("CARGO_PKG_VERSION"), " ", env!("CARGO_PKG_DESCRIPTION")).into() } }
macro_rules! package { ($n:ident) => { env!(concat!("CARGO_PKG_", stringify!($n))) } }
#[memoize] fn f(_: i64) -> String { about::version() }
#[memoize] fn g(_: i64) -> String { package!(VERSION_MAJOR).to_owned() }
"#)
        .edit("Cargo.toml", "version = \"1.0.0\"", "version = \"2.0.0\"", &["f", "g"])
        .edit("Cargo.toml", "version = \"1.0.0\"", "version = \"1.0.0\"\ndescription = \"new\"", &["f"]),
        case_of_f("the version of a crate beside counts where it is read", r#"#[memoize] fn f(_: i64) -> String { knobs::version().into() }"#)
        .needs("knobs", KNOBS)
        .edit("knobs/Cargo.toml", "1.0.0", "1.2.0", &["f"]),
        case_of_f("a version that a workspace gives counts where it is read", r#"#[memoize] fn f(_: i64) -> String { knobs::version().into() }"#)
        .needs("knobs", KNOBS)
        .manifest("[workspace]\nmembers = [\"knobs\"]\n[workspace.package]\nversion = \"3.0.0\"")
        .first(again().and(Edit::Replace("knobs/Cargo.toml", "version = \"1.0.0\"", "version.workspace = true")))
        .step(
            edit("Cargo.toml", "3.0.0", "4.0.0")
                .and(Edit::Replace("knobs/Cargo.toml", "version = \"1.0.0\"", "version.workspace = true"))
                .only(&["f"]),
        ),
        case_of_f("a variable that nobody reads does not count", reads)
            .step(variable("STALE_OTHER", "b").only(&[])),
        case_of_f("a variable in code that is left out does not count", r#"
#[cfg(windows)] fn go() -> &'static str { env!("STALE_KNOB") }
#[cfg(not(windows))] fn go() -> &'static str { "none" }
#[memoize] fn f(_: i64) -> String { go().to_owned() }
"#)
        .step(variable("STALE_KNOB", "b").only(&[])),
    ]
}
