//! Cases about crates and libraries that the compiler and the linker find by name.

use crate::case::{Case, Files, How, MAIN, again, case, case_of_f, edit};
use crate::crates::SHELF;
use crate::package_files::Edit;

pub(crate) fn cases() -> Vec<Case> {
    [crates(), libraries()].into_iter().flatten().collect()
}

/// Compiles `dep` in a directory that rustc searches, without passing its path.
const FOUND: &str = r#"
$CARGO build -q --offline
joblib=$(ls -t $TARGET/debug/deps/libjoblib-*.rlib | head -n 1)
mkdir -p ../beside/out
rustc --edition 2024 --crate-type rlib --crate-name dep dep.rs -C extra-filename=-$TAG -o ../beside/out/libdep-$TAG.rlib
rustc --edition 2024 --crate-name app src/main.rs --cfg direct $EXTERN \
    --extern joblib=$joblib -L dependency=$TARGET/debug/deps -L $KIND../beside/out -o ../beside/app
../beside/app
"#;

fn crates() -> Vec<Case> {
    let by = || again().by(How::Script(FOUND)).with("TAG", "one");
    let add = |number| {
        by().and(Edit::Replace("dep.rs", "x + 1", number))
            .changes(&["f"])
    };
    vec![
        case_of_f(
            "a crate that rustc finds by its name counts",
            "
#[cfg(direct)] extern crate dep as other;
#[cfg(direct)] #[memoize] fn f(x: i64) -> i64 { other::go(x) }
#[cfg(not(direct))] #[memoize] fn f(x: i64) -> i64 { x }
",
        )
        .file("dep.rs", "pub fn go(x: i64) -> i64 { x + 1 }")
        .first(by())
        .step(add("x + 2"))
        .step(add("x + 3").with("KIND", "crate=")),
        case_of_f(
            "a crate that rustc is to find for a name counts",
            "
#[cfg(direct)] #[memoize] fn f(x: i64) -> i64 { dep::go(x) }
#[cfg(not(direct))] #[memoize] fn f(x: i64) -> i64 { x }
",
        )
        .file("dep.rs", "pub fn go(x: i64) -> i64 { x + 1 }")
        .first(by().with("EXTERN", "--extern dep"))
        .step(add("x + 2").with("EXTERN", "--extern dep")),
    ]
}

/// Creates a program that links the library that its build script builds from
/// `native.c`.
fn native(promise: &'static str, main: &'static str) -> Case {
    case(promise, &["f(3)", "g(3)"], main)
        .file("build.rs", BUILD)
        .file("native.c", "long stale_native(long x) { return x + 1; }\n")
}

/// Compiles C code as the crate `cc` does.
const BUILD: &str = r#"
use std::process::Command;
fn main() {
    println!("cargo:rerun-if-changed=native.c");
    let out = std::env::var("OUT_DIR").unwrap();
    let run = |program: &str, arguments: &[&str]| {
        assert!(Command::new(program).args(arguments).status().unwrap().success());
    };
    let (object, library) = (format!("{out}/native.o"), format!("{out}/libstalenative.a"));
    run("cc", &["-c", "-O1", "-fPIC", "native.c", "-o", &object]);
    let _ = std::fs::remove_file(&library);
    run("ar", &["crs", &library, &object]);
    println!("cargo:rustc-link-search=native={out}");
    println!("cargo:rustc-link-lib=static=stalenative");
}
"#;

const DEP: Files = &[
    ("dep/build.rs", BUILD),
    (
        "dep/native.c",
        "long stale_native(long x) { return x + 1; }\n",
    ),
    (
        "dep/src/lib.rs",
        "unsafe extern \"C\" { pub safe fn stale_native(x: i64) -> i64; }\n",
    ),
];

const VENDORED: Files = &[
    (".cargo/config.toml", SHELF),
    ("vendor/dep/build.rs", BUILD),
    (
        "vendor/dep/native.c",
        "long stale_native(long x) { return x + 1; }\n",
    ),
    (
        "vendor/dep/src/lib.rs",
        "unsafe extern \"C\" { safe fn stale_native(x: i64) -> i64; }\npub fn go(x: i64) -> i64 { stale_native(x) }\n",
    ),
];

