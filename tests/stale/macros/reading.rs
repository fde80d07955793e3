//! Cases about procedural macros of a registry that read files and variables that the
//! program does not name, built in target directories without a record of the program.

use crate::case::{Case, Files, PROC_MACRO, Step, again, case};
use crate::crates::SHELF;
use crate::package_files::Edit;

/// A macro that does not report what it reads, and a macro that reads nothing.
const VENDORED: Files = &[
    (".cargo/config.toml", SHELF),
    ("vendor/reads/Cargo.toml", PROC_MACRO),
    (
        "vendor/reads/src/lib.rs",
        r#"
use proc_macro::TokenStream;
fn secret() -> String {
    let package = std::env::var("CARGO_MANIFEST_DIR").unwrap();
    std::fs::read_to_string(format!("{package}/config/{}.txt", "terces".chars().rev().collect::<String>())).unwrap()
}
#[proc_macro]
pub fn secret_number(_: TokenStream) -> TokenStream { secret().trim().parse().unwrap() }
#[proc_macro_derive(Secret)]
pub fn secret_derive(_: TokenStream) -> TokenStream {
    format!("impl Own {{ fn secret() -> i64 {{ {} }} }}", secret().trim()).parse().unwrap()
}
"#,
    ),
    ("vendor/plain/Cargo.toml", PROC_MACRO),
    (
        "vendor/plain/src/lib.rs",
        r#"
use proc_macro::TokenStream;
#[proc_macro]
pub fn seven(_: TokenStream) -> TokenStream { "7".parse().unwrap() }
#[proc_macro]
pub fn knob(_: TokenStream) -> TokenStream {
    std::env::var("STALE_SECRET").unwrap_or("0".to_owned()).parse().unwrap()
}
"#,
    ),
    ("config/secret.txt", "1\n"),
];

/// Creates a step whose target directory has no record of the program.
fn fresh() -> Step {
    again().after(FORGET)
}

const FORGET: &str =
    "rm -rf $TARGET/debug/deps/app-* $TARGET/debug/.fingerprint/app-* $TARGET/debug/app*";

pub(super) fn cases() -> Vec<Case> {
    let reading = |promise, main| {
        case(promise, &["f(3)", "g(3)"], main)
            .files(VENDORED)
            .depends(r#"reads = { version = "1", registry = "shelf" }"#)
            .depends(r#"plain = { version = "1", registry = "shelf" }"#)
    };
    let edit = || fresh().and(Edit::Replace("config/secret.txt", "1", "2"));
    vec![
        reading(
            "a file that nothing names counts in a fresh target directory",
            "
#[memoize] fn f(x: i64) -> i64 { x + reads::secret_number!() }
#[memoize] fn g(x: i64) -> i64 { x + plain::seven!() }
",
        )
        .step(edit().only(&["f"]))
        .step(fresh().only(&[])),
        reading(
            "a file that a derive reads counts in a fresh target directory",
            "
#[derive(reads::Secret)] struct Own;
fn helper() -> i64 { Own::secret() }
#[memoize] fn f(x: i64) -> i64 { x + helper() }
#[memoize] fn g(x: i64) -> i64 { x + plain::seven!() }
",
        )
        .step(edit().only(&["f"]))
        .step(fresh().only(&[])),
        reading(
            "what rustc noted of sources that are not reached does not count after a second build",
            "
const DATA: &str = include_str!(\"../config/secret.txt\");
const BUILD: Option<&str> = option_env!(\"STALE_BUILD\");
#[memoize] fn f(x: i64) -> i64 { x + reads::secret_number!() }
#[memoize] fn g(x: i64) -> i64 { x + plain::seven!() }
",
        )
        .step(again().after("touch src/main.rs").only(&[]))
        .step(again().with("STALE_BUILD", "5").only(&[]))
        .step(
            again()
                .and(Edit::Replace("config/secret.txt", "1", "2"))
                .only(&["f"]),
        ),
        reading(
            "a variable that a macro asks for counts in a fresh target directory",
            "
#[memoize] fn f(x: i64) -> i64 { x + plain::knob!() }
#[memoize] fn g(x: i64) -> i64 { x }
",
        )
        .step(fresh().with("STALE_SECRET", "5").only(&["f"]))
        .step(fresh().only(&[])),
    ]
}
