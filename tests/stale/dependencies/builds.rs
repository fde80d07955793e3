//! Cases about the builds of other crates: generated code, `cfg`, variables and
//! profiles.

use crate::case::{Case, Files, MAIN, case, case_of_f, edit, run, variable};
use crate::package_files::Edit;

/// A path dependency whose build script reads `config.txt`.
const DEP: Files = &[
    ("dep/Cargo.toml", "[features]\nwide = []\n"),
    ("dep/config.txt", "slow\n"),
    (
        "dep/build.rs",
        r#"
fn main() {
    println!("cargo:rerun-if-changed=config.txt");
    let text = std::fs::read_to_string("config.txt").unwrap();
    if text.trim() == "fast" { println!("cargo:rustc-cfg=fast"); }
    println!("cargo:rustc-env=GREETING={}", text.trim());
    let path = format!("{}/gen.rs", std::env::var("OUT_DIR").unwrap());
    let k = if std::env::var_os("CARGO_FEATURE_WIDE").is_some() { 100 } else { 1 };
    std::fs::write(path, format!("pub fn go(x: i64) -> i64 {{ x + {k} + {} }}", text.len())).unwrap();
}
"#,
    ),
    (
        "dep/src/lib.rs",
        r#"
#[cfg(fast)] pub fn level(x: i64) -> i64 { x + 100 }
#[cfg(not(fast))] pub fn level(x: i64) -> i64 { x + 1 }
pub fn greeting() -> &'static str { env!("GREETING") }
pub fn maybe() -> Option<&'static str> { option_env!("GREETING") }
mod generated { include!(concat!(env!("OUT_DIR"), "/gen.rs")); }
pub use generated::go;
pub fn text() -> &'static str { include_str!(concat!(env!("OUT_DIR"), "/gen.rs")) }
#[macro_export] macro_rules! greet { () => { $crate::greeting() } }
"#,
    ),
];

/// A registry crate whose build script reads an environment variable.
const VENDORED: Files = &[
    (".cargo/config.toml", super::SHELF),
    (
        "vendor/asks/build.rs",
        r#"
fn main() {
    println!("cargo:rerun-if-env-changed=STALE_INPUT");
    let input = std::env::var("STALE_INPUT").unwrap_or_default();
    if input == "fast" { println!("cargo:rustc-cfg=fast"); }
    println!("cargo:rustc-env=GREETING={input}");
    let path = format!("{}/gen.rs", std::env::var("OUT_DIR").unwrap());
    std::fs::write(path, format!("pub fn go(x: i64) -> i64 {{ x + {} }}", input.len())).unwrap();
}
"#,
    ),
    (
        "vendor/asks/src/lib.rs",
        r#"
pub fn level(x: i64) -> i64 { if cfg!(fast) { x + 100 } else { x + 1 } }
pub fn greeting() -> &'static str { env!("GREETING") }
pub fn knob() -> &'static str { option_env!("STALE_KNOB").unwrap_or("none") }
pub fn is_debug() -> bool { cfg!(debug_assertions) }
include!(concat!(env!("OUT_DIR"), "/gen.rs"));
"#,
    ),
];

/// A crate with the files of a registry crate that cargo has unpacked.
const PUBLISHED: Files = &[
    (".cargo/config.toml", super::SHELF),
    ("vendor/asserting-1.0.0/.cargo-ok", "{\"v\":1}"),
    (
        "vendor/asserting-1.0.0/src/lib.rs",
        "pub fn is_debug() -> bool { cfg!(debug_assertions) }\n",
    ),
];