/// A registry crate that calls a function that its users define.
const CALLER: Files = &[
    (".cargo/config.toml", SHELF),
    (
        "vendor/caller/src/lib.rs",
        r#"
unsafe extern "C" { #[link_name = "stale_hook"] safe fn hook(x: i64) -> i64; }
pub fn call(x: i64) -> i64 { hook(x) }
"#,
    ),
];

const BY_BUILD: &str = "    println!(\"cargo:rustc-link-lib=static=stalenative\");\n";

fn libraries() -> Vec<Case> {
    let by_attribute = || again().and(Edit::Replace("build.rs", BY_BUILD, ""));
    vec![
        native("C that a build script compiles counts", r#"
unsafe extern "C" { safe fn stale_native(x: i64) -> i64; }
#[memoize] fn f(x: i64) -> i64 { stale_native(x) }
#[memoize] fn g(x: i64) -> i64 { x }
"#)
        .edit("native.c", "x + 1", "x + 2", &["f"]),
        native("C that a build script compiles counts, called through pointers", r#"
mod table { unsafe extern "C" { fn stale_native(x: i64) -> i64; }
pub static CALLS: [unsafe extern "C" fn(i64) -> i64; 1] = [stale_native]; }
#[memoize] fn f(x: i64) -> i64 { unsafe { table::CALLS[0](x) } }
#[memoize] fn g(x: i64) -> i64 { x }
"#)
        .edit("native.c", "x + 1", "x + 2", &["f"]),
        native("C that is linked by an attribute counts", r#"
#[link(name = "stalenative", kind = "static")] unsafe extern "C" { safe fn stale_native(x: i64) -> i64; }
#[memoize] fn f(x: i64) -> i64 { stale_native(x) }
#[memoize] fn g(x: i64) -> i64 { x }
"#)
        .first(by_attribute())
        .step(by_attribute().and(Edit::Replace("native.c", "x + 1", "x + 2")).only(&["f"]))
        .step(by_attribute().only(&[])),
        case("C that the build script of a crate beside compiles counts", &["f(3)", "g(3)"], "
#[memoize] fn f(x: i64) -> i64 { dep::stale_native(x) }
#[memoize] fn g(x: i64) -> i64 { x }
")
        .needs("dep", DEP)
        .edit("dep/native.c", "x + 1", "x + 2", &["f"]),
        case("C that the build script of a registry crate compiles counts", &["f(3)", "g(3)"], "
#[memoize] fn f(x: i64) -> i64 { dep::go(x) }
#[memoize] fn g(x: i64) -> i64 { x }
")
        .files(VENDORED)
        .depends(r#"dep = { version = "1", registry = "shelf" }"#)
        .step(again().and(Edit::Replace("vendor/dep/native.c", "x + 1", "x + 2"))
            .after("touch vendor/dep/build.rs; rm -rf $TARGET/debug/.fingerprint/dep-*").only(&["f"]))
        .step(again().after("rm -rf $TARGET/debug/.fingerprint/dep-*").only(&[])),
        case("a function that a registry crate calls by its symbol counts", &["f(3)", "g(3)"], r#"
mod imp { #[unsafe(no_mangle)] extern "C" fn stale_hook(x: i64) -> i64 { x + 5 } }
#[unsafe(no_mangle)] extern "C" fn stale_other(x: i64) -> i64 { x + 7 }
#[memoize] fn f(x: i64) -> i64 { caller::call(x) }
#[memoize] fn g(x: i64) -> i64 { x }
"#)
        .files(CALLER)
        .depends(r#"caller = { version = "1", registry = "shelf" }"#)
        .edit(MAIN, "x + 5", "x + 6", &["f"])
        .edit(MAIN, "x + 7", "x + 8", &[]),
        native("a function that C calls by its symbol counts", r#"
#[unsafe(no_mangle)] extern "C" fn stale_back(x: i64) -> i64 { x + 5 }
unsafe extern "C" { safe fn stale_native(x: i64) -> i64; }
#[memoize] fn f(x: i64) -> i64 { stale_native(x) }
#[memoize] fn g(x: i64) -> i64 { x }
"#)
        .first(again().and(Edit::Write("native.c", BACK)))
        .step(edit(MAIN, "x + 5", "x + 6").and(Edit::Write("native.c", BACK)).only(&["f"])),
    ]
}

const BACK: &str = "long stale_back(long);\nlong stale_native(long x) { return stale_back(x); }\n";
