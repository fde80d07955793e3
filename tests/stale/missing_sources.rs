//! Cases of programs whose source is missing or not at the expected path.

use crate::case::{Case, Files, How, MAIN, PROC_MACRO, Step, again, case, case_of_f};
use crate::package_files::Edit;

/// Passes the program to the compiler on standard input.
const BY_INPUT: &str = r#"
$CARGO build -q --offline
joblib=$(ls -t $TARGET/debug/deps/libjoblib-*.rlib | head -n 1)
mkdir -p ../beside
rustc --edition 2024 --crate-name app - --extern joblib=$joblib \
    -L dependency=$TARGET/debug/deps -o ../beside/app < src/main.rs
../beside/app
"#;

/// Passes a program without a file extension to the compiler.
const BY_NAME: &str = r#"
$CARGO build -q --offline
joblib=$(ls -t $TARGET/debug/deps/libjoblib-*.rlib | head -n 1)
mkdir -p ../beside
cp src/main.rs src/program
rustc --edition 2024 --crate-name app src/program --extern joblib=$joblib \
    -L dependency=$TARGET/debug/deps -o ../beside/app
../beside/app
"#;

/// A library whose documentation example is a program with a memoized function.
const DOCUMENTED: &str = r#"
//! ```
//! use joblib::memoize;
//! fn helper(x: i64) -> i64 { x + 1 }
//! #[memoize] fn f(x: i64) -> i64 { helper(x) + app::level() }
//! fn main() {
//!     let line = format!("joblib\tf\t{}\t{:?}\t{:?}", f::check(3), f(3), f::uncached(3));
//!     std::fs::write("line", line).unwrap();
//! }
//! ```
pub fn level() -> i64 { 100 }
"#;

pub(crate) fn cases() -> Vec<Case> {
    let stdin = || again().by(How::Script(BY_INPUT));
    let named = || again().by(How::Script(BY_NAME));
    let helper = "
fn helper(x: i64) -> i64 { x + 1 }
#[memoize] fn f(x: i64) -> i64 { helper(x) }
";
    let edited = |step: Step| step.and(Edit::Replace(MAIN, "x + 1", "x + 2"));
    vec![
        case_of_f(
            "a program on standard input is not stale and causes a warning",
            helper,
        )
        .first(stdin().warns(&["f::"]))
        .step(edited(stdin()).changes(&["f"])),
        case_of_f(
            "a program on standard input shares nothing with one that is known",
            helper,
        )
        .step(edited(stdin()).changes(&["f"]))
        .step(edited(again()).changes(&["f"])),
        case_of_f("a program whose file has another end is not stale", helper)
            .first(named())
            .step(edited(named()).changes(&["f"])),
        case_of_f("a program at another path is not stale", "")
            .manifest("[[bin]]\nname = \"app\"\npath = \"code/program.in\"")
            .file(MAIN, "")
            .file(
                "code/program.in",
                r#"
use joblib::memoize;
mod helper;
#[memoize] fn f(x: i64) -> i64 { helper::go(x) }
fn main() { println!("joblib\tf\t{}\t{:?}\t{:?}", f::check(3), f(3), f::uncached(3)); }
"#,
            )
            .file("code/helper.rs", "pub fn go(x: i64) -> i64 { x + 1 }")
            .edit("code/helper.rs", "x + 1", "x + 2", &["f"]),
        documented("an example in the docs is not stale", "2024"),
        documented(
            "an example in the docs of an older edition is not stale",
            "2021",
        ),
        case_of_f(
            "a memoized function that a procedural macro writes is not stale",
            "
mod deep { pub fn helper(x: i64) -> i64 { x + 1 } }
writes::memoized!(f, crate::deep::helper);
",
        )
        .needs("writes", WRITES)
        .step(
            again()
                .and(Edit::Replace(MAIN, "x + 1", "x + 2"))
                .changes(&["f"]),
        )
        .step(
            again()
                .and(Edit::Replace(
                    "writes/src/lib.rs",
                    "{path}(x)",
                    "-{path}(x)",
                ))
                .changes(&["f"]),
        ),
        case_of_f(
            "a memoized function that an attribute rewrites is not stale",
            "
fn helper(x: i64) -> i64 { x + 1 }
#[writes::negated] #[memoize] fn f(x: i64) -> i64 { helper(x) }
",
        )
        .needs("writes", WRITES)
        .step(
            again()
                .and(Edit::Replace(MAIN, "x + 1", "x + 2"))
                .changes(&["f"]),
        )
        .step(
            again()
                .and(Edit::Replace(
                    "writes/src/lib.rs",
                    "(-({body}))",
                    "(10 - ({body}))",
                ))
                .changes(&["f"]),
        ),
    ]
}

/// Creates a library with a documentation example, with an edit of the example and one of
/// the library.
fn documented(promise: &'static str, edition: &'static str) -> Case {
    let doctest = || again().by(How::Script("$CARGO test -q --offline --doc; cat line"));
    let edited = |from, to| doctest().and(Edit::Replace("src/lib.rs", from, to));
    case(promise, &[], "")
        .file("src/lib.rs", DOCUMENTED)
        .edition(edition)
        .first(doctest())
        .step(edited("x + 1", "x + 2").changes(&["f"]))
        .step(edited("{ 100 }", "{ 200 }").changes(&["f"]))
}

/// Macros that expand to memoized functions.
const WRITES: Files = &[
    ("writes/Cargo.toml", PROC_MACRO),
    (
        "writes/src/lib.rs",
        r##"
use proc_macro::{TokenStream, TokenTree};

/// A memoized function that calls the one at a path.
#[proc_macro]
pub fn memoized(input: TokenStream) -> TokenStream {
    let text: String = input.into_iter().map(|tree| tree.to_string()).collect();
    let (name, path) = text.split_once(',').unwrap();
    format!(r#"#[joblib::memoize] fn {name}(x: i64) -> i64 {{ {path}(x) }}"#).parse().unwrap()
}

/// The body of the function, negated.
#[proc_macro_attribute]
pub fn negated(_: TokenStream, item: TokenStream) -> TokenStream {
    let mut trees: Vec<TokenTree> = item.into_iter().collect();
    let body = trees.pop().unwrap();
    let body: TokenStream = format!("{{ (-({body})) }}").parse().unwrap();
    trees.into_iter().collect::<TokenStream>().into_iter().chain(body).collect()
}
"##,
    ),
];