impl Case {
    fn asks(self) -> Case {
        let case = self.depends(r#"asks = { version = "1", registry = "shelf" }"#);
        case.files(VENDORED)
    }
}

pub(super) fn cases() -> Vec<Case> {
    [beside(), registry()].into_iter().flatten().collect()
}

fn beside() -> Vec<Case> {
    let dep = |promise, main| {
        case_of_f(promise, main)
            .needs("dep", DEP)
            .edit("dep/config.txt", "slow", "fast", &["f"])
    };
    vec![
        dep(
            "a cfg that the build script of a crate beside gives counts",
            "#[memoize] fn f(x: i64) -> i64 { dep::level(x) }",
        ),
        dep(
            "a variable that the build script of a crate beside gives counts",
            "#[memoize] fn f(_: i64) -> String { dep::greeting().to_owned() }",
        ),
        dep(
            "a variable that may be there, of the build script of a crate beside, counts",
            "#[memoize] fn f(_: i64) -> String { format!(\"{:?} {}\", dep::maybe(), dep::greet!()) }",
        ),
        case(
            "code that the build script of a crate beside makes counts",
            &["f(3)", "g(3)"],
            "
#[memoize] fn f(x: i64) -> i64 { dep::go(x) }
#[memoize] fn g(_: i64) -> String { dep::text().to_owned() }
",
        )
        .needs("dep", DEP)
        .edit("dep/config.txt", "slow", "slower", &["f", "g"]),
        case_of_f(
            "the output of the build that is linked counts, not the newest",
            "
// here
#[memoize] fn f(x: i64) -> i64 { dep::go(x) }
",
        )
        .needs("dep", DEP)
        .manifest("[features]\nwide = [\"dep/wide\"]")
        .step(run(&["--features", "wide"]).only(&["f"]))
        .step(edit(MAIN, "// here", "// there").only(&[]))
        .step(
            run(&["--features", "wide"])
                .and(Edit::Replace(MAIN, "// here", "// where"))
                .changes(&[]),
        )
        .undone(),
        case_of_f(
            "the output of this crate's build that is linked counts, not the newest",
            r#"
// here
mod generated { include!(concat!(env!("OUT_DIR"), "/gen.rs")); }
#[memoize] fn f(x: i64) -> i64 { generated::go(x) }
"#,
        )
        .file(
            "build.rs",
            r#"
fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    let path = format!("{}/gen.rs", std::env::var("OUT_DIR").unwrap());
    let k = if std::env::var_os("CARGO_FEATURE_WIDE").is_some() { 100 } else { 1 };
    std::fs::write(path, format!("pub fn go(x: i64) -> i64 {{ x + {k} }}")).unwrap();
}
"#,
        )
        .manifest("[features]\nwide = []")
        .step(run(&["--features", "wide"]).only(&["f"]))
        .step(edit(MAIN, "// here", "// there").only(&[])),
        case_of_f("the output of the build for the program counts, not that for the build script", "
// here
#[memoize] fn f(x: i64) -> i64 { dep::go(x) }
")
            .needs("dep", DEP)
            .manifest("[build-dependencies]\ndep = { path = \"dep\", features = [\"wide\"] }")
            .file("build.rs", "fn main() { assert!(dep::go(0) > 100); println!(\"cargo:rerun-if-changed=build.rs\"); }")
            .edit("dep/config.txt", "slow", "slower", &["f"])
            .edit(MAIN, "// here", "// there", &[]),
        case_of_f(
            "what a build script itself does counts by what comes of it",
            "#[memoize] fn f(_: i64) -> String { dep::greeting().to_owned() }",
        )
        .needs("dep", DEP)
        .edit("dep/build.rs", "GREETING={}", "GREETING=very {}", &["f"])
        .edit("dep/build.rs", "fn main() {", "fn main() { let _ = 7;", &[]),
        case_of_f(
            "a profile of a crate beside counts where it is asked for",
            "#[memoize] fn f(_: i64) -> bool { checks::is_debug() }",
        )
        .library("checks", "pub fn is_debug() -> bool { cfg!(debug_assertions) }")
        .manifest("[profile.dev.package.checks]\ndebug-assertions = true")
        .edit(
            "Cargo.toml",
            "assertions = true",
            "assertions = false",
            &["f"],
        ),
    ]
}

fn registry() -> Vec<Case> {
    let asks = |promise, main| {
        case_of_f(promise, main)
            .asks()
            .step(variable("STALE_INPUT", "fast").only(&["f"]))
            .undone()
    };
    vec![
        case(
            "a profile of a published crate counts where it is asked for",
            &["f(3)", "g(3)"],
            "
#[memoize] fn f(_: i64) -> bool { asserting::is_debug() }
#[memoize] fn g(x: i64) -> i64 { x }
",
        )
        .files(PUBLISHED)
        .depends(r#"asserting = { version = "1", registry = "shelf" }"#)
        .step(
            run(&[
                "--config",
                "profile.dev.package.asserting.debug-assertions=false",
            ])
            .only(&["f"]),
        )
        .undone(),
        asks(
            "a cfg that the build script of a registry crate gives counts",
            "#[memoize] fn f(x: i64) -> i64 { asks::level(x) }",
        ),
        asks(
            "a variable that the build script of a registry crate gives counts",
            "#[memoize] fn f(_: i64) -> String { asks::greeting().to_owned() }",
        ),
        asks(
            "code that the build script of a registry crate makes counts",
            "#[memoize] fn f(x: i64) -> i64 { asks::go(x) }",
        ),
        case_of_f(
            "a variable that a registry crate reads counts",
            "#[memoize] fn f(_: i64) -> String { asks::knob().to_owned() }",
        )
        .asks()
        .step(variable("STALE_KNOB", "a").only(&["f"]))
        .undone(),
        case_of_f(
            "a profile of a registry crate counts where it is asked for",
            "#[memoize] fn f(_: i64) -> bool { asks::is_debug() }",
        )
        .asks()
        .manifest("[profile.dev.package.asks]\ndebug-assertions = true")
        .edit(
            "Cargo.toml",
            "assertions = true",
            "assertions = false",
            &["f"],
        ),
    ]
}
