//! Cases where documentation, layout, line numbers and names are data of the program.

use crate::case::{Case, Files, MAIN, PROC_MACRO, again, case, case_of_f, edit};
use crate::package_files::Edit;

pub(crate) fn cases() -> Vec<Case> {
    [docs(), layout(), lines(), names()]
        .into_iter()
        .flatten()
        .collect()
}

/// Macros that read the documentation of the item that they are attached to.
const DOCS: Files = &[
    ("docs/Cargo.toml", PROC_MACRO),
    (
        "docs/src/lib.rs",
        r#"
use proc_macro::{TokenStream, TokenTree};

/// The first text in `doc` attributes, also of the items within.
fn first(item: TokenStream) -> Option<String> { first_in(item, false) }

fn first_in(item: TokenStream, mut is_doc: bool) -> Option<String> {
    for tree in item {
        match tree {
            TokenTree::Group(group) => if let Some(found) = first_in(group.stream(), is_doc) { return Some(found) },
            TokenTree::Ident(ident) => is_doc |= ident.to_string() == "doc",
            TokenTree::Literal(text) if is_doc => return Some(text.to_string()),
            _ => {}
        }
    }
    None
}

/// The name of a struct or an enum, and of a function.
fn name(item: TokenStream) -> String {
    let mut is_next = false;
    for tree in item {
        let text = tree.to_string();
        if is_next { return text }
        is_next = ["struct", "enum", "fn"].contains(&text.as_str());
    }
    panic!("a struct, an enum or a function has a name")
}

/// `help()` is the doc of the type or of its first member that has one.
#[proc_macro_derive(Help)]
pub fn help(item: TokenStream) -> TokenStream {
    let (doc, name) = (first(item.clone()).unwrap(), name(item));
    format!("impl {name} {{ fn help() -> String {{ String::from({doc}) }} }}").parse().unwrap()
}

/// Beside the function `name` there is the constant `DOC`.
#[proc_macro_attribute]
pub fn documented(_: TokenStream, item: TokenStream) -> TokenStream {
    let doc = first(item.clone()).unwrap();
    let more: TokenStream = format!("const DOC: &str = {doc};").parse().unwrap();
    [item, more].into_iter().collect()
}
"#,
    ),
];

fn docs() -> Vec<Case> {
    let documented = |promise, main| {
        case_of_f(promise, main).needs("docs", DOCS).edit_wide(
            MAIN,
            "cannot open",
            "failed to open",
            &["f"],
        )
    };
    vec![
        documented(
            "the doc of a variant counts where a derive reads it",
            "
#[derive(docs::Help)] enum Bad {
    /// cannot open
    Open(i64),
}
#[memoize] fn f(_: i64) -> String { Bad::help() }
",
        ),
        documented(
            "the doc of a type counts where a derive reads it",
            "
/** cannot open */ #[derive(Debug, docs::Help)]
struct Bad(i64);
fn told() -> String { Bad::help() }
#[memoize] fn f(_: i64) -> String { told() }
",
        ),
        documented(
            "the doc that an attribute says counts where a derive reads it",
            r#"
#[derive(docs::Help)] #[doc = concat!("cannot open")] struct Bad { a: i64 }
#[memoize] fn f(_: i64) -> String { Bad::help() }
"#,
        ),
        documented(
            "the doc of a function counts where an attribute reads it",
            "
#[docs::documented]
/// cannot open
fn helper() {}
#[memoize] fn f(_: i64) -> String { helper(); DOC.to_owned() }
",
        ),
        case_of_f(
            "the doc that a macro takes counts",
            "
macro_rules! errors { ($($(#[doc = $d:literal])* $n:ident),*) => {
    enum Bad { $($n),* }
    impl Bad { fn help(&self) -> String { match self { $(Bad::$n => [$($d),*].concat(),)* } } }
} }
errors! {
    /// cannot open
    Open,
    /// cannot close
    Close
}
#[memoize] fn f(_: i64) -> String { Bad::Open.help() }
",
        )
        .edit_wide(MAIN, "cannot open", "failed to open", &["f"]),
        case_of_f(
            "the doc that is made a text counts",
            "
macro_rules! text { ($($t:tt)*) => { stringify!($($t)*) } }
#[memoize] fn f(_: i64) -> String { text! {
    /// cannot open
    struct Bad;
}.to_owned() }
",
        )
        .edit(MAIN, "cannot open", "failed to open", &["f"]),
        case_of_f(
            "docs and comments that nobody reads do not count",
            "
/// One.
#[derive(Clone, Debug)]
struct Own { /** Two. */ a: i64 }
/// Three.
fn helper(x: i64) -> i64 { /* four */ x + 1 }
/// Five.
#[memoize] fn f(x: i64) -> String { format!(\"{:?}\", Own { a: helper(x) }.clone()) }
",
        )
        .edit(MAIN, "One.", "1.", &[])
        .edit(MAIN, "Two.", "2.", &[])
        .edit(MAIN, "Three.", "3.", &[])
        .edit(MAIN, "four", "4", &[])
        .edit(MAIN, "Five.", "5.", &[]),
    ]
}

