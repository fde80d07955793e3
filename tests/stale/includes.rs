//! Cases about included files: generated code, text data and binary data.

use crate::case::{Case, Files, MAIN, again, case_of_f, edit};
use crate::package_files::Edit;

pub(crate) fn cases() -> Vec<Case> {
    [generated(), code(), data(), places(), links()]
        .into_iter()
        .flatten()
        .collect()
}

/// Generates two files, each with a function that adds the number in `grammar.txt`.
const BUILD: &str = r#"
use std::{env, fs, path::Path};
fn main() {
    println!("cargo:rerun-if-changed=grammar.txt");
    let number = fs::read_to_string("grammar.txt").unwrap();
    let text = format!("pub fn go(x: i64) -> i64 {{ x + {} }}", number.trim());
    let out = env::var("OUT_DIR").unwrap();
    for name in ["calc.rs", "pb.rs"] {
        fs::write(Path::new(&out).join(name), &text).unwrap();
    }
    println!("cargo:rustc-env=GENERATED={out}/pb.rs");
}
"#;

/// Includes a generated file as `lalrpop_util` and `tonic` do.
const INCLUDING: Files = &[
    (
        "including/src/lib.rs",
        r#"
#[macro_export]
macro_rules! lalrpop_mod {
    ($(#[$attr:meta])* $vis:vis $name:ident) => {
        $crate::lalrpop_mod!($(#[$attr])* $vis $name, concat!("/", stringify!($name), ".rs"));
    };
    ($(#[$attr:meta])* $vis:vis $name:ident, $source:expr) => {
        $(#[$attr])* $vis mod $name { include!(concat!(env!("OUT_DIR"), $source)); }
    };
}
#[macro_export]
macro_rules! include_proto {
    ($name:tt) => { include!(concat!(env!("OUT_DIR"), concat!("/", $name, ".rs"))); };
}
#[macro_export]
macro_rules! embedded {
    () => { include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/words.txt")) };
}
"#,
    ),
    ("including/words.txt", "of the other crate"),
];

fn generated() -> Vec<Case> {
    let built = |promise, main| {
        case_of_f(promise, main)
            .file("build.rs", BUILD)
            .file("grammar.txt", "1\n")
            .step(edit("grammar.txt", "1", "2").changes(&["f"]))
            .undone()
    };
    vec![
        built(
            "a generated module that a macro of another crate includes counts",
            "
including::lalrpop_mod!(pub calc);
#[memoize] fn f(x: i64) -> i64 { calc::go(x) }
",
        )
        .needs("including", INCLUDING),
        built(
            "a generated file that a macro of another crate includes by a name counts",
            r#"
pub mod pb { including::include_proto!("pb"); }
#[memoize] fn f(x: i64) -> i64 { pb::go(x) }
"#,
        )
        .needs("including", INCLUDING),
        built(
            "a generated file that a macro includes by a name counts",
            r#"
macro_rules! include_proto {
    ($p:literal) => { include!(concat!(env!("OUT_DIR"), concat!("/", $p, ".rs"))); }
}
mod pb { include_proto!("pb"); }
#[memoize] fn f(x: i64) -> i64 { pb::go(x) }
"#,
        ),
        built(
            "a generated file that a function includes counts",
            r#"
#[memoize] fn f(x: i64) -> i64 {
    mod pb { include!(concat!(env!("OUT_DIR"), "/pb.rs")); }
    pb::go(x)
}
"#,
        ),
        built(
            "a generated file that the build script names counts",
            r#"
mod pb { include!(env!("GENERATED")); }
#[memoize] fn f(x: i64) -> i64 { pb::go(x) }
"#,
        ),
        built(
            "a generated module with a path counts",
            r#"
mod pb { macro_rules! bring { ($($t:tt)*) => { include!($($t)*); } } bring!(env!("GENERATED")); }
use pb::*;
#[memoize] fn f(x: i64) -> i64 { go(x) }
"#,
        ),
        built(
            "generated text counts",
            r#"
macro_rules! text { ($n:expr) => { include_str!(concat!(env!("OUT_DIR"), "/", $n)) } }
#[memoize] fn f(_: i64) -> String { text!("pb.rs").to_owned() }
"#,
        ),
    ]
}

fn code() -> Vec<Case> {
    let table = |promise, main| {
        case_of_f(promise, main)
            .file("src/table.in", "[1, 2, super_scale() * 3]")
            .edit("src/table.in", "1, 2", "1, 5", &["f"])
            .edit(MAIN, "{ 10 }", "{ 11 }", &["f"])
    };
    vec![
        table(
            "an expression that a function includes counts with what it names",
            r#"
fn super_scale() -> i64 { 10 }
#[memoize] fn f(x: i64) -> i64 { let table: [i64; 3] = include!("table.in"); x + table.iter().sum::<i64>() }
"#,
        ),
        table(
            "an expression that a constant includes counts with what it names",
            r#"
const fn super_scale() -> i64 { 10 }
const TABLE: [i64; 3] = include!("table.in");
#[memoize] fn f(x: i64) -> i64 { x + TABLE.iter().sum::<i64>() }
"#,
        ),
        table(
            "an expression that a macro includes counts with what it names",
            r#"
fn super_scale() -> i64 { 10 }
macro_rules! table { ($n:literal) => { include!($n) } }
#[memoize] fn f(x: i64) -> i64 { let table: [i64; 3] = table!("table.in"); x + table.iter().sum::<i64>() }
"#,
        ),
        case_of_f(
            "a body that a method includes counts",
            r#"
struct Own;
impl Own { fn go(&self, x: i64) -> i64 { include!("body.in") } }
#[memoize] fn f(x: i64) -> i64 { Own.go(x) }
"#,
        )
        .file("src/body.in", "x + 1")
        .edit("src/body.in", "x + 1", "x + 2", &["f"]),
        case_of_f(
            "items that a macro includes count",
            r#"
macro_rules! bring { ($($n:literal)*) => { $(include!($n);)* } }
bring!("one.rs" "two.rs");
#[memoize] fn f(x: i64) -> i64 { one(x) + two(x) }
"#,
        )
        .file("src/one.rs", "fn one(x: i64) -> i64 { x + 1 }")
        .file("src/two.rs", "fn two(x: i64) -> i64 { x + 1 }")
        .step(edit("src/one.rs", "x + 1", "x + 2").changes(&["f"]))
        .undone()
        .step(edit("src/two.rs", "x + 1", "x + 2").changes(&["f"]))
        .undone(),
        case_of_f(
            "a module that an included file declares counts",
            r#"
include!("parts/list.rs");
#[memoize] fn f(x: i64) -> i64 { deep::go(x) }
"#,
        )
        .file("src/parts/list.rs", "mod deep; include!(\"more.rs\");")
        .file(
            "src/parts/deep.rs",
            "pub fn go(x: i64) -> i64 { x + super::more() }",
        )
        .file("src/parts/more.rs", "fn more() -> i64 { 1 }")
        .step(edit("src/parts/deep.rs", "x + ", "x - ").changes(&["f"]))
        .undone()
        .step(edit("src/parts/more.rs", "{ 1 }", "{ 2 }").changes(&["f"]))
        .undone(),
        case_of_f(
            "a file that an included expression includes counts",
            r#"#[memoize] fn f(x: i64) -> i64 { x + include!("parts/outer.in") }"#,
        )
        .file(
            "src/parts/outer.in",
            "(1 + include!(\"inner.in\") + include_str!(\"words.txt\").len() as i64)",
        )
        .file("src/parts/inner.in", "20")
        .file("src/parts/words.txt", "four")
        .edit("src/parts/inner.in", "20", "30", &["f"])
        .edit("src/parts/words.txt", "four", "seven", &["f"]),
    ]
}

fn data() -> Vec<Case> {
    let banner = |promise, main| {
        case_of_f(promise, main).file("src/banner.txt", "one").edit(
            "src/banner.txt",
            "one",
            "three",
            &["f"],
        )
    };
    vec![
        banner(
            "a file that a macro takes by name counts",
            r#"
macro_rules! text { ($p:expr) => { include_str!($p) } }
#[memoize] fn f(_: i64) -> String { text!("banner.txt").to_owned() }
"#,
        ),
        banner(
            "a file whose name is a raw or an escaped text counts",
            "
#[memoize] fn f(_: i64) -> String {
    format!(\"{} {}\", include_str!(r\"banner.txt\"), include_bytes!(\"ban\\u{6e}er.txt\").len())
}
",
        ),
        banner(
            "a file whose name is put together counts",
            r#"
#[memoize] fn f(_: i64) -> String {
    include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/", concat!("ban", "ner"), '.', "txt")).to_owned()
}
"#,
        ),
        banner(
            "a file whose name a macro gives counts",
            r#"
macro_rules! name { (banner) => { "banner.txt" }; }
#[memoize] fn f(_: i64) -> String { include_str!(name!(banner)).to_owned() }
"#,
        ),
        banner(
            "a file whose length is a type counts",
            r#"
struct Text<const N: usize>;
impl<const N: usize> Text<N> { fn len(&self) -> usize { N } }
type Banner = Text<{ include_bytes!("banner.txt").len() }>;
#[memoize] fn f(_: i64) -> usize { Text::<{ include_str!("banner.txt").len() }>.len() + <Banner>::len(&Text) }
"#,
        ),
        banner(
            "a file that a static includes by a nested macro counts",
            r#"
macro_rules! bytes { ($($p:tt)*) => { include_bytes!($($p)*) } }
macro_rules! named { ($n:ident) => { bytes!(concat!(stringify!($n), ".txt")) } }
static BANNER: &[u8] = named!(banner);
#[memoize] fn f(_: i64) -> Vec<u8> { BANNER.to_vec() }
"#,
        ),
        case_of_f(
            "a file that is documentation does not count",
            r#"
#![doc = include_str!("../README.md")]
#[doc = include_str!("../README.md")]
#[memoize] fn f(x: i64) -> i64 { x }
"#,
        )
        .file("README.md", "One.")
        .edit("README.md", "One.", "Two.", &[]),
    ]
}

fn places() -> Vec<Case> {
    let both = |promise, main, util| {
        case_of_f(promise, main)
            .file("src/util/mod.rs", util)
            .file("src/banner.txt", "one")
            .file("src/util/banner.txt", "ten")
    };
    vec![
        both(
            "a file that a macro includes lies beside the call",
            "
#[macro_use] mod util;
#[memoize] fn f(_: i64) -> String { banner!().to_owned() }
",
            "macro_rules! banner { () => { include_str!(\"banner.txt\") } }",
        )
        .edit("src/banner.txt", "one", "two", &["f"]),
        both(
            "a file that a macro includes in another module lies beside the call",
            r#"
#[macro_use] mod util;
#[memoize] fn f(_: i64) -> String { format!("{} {}", util::text(), banner!()) }
"#,
            r#"
macro_rules! banner { () => { include_str!("banner.txt") } }
pub fn text() -> &'static str { banner!() }
"#,
        )
        .edit("src/banner.txt", "one", "two", &["f"])
        .edit("src/util/banner.txt", "ten", "twelve", &["f"]),
        both(
            "code that a macro includes lies beside the call",
            "
#[macro_use] mod util;
#[memoize] fn f(_: i64) -> i64 { number!() }
",
            "macro_rules! number { () => { include!(\"number.in\") } }",
        )
        .file("src/number.in", "1")
        .file("src/util/number.in", "10")
        .edit("src/number.in", "1", "2", &["f"]),
        case_of_f(
            "a file that a macro of another crate includes is that of the caller",
            "#[memoize] fn f(_: i64) -> String { including::embedded!().to_owned() }",
        )
        .needs("including", INCLUDING)
        .file("words.txt", "of this crate")
        .edit("words.txt", "this", "my", &["f"]),
    ]
}

fn links() -> Vec<Case> {
    let program = r#"
mod helper;
#[memoize] fn f(x: i64) -> i64 { helper::go(x) + include_str!("words.txt").len() as i64 }
"#;
    vec![
        case_of_f("what a link leads to counts", program)
            .file("shared/helper.rs", "pub fn go(x: i64) -> i64 { x + 1 }")
            .file("shared/words.txt", "four")
            .first(again().after("ln -s ../shared/helper.rs ../shared/words.txt src"))
            .edit("shared/helper.rs", "x + 1", "x + 2", &["f"])
            .edit("shared/words.txt", "four", "seven", &["f"]),
        case_of_f("a link that leads elsewhere counts", program)
            .file("shared/one.rs", "pub fn go(x: i64) -> i64 { x + 1 }")
            .file("shared/words.txt", "four")
            .first(
                again()
                    .after("ln -s ../shared/one.rs src/helper.rs; ln -s ../shared/words.txt src"),
            )
            .step(
                again()
                    .and(Edit::Write(
                        "shared/two.rs",
                        "pub fn go(x: i64) -> i64 { x + 2 }",
                    ))
                    .after("ln -sf ../shared/two.rs src/helper.rs; touch src/main.rs")
                    .only(&["f"]),
            ),
    ]
}
