//! Cases about procedural macros that name items, declare them or read files.

use crate::case::{Case, Files, MAIN, again, case, case_of_f};
use crate::crates::NAMING;
use crate::package_files::Edit;

fn naming(promise: &'static str, calls: &'static [&'static str], main: &'static str) -> Case {
    case(promise, calls, main).needs("naming", NAMING)
}

/// A procedural macro whose result comes from another crate.
const ASKING: Files = &[
    (
        "asking/Cargo.toml",
        r#"
[lib]
proc-macro = true
[dependencies]
answers = { path = "../answers" }
"#,
    ),
    (
        "asking/src/lib.rs",
        "
#[proc_macro]
pub fn ask(_: proc_macro::TokenStream) -> proc_macro::TokenStream {
    answers::answer().to_string().parse().unwrap()
}
",
    ),
    ("answers/src/lib.rs", "pub fn answer() -> i64 { 42 }"),
];

pub(crate) fn cases() -> Vec<Case> {
    vec![
        naming(
            "a function that a procedural macro names by a text counts",
            &["f(3)"],
            r#"
fn add_one(x: i64) -> i64 { x + 1 }
#[memoize] fn f(x: i64) -> i64 { x + naming::call!("add_one") }
"#,
        )
        .edit(MAIN, "x + 1", "x + 2", &["f"]),
        naming(
            "functions that a procedural macro numbers count",
            &["f(3)"],
            "
fn step_0(x: i64) -> i64 { x + 1 }
fn step_1(x: i64) -> i64 { x * 2 }
fn chain() -> i64 { naming::numbered!(step, 2) }
#[memoize] fn f(x: i64) -> i64 { x + chain() }
",
        )
        .edit(MAIN, "x * 2", "x * 3", &["f"])
        .edit(MAIN, "x + 1", "x + 2", &["f"]),
        naming(
            "a procedural macro counts where a crate beside has a macro of its name",
            &["f(3)"],
            "
use naming::numbered;
fn step_0(x: i64) -> i64 { x + 1 }
fn step_1(x: i64) -> i64 { x * 2 }
fn chain() -> i64 { beside::zero() + numbered!(step, 2) }
#[memoize] fn f(x: i64) -> i64 { x + chain() }
",
        )
        .library("beside", "macro_rules! numbered { ($n:literal) => { $n } }\npub fn zero() -> i64 { numbered!(0) }\n")
        .edit(MAIN, "x * 2", "x * 3", &["f"])
        .edit(MAIN, "x + 1", "x + 2", &["f"]),
        naming(
            "an item that an attribute puts beside another counts",
            &["f(3)"],
            "
#[naming::twice]
fn helper(x: i64) -> i64 { x + inner() }
fn inner() -> i64 { 1 }
#[memoize] fn f(x: i64) -> i64 { helper_twice(x) }
",
        )
        .edit(MAIN, "{ 1 }", "{ 2 }", &["f"])
        .edit(
            "naming/src/lib.rs",
            "{name}(x) + {name}(x)",
            "{name}(x) + 5",
            &["f"],
        ),
        naming(
            "what an attribute calls in the place of a body counts",
            &["f(3)"],
            "
mod hooks { pub fn on_helper(x: i64) -> i64 { x + 1 } }
#[naming::hooked]
fn helper(x: i64) -> i64 { 0 }
#[memoize] fn f(x: i64) -> i64 { helper(x) }
",
        )
        .edit(MAIN, "x + 1", "x + 2", &["f"]),
        naming(
            "functions that a derive names by the fields count",
            &["f(3)"],
            r#"
mod defaults { pub fn width() -> i64 { 1 } pub fn height() -> i64 { 20 } }
mod own { pub fn depth() -> i64 { 300 } }
#[derive(naming::Value)]
struct Size { width: i64, height: i64, #[with = "crate::own::depth"] depth: i64 }
#[memoize] fn f(x: i64) -> i64 { x + Size::value() }
"#,
        )
        .edit(MAIN, "{ 1 }", "{ 2 }", &["f"])
        .edit(MAIN, "{ 300 }", "{ 400 }", &["f"])
        .edit("naming/src/lib.rs", "from(\"0\")", "from(\"1000\")", &["f"]),
        naming(
            "a file that a procedural macro reads counts",
            &["f(3)"],
            r#"#[memoize] fn f(x: i64) -> i64 { x + naming::number_in!("data/n.txt") }"#,
        )
        .file("data/n.txt", "17\n")
        .edit("data/n.txt", "17", "18", &["f"]),
        naming(
            "a file that a procedural macro reads in a macro counts",
            &["f(3)"],
            r#"
macro_rules! number { ($n:ident) => { naming::number_in!("data/n.txt") } }
const NUMBER: i64 = number!(any);
#[memoize] fn f(x: i64) -> i64 { x + NUMBER }
"#,
        )
        .file("data/n.txt", "17\n")
        .edit("data/n.txt", "17", "18", &["f"]),
        naming(
            "a file whose place only a derive knows counts",
            &["f(3)"],
            r#"
#[derive(naming::Template)] #[template(path = "hello.txt")] struct Hello;
#[memoize] fn f(_: i64) -> String { Hello::render().to_owned() }
"#,
        )
        .file("templates/hello.txt", "hello")
        .edit_wide("templates/hello.txt", "hello", "good day", &["f"]),
        naming(
            "a directory that a procedural macro lists counts",
            &["f(3)"],
            r#"#[memoize] fn f(x: i64) -> i64 { x + naming::files_in!("data") }"#,
        )
        .file("data/one.txt", "one")
        .step(
            again()
                .and(Edit::Write("data/two.txt", "two"))
                .after("touch src/main.rs")
                .changes(&["f"]),
        ),
        case_of_f(
            "a crate that a procedural macro uses counts",
            "#[memoize] fn f(x: i64) -> i64 { x + asking::ask!() }",
        )
        .needs("asking", ASKING)
        .edit("answers/src/lib.rs", "42", "43", &["f"])
        .edit(
            "asking/src/lib.rs",
            "answers::answer()",
            "(answers::answer() + 1)",
            &["f"],
        ),
    ]
}