fn layout() -> Vec<Case> {
    vec![
        case("spaces in what is made a text count", &["f(3)", "g(3)"], r#"
fn shown() -> &'static str { stringify!(a+b, c) }
#[memoize] fn f(_: i64) -> String { stringify!(a+b).to_owned() }
#[memoize] fn g(_: i64) -> String { shown().to_owned() }
"#)
        .edit(MAIN, "(a+b)", "(a + b)", &["f"])
        .edit(MAIN, "(a+b, c)", "(a +b,c)", &["g"]),
        case_of_f("what a macro makes a text counts", r#"
macro_rules! name { ($($t:tt)*) => { stringify!($($t)*) } }
macro_rules! checked { ($e:expr) => { (name!($e), $e) } }
#[memoize] fn f(x: i64) -> String { let (text, value) = checked!(x  +  1); format!("{text} {value}") }
"#)
        .edit(MAIN, "x  +  1", "x + (1)", &["f"]),
        case_of_f("the layout of literals counts where it is data", r#"
const TEXT: &str = "one \
    two
three";
#[memoize] fn f(_: i64) -> String { format!("{TEXT} {}", stringify!(1_000 0xff 1e3)) }
"#)
        .edit(MAIN, "two\n", "two\n ", &["f"])
        .edit(MAIN, "1_000", "1000", &["f"]),
        case_of_f("layout that is no data does not count", r#"
fn helper(x: i64) -> i64 { x + 1 }
#[memoize] fn f(x: i64) -> i64 { helper(x) }
"#)
        .edit(MAIN, "x + 1", "x\n    + // one\n 1", &[])
        .edit(MAIN, "fn helper", "\n\n    fn helper", &[]),
        case_of_f("a program that includes its own source counts its comments", r#"
// one
#[memoize] fn f(_: i64) -> usize { include_str!("main.rs").len() }
"#)
        .edit(MAIN, "// one", "// three", &["f"]),
    ]
}

fn lines() -> Vec<Case> {
    let moved = |promise, main| case_of_f(promise, main).edit(MAIN, "// here", "// here\n", &["f"]);
    vec![
        moved("the line of a function counts where it is data", "
// here
#[memoize] fn f(_: i64) -> u32 { line!() }
"),
        moved("the line of a helper counts where it is data", "
mod helper {
    // here
    pub fn at() -> (u32, &'static str) { (line!(), concat!(\"at \", line!())) }
}
#[memoize] fn f(_: i64) -> String { format!(\"{:?}\", helper::at()) }
"),
        moved("the line counts where a function is called like the macro", "
mod helper {
    // here
    pub fn line() -> u32 { line!() }
}
#[memoize] fn f(_: i64) -> u32 { helper::line() }
"),
        moved("the line of a call counts where a macro makes it data", "
macro_rules! here { () => { line!() } }
macro_rules! twice { () => { here!() } }
// here
fn at() -> u32 { twice!() }
#[memoize] fn f(_: i64) -> u32 { at() }
"),
        moved("the line of a call counts where the callee asks for it", "
#[track_caller] fn at() -> u32 { std::panic::Location::caller().line() }
// here
fn helper() -> u32 { at() }
#[memoize] fn f(_: i64) -> u32 { helper() }
"),
        moved("the line of a call counts where a callee deep below asks for it", "
use std::panic::Location;
mod deep { #[track_caller] pub fn at() -> String { inner() } #[track_caller] fn inner() -> String { super::Location::caller().to_string() } }
// here
#[memoize] fn f(_: i64) -> String { deep::at() }
"),
        moved("the line of a call counts where a crate beside asks for it", "
// here
#[memoize] fn f(_: i64) -> String { places::at().to_string() + &places::here!().to_string() }
")
        .needs("places", PLACES),
        moved("the line of a panic counts where it is caught", r#"
// here
fn broken() { panic!("broken") }
fn told() -> u32 {
    static LINE: std::sync::atomic::AtomicU32 = std::sync::atomic::AtomicU32::new(0);
    let before = std::panic::take_hook();
    std::panic::set_hook(Box::new(|info| LINE.store(info.location().unwrap().line(), std::sync::atomic::Ordering::Relaxed)));
    let _ = std::panic::catch_unwind(broken);
    std::panic::set_hook(before);
    LINE.load(std::sync::atomic::Ordering::Relaxed)
}
#[memoize] fn f(_: i64) -> u32 { told() }
"#),
        case_of_f("the column of a call counts where it is data", "
fn at() -> u32 { column!() }
#[memoize] fn f(_: i64) -> u32 { at() }
")
        .edit(MAIN, "fn at() -> u32 { ", "fn at() -> u32 {     ", &["f"]),
        case_of_f("the file of a function counts where it is data", "
mod alpha;
#[memoize] fn f(_: i64) -> String { alpha::at().to_owned() }
")
        .file("src/alpha.rs", "pub fn at() -> &'static str { file!() }")
        .step(
            again()
                .and(Edit::Remove("src/alpha.rs"))
                .and(Edit::Write("src/alpha/mod.rs", "pub fn at() -> &'static str { file!() }"))
                .only(&["f"]),
        )
        .undone(),
        case_of_f("lines that are no data do not count", "
// here
fn helper(x: i64) -> i64 { x.checked_add(1).unwrap() }
#[memoize] fn f(x: i64) -> i64 { helper(x) }
")
        .edit(MAIN, "// here", "// here\n\n", &[]),
    ]
}

const PLACES: Files = &[(
    "places/src/lib.rs",
    "
#[track_caller] pub fn at() -> u32 { std::panic::Location::caller().line() }
#[macro_export] macro_rules! here { () => { line!() } }
",
)];

fn names() -> Vec<Case> {
    vec![
        case_of_f(
            "the path of a module counts where it is data",
            "
mod alpha { pub fn at() -> &'static str { module_path!() } }
use alpha as chosen;
#[memoize] fn f(_: i64) -> String { chosen::at().to_owned() }
",
        )
        .step(
            edit(MAIN, "mod alpha", "mod beta")
                .and(Edit::Replace(MAIN, "use alpha", "use beta"))
                .only(&["f"]),
        )
        .undone(),
        case_of_f(
            "the path of a type counts where it is data",
            "
mod outer { pub mod alpha { pub struct Own; } pub mod beta {} pub use alpha::Own; }
fn told() -> &'static str { std::any::type_name::<outer::Own>() }
#[memoize] fn f(_: i64) -> String { told().to_owned() }
",
        )
        .step(
            edit(MAIN, "alpha { pub struct Own; }", "alpha {}")
                .and(Edit::Replace(MAIN, "beta {}", "beta { pub struct Own; }"))
                .and(Edit::Replace(MAIN, "pub use alpha", "pub use beta"))
                .only(&["f"]),
        )
        .undone(),
        case_of_f(
            "the names of fields and variants count where a derive shows them",
            r#"
macro_rules! make { ($n:ident { $a:ident } $v:ident) => {
    #[derive(Debug)] struct $n { $a: i64 }
    #[derive(Debug)] enum Kind { $v }
    fn shown(x: i64) -> String { format!("{:?} {:?}", $n { $a: x }, Kind::$v) }
} }
make!(Own { width } Low);
#[memoize] fn f(x: i64) -> String { shown(x) }
"#,
        )
        .edit_wide(MAIN, "{ width }", "{ height }", &["f"])
        .edit_wide(MAIN, "} Low", "} High", &["f"])
        .edit_wide(MAIN, "make!(Own", "make!(Mine", &["f"]),
        case_of_f(
            "the name of a function counts where it is data",
            r#"
fn alpha() {}
fn name<T>(_: T) -> &'static str { std::any::type_name::<T>() }
use alpha as chosen;
#[memoize] fn f(_: i64) -> String { name(chosen).to_owned() }
"#,
        )
        .step(
            edit(MAIN, "fn alpha", "fn beta")
                .and(Edit::Replace(MAIN, "use alpha", "use beta"))
                .only(&["f"]),
        )
        .undone(),
        case_of_f(
            "the text of an assertion counts where it is caught",
            r#"
fn check(x: i64) { assert!(x + 1 == 0); }
fn told(x: i64) -> String {
    let before = std::panic::take_hook();
    std::panic::set_hook(Box::new(|_| {}));
    let caught = std::panic::catch_unwind(|| check(x)).unwrap_err();
    std::panic::set_hook(before);
    caught.downcast_ref::<&str>().unwrap().to_string()
}
#[memoize] fn f(x: i64) -> String { told(x) }
"#,
        )
        .edit(MAIN, "x + 1 == 0", "x+ 1 == 0", &[])
        .edit(MAIN, "x + 1 == 0", "x + 2 == 0", &["f"]),
    ]
}
