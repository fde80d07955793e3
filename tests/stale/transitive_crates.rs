//! Cases with crates below other crates, which count wherever they are named and
//! whatever name they have.

use crate::case::{Case, Files, case, case_of_f};

pub(crate) fn cases() -> Vec<Case> {
    vec![
        case(
            "a crate below one that takes part counts, behind a trait object",
            &["f(&Scene(lib::make()), 3)", "plain(3)"],
            "
struct Scene(Box<dyn lib::base::Shape>);
#[joblib::memoize(ignore(s))] fn f(s: &Scene, x: i64) -> i64 { lib::helper() + s.0.area() + x }
#[joblib::memoize] fn plain(x: i64) -> i64 { lib::helper() + x }
",
        )
        .needs("lib", LOWER)
        .edit("mid/src/lib.rs", "{ 10 }", "{ 20 }", &["f"]),
        case_of_f(
            "a symbol of a crate below one that takes part counts",
            "
unsafe extern \"C\" { safe fn thing() -> i64; }
#[joblib::memoize] fn f(x: i64) -> i64 { lib::helper() + thing() + x }
",
        )
        .needs("lib", LOWER)
        .edit("mid/src/lib.rs", "{ 30 }", "{ 40 }", &["f"]),
        case(
            "a type of a crate below one that takes part counts, where a caller chooses it",
            &["f(&lib::disc(), 3)"],
            "#[joblib::memoize(ignore(t))] fn f<T: std::fmt::Display>(t: &T, x: i64) -> String { format!(\"{} {t} {x}\", lib::helper()) }",
        )
        .needs("lib", LOWER)
        .edit("mid/src/lib.rs", "disc 50", "disc 60", &["f"]),
        case_of_f(
            "a crate below one that takes part counts in the scope of a crate",
            "#[joblib::memoize(scope = \"crate\")] fn f(x: i64) -> i64 { lib::helper() + x }",
        )
        .needs("lib", LOWER)
        .edit("lib/src/lib.rs", "{ 1 }", "{ 2 }", &["f"]),
        case(
            "a crate that an included expression names counts",
            &["f(3)", "g(3)"],
            "
#[joblib::memoize] fn f(x: i64) -> i64 { let y: i64 = include!(\"expr.in\"); x + y }
static TABLE: [i64; 2] = include!(\"table.in\");
#[joblib::memoize] fn g(x: i64) -> i64 { x + TABLE[0] }
",
        )
        .file("src/expr.in", "lib::helper()")
        .file("src/table.in", "{ use lib::LIMIT as MOST; [MOST, lib::LIMIT] }")
        .needs("lib", LOWER)
        .edit("lib/src/lib.rs", "{ 1 }", "{ 2 }", &["f"])
        .edit("lib/src/lib.rs", "= 5", "= 6", &["g"]),
        case_of_f(
            "a macro of a crate that an included expression calls counts",
            "#[joblib::memoize] fn f(x: i64) -> i64 { let y: i64 = include!(\"expr.in\"); x + y }",
        )
        .file("src/expr.in", "lib::seven!()")
        .needs("lib", LOWER)
        .edit("lib/src/lib.rs", "7_i64", "8_i64", &["f"]),
        case(
            "a crate that is called like one of the compiler's counts",
            &["f(3)", "g(3)"],
            "
use alloc::helper as other;
#[joblib::memoize] fn f(x: i64) -> i64 { alloc::helper() + x }
#[joblib::memoize] fn g(x: i64) -> i64 { other() + x }
",
        )
        .file("alloc/src/lib.rs", "pub fn helper() -> i64 { 1 }")
        .depends("alloc = { path = \"alloc\" }")
        .edit("alloc/src/lib.rs", "{ 1 }", "{ 2 }", &["f", "g"]),
        case_of_f(
            "a crate that is renamed to one of the compiler's counts",
            "#[joblib::memoize] fn f(x: i64) -> i64 { test::helper() + x }",
        )
        .file("other/src/lib.rs", "pub fn helper() -> i64 { 1 }")
        .depends("test = { path = \"other\", package = \"other\" }")
        .edit("other/src/lib.rs", "{ 1 }", "{ 2 }", &["f"]),
    ]
}

const LOWER: Files = &[
    ("lib/Cargo.toml", r#"
[dependencies]
mid = { path = "../mid" }
base = { path = "../base" }
"#),
    (
        "lib/src/lib.rs",
        "
pub use base;
pub const LIMIT: i64 = 5;
pub fn helper() -> i64 { 1 }
pub fn make() -> Box<dyn base::Shape> { Box::new(mid::Disc) }
pub fn disc() -> mid::Disc { mid::Disc }
#[macro_export] macro_rules! seven { () => { 7_i64 } }
",
    ),
    ("mid/Cargo.toml", "[dependencies]\nbase = { path = \"../base\" }\n"),
    (
        "mid/src/lib.rs",
        "
pub struct Disc;
impl base::Shape for Disc { fn area(&self) -> i64 { 10 } }
impl std::fmt::Display for Disc { fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result { write!(f, \"disc 50\") } }
#[unsafe(no_mangle)] pub extern \"C\" fn thing() -> i64 { 30 }
",
    ),
    ("base/src/lib.rs", "pub trait Shape { fn area(&self) -> i64; }"),
];
