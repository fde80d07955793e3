//! Cases of unusual code: names that attribute macros create, packages with the same
//! name, and sources in unusual directories or with unusual bytes.

use crate::case::{Case, Files, How, MAIN, PROC_MACRO, again, case, case_of_f, edit, run};
use crate::package_files::Edit;

pub(crate) fn cases() -> Vec<Case> {
    [
        attached(),
        hidden(),
        defined(),
        places(),
        text(),
        targets(),
        files(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn attached() -> Vec<Case> {
    vec![
        case_of_f(
            "a type that a derive in another module makes counts",
            "
mod models { #[derive(makes::Maker)] pub struct Model { #[start = 7] n: i64 } }
#[memoize] fn f(x: i64) -> i64 { models::ModelMaker::first() + x }
",
        )
        .needs("makes", MAKES)
        .edit_wide("src/main.rs", "start = 7", "start = 8", &["f"]),
        case_of_f(
            "a type that a derive in another module makes counts by its import",
            "
mod models { #[derive(makes::Maker)] pub struct Model { #[start = 7] n: i64 } }
use models::ModelMaker;
#[memoize] fn f(x: i64) -> i64 { ModelMaker::first() + x }
",
        )
        .needs("makes", MAKES)
        .edit_wide("src/main.rs", "start = 7", "start = 8", &["f"]),
        case_of_f(
            "a function that an attribute in another module makes counts",
            "
mod steps { #[makes::twice] pub fn base(x: i64) -> i64 { x + 1 } }
#[memoize] fn f(x: i64) -> i64 { steps::base_twice(x) }
",
        )
        .needs("makes", MAKES)
        .edit_wide("src/main.rs", "x + 1", "x + 2", &["f"]),
        case_of_f(
            "a function that an attribute names by its argument counts",
            "
#[makes::named(other)] fn base(x: i64) -> i64 { x + 1 }
#[memoize] fn f(x: i64) -> i64 { other(x) }
",
        )
        .needs("makes", MAKES)
        .edit_wide("src/main.rs", "x + 1", "x + 2", &["f"]),
        case_of_f(
            "a method that an attribute of an impl makes counts",
            "
struct Own(i64);
#[makes::all_twice] impl Own { fn base(x: i64) -> i64 { x + 1 } }
#[memoize] fn f(x: i64) -> i64 { Own::base_twice(x) }
",
        )
        .needs("makes", MAKES)
        .edit_wide("src/main.rs", "x + 1", "x + 2", &["f"]),
        case_of_f(
            "a method that an attribute of a method makes counts",
            "
struct Own(i64);
impl Own { #[makes::twice_here] fn base(x: i64) -> i64 { x + 1 } }
#[memoize] fn f(x: i64) -> i64 { Own::base_twice(x) }
",
        )
        .needs("makes", MAKES)
        .edit_wide("src/main.rs", "x + 1", "x + 2", &["f"]),
    ]
}

/// Creates a program with an impl in code that is part of another item.
fn hidden_impl(place: &str, other: &str) -> Case {
    let main = "
#![allow(dead_code, non_local_definitions)]
struct Own;
trait Step { fn step(&self) -> i64; }
OTHER
#[memoize] fn f(x: i64) -> i64 { x + Own.step() }
";
    let of_own = "impl Step for Own { fn step(&self) -> i64 { 10 } }";
    let main = main.replace("OTHER", &other.replace("HERE", of_own));
    let promise = format!("an impl in {place} counts");
    case_of_f(promise.leak(), main.leak()).edit(MAIN, "10", "11", &["f"])
}

fn hidden() -> Vec<Case> {
    vec![
        hidden_impl("the length of an alias", "type Other = [u8; { HERE 3 }];"),
        hidden_impl("the length of a field", "struct Other([u8; { HERE 3 }]);"),
        hidden_impl("a discriminant", "enum Other { A = { HERE 3 } }"),
        hidden_impl("a default of a parameter", "struct Other<const N: usize = { HERE 3 }>;"),
        hidden_impl("the length of a parameter", "fn other(_: [u8; { HERE 3 }]) {}"),
        hidden_impl(
            "the header of an impl",
            "struct Other<const N: usize>; impl Other<{ HERE 3 }> {}",
        ),
        case_of_f("the line that a macro shows counts beside a glob of a log", "
use log::*;
use marks::*;

#[memoize] fn f(_: i64) -> u32 { here!() }
")
        .depends("log = \"0.4\"")
        .library("marks", "#[macro_export] macro_rules! here { () => { line!() } }")
.file("marks/.cargo-checksum.json", "{\"files\":{}}")
.file("marks/Cargo.toml", "edition = \"2021\"\n")
        .edit_wide("src/main.rs", "use marks::*;\n", "use marks::*;\n\n", &["f"]),
        case_of_f("the line that a macro shows counts", "
use marks::*;

#[memoize] fn f(_: i64) -> u32 { here!() }
")
        .library("marks", "#[macro_export] macro_rules! here { () => { line!() } }")
.file("marks/.cargo-checksum.json", "{\"files\":{}}")
.file("marks/Cargo.toml", "edition = \"2021\"\n")
        .edit_wide("src/main.rs", "use marks::*;\n", "use marks::*;\n\n", &["f"]),
        case_of_f("a symbol that the body of a function defines counts", r#"
fn nobody() { #[unsafe(no_mangle)] pub extern "C" fn joblib_unkind_hook(x: i64) -> i64 { x + 1 } }
mod decl { unsafe extern "C" { pub fn joblib_unkind_hook(x: i64) -> i64; } }
#[memoize] fn f(x: i64) -> i64 { unsafe { decl::joblib_unkind_hook(x) } }
"#)
        .edit_wide("src/main.rs", "x + 1", "x + 2", &["f"]),
        case("an impl in the body of a method, a constant and a closure counts", &["f(3)", "g(3)", "h(3)"], "
struct Own(i64);
trait Step { fn step(&self) -> i64 { 1 } fn jump(&self) -> i64 { 2 } }
impl Own { fn nobody(&self) { impl Step for Own { fn step(&self) -> i64 { self.0 + 1 } } } }
const SOME: i64 = { impl Own { fn leap(&self) -> i64 { self.0 + 5 } } 1 };
fn none() { let _ = || { impl std::ops::Neg for Own { type Output = i64; fn neg(self) -> i64 { self.0 + 9 } } }; }
#[memoize] fn f(x: i64) -> i64 { Own(x).step() }
#[memoize] fn g(x: i64) -> i64 { Own(x).leap() }
#[memoize] fn h(x: i64) -> i64 { -Own(x) }
")
        .edit_wide("src/main.rs", "self.0 + 1", "self.0 + 2", &["f"])
        .edit_wide("src/main.rs", "self.0 + 5", "self.0 + 6", &["g"])
        .edit_wide("src/main.rs", "self.0 + 9", "self.0 + 8", &["h"]),
        case_of_f("the argument of an attribute on a module counts", "
#[makes::becomes(5)] mod inner { pub fn go(x: i64) -> i64 { x + 1000 } }
#[memoize] fn f(x: i64) -> i64 { inner::go(x) }
")
        .needs("makes", MAKES)
        .edit_wide("src/main.rs", "becomes(5)", "becomes(6)", &["f"]),
        case("the argument of an attribute on an impl counts", &["f(3)", "g(3)"], "
struct Own(i64);
trait Step { fn step(&self) -> i64; }
#[makes::becomes(5)] impl Own { fn go(x: i64) -> i64 { x + 1000 } }
#[makes::becomes(7)] impl Step for Own { fn step(&self) -> i64 { self.0 + 1000 } }
#[memoize] fn f(x: i64) -> i64 { Own::go(x) }
#[memoize] fn g(x: i64) -> i64 { Own(x).step() }
")
        .needs("makes", MAKES)
        .edit_wide("src/main.rs", "becomes(5)", "becomes(6)", &["f"])
        .edit_wide("src/main.rs", "becomes(7)", "becomes(8)", &["g"]),
        case_of_f("a macro that the body of a function exports counts", "
fn nobody() { #[macro_export] macro_rules! go { ($x:expr) => { $x + 1 } } }
#[memoize] fn f(x: i64) -> i64 { crate::go!(x) }
")
        .edit_wide("src/main.rs", "$x + 1", "$x + 2", &["f"]),
        case_of_f("a module in the body of a function counts", "
fn make(x: i64) -> i64 { mod part { pub fn go(x: i64) -> i64 { x + 1 } } part::go(x) }
#[memoize] fn f(x: i64) -> i64 { make(x) }
")
        .edit("src/main.rs", "x + 1", "x + 2", &["f"]),
        case_of_f("a crate beside that is a dynamic library too counts", "#[memoize] fn f(x: i64) -> i64 { dep::go(x) }")
        .library("dep", "pub fn go(x: i64) -> i64 { x + 1 }")
.file("dep/Cargo.toml", "edition = \"2021\"\n[lib]\ncrate-type = [\"cdylib\", \"rlib\"]\n")
        .edit_wide("dep/src/lib.rs", "x + 1", "x + 2", &["f"]),
        case_of_f("a derive that is called like one of the compiler counts", "
use makes::Debug;
#[derive(Debug)] struct Model { #[start = 7] n: i64 }
#[memoize] fn f(x: i64) -> i64 { ModelMaker::first() + x }
")
        .needs("makes", MAKES)
        .edit_wide("src/main.rs", "start = 7", "start = 8", &["f"]),
        case_of_f("a path that a macro begins with a module under another name counts", "
macro_rules! via { ($m:ident) => { $m::inner::go } }
mod outer { pub mod inner { pub fn go(x: i64) -> i64 { x + 1 } } }
use outer as alias;
#[memoize] fn f(x: i64) -> i64 { via!(alias)(x) }
")
        .edit_wide("src/main.rs", "x + 1", "x + 2", &["f"]),
        case_of_f("a method that is handed over by its path counts", "
trait Scale { fn scale(&self) -> i64; }
impl Scale for i64 { fn scale(&self) -> i64 { self + 1 } }
#[memoize] fn f(x: i64) -> i64 { [x].iter().map(Scale::scale).sum() }
")
        .edit("src/main.rs", "self + 1", "self + 2", &["f"]),
    ]
}

fn defined() -> Vec<Case> {
    vec![
        case_of_f("a macro that a macro without arguments defines counts", "
macro_rules! define { () => { macro_rules! go { ($x:expr) => { real($x) } } } }
define!();
fn real(x: i64) -> i64 { x + 1 }
#[memoize] fn f(x: i64) -> i64 { go!(x) }
")
        .edit_wide("src/main.rs", "x + 1", "x + 2", &["f"]),
        case_of_f("an impl for an alias of an associated type counts", "
trait Pick { type Out; }
struct Chooser;
impl Pick for Chooser { type Out = Bar; }
struct Bar(i64);
type Picked = <Chooser as Pick>::Out;
impl std::ops::Add<i64> for Picked { type Output = i64; fn add(self, y: i64) -> i64 { self.0 + y + 1 } }
#[memoize] fn f(x: i64) -> i64 { Bar(x) + x }
")
        .edit_wide("src/main.rs", "y + 1", "y + 2", &["f"]),
        case("an impl in the body of a function that nobody calls counts", &["f(3)", "g(3)"], "
struct Own(i64);
trait Step { fn step(&self) -> i64 { 1 } }
fn nobody() {
    impl Step for Own { fn step(&self) -> i64 { self.0 + 1 } }
    impl Own { fn inherent(&self) -> i64 { self.0 + 5 } }
}
#[memoize] fn f(x: i64) -> i64 { Own(x).step() }
#[memoize] fn g(x: i64) -> i64 { Own(x).inherent() }
")
        .edit_wide("src/main.rs", "self.0 + 1", "self.0 + 2", &["f"])
        .edit_wide("src/main.rs", "self.0 + 5", "self.0 + 6", &["g"]),
    ]
}

fn places() -> Vec<Case> {
    const MANIFEST: &str = "[package]\nname = \"dep\"\nversion = \"1.0.0\"\nedition = \"2021\"\n";
    const NOISY: &str = r#"
use std::cell::RefCell;
struct Noisy<'a>(&'a RefCell<String>, &'static str);
impl Drop for Noisy<'_> { fn drop(&mut self) { self.0.borrow_mut().push_str(self.1); } }
impl Noisy<'_> { fn len(&self) -> i64 { 1 } }
fn tail(log: &RefCell<String>) -> i64 { let _l = Noisy(log, "local "); Noisy(log, "temporary ").len() }
pub fn order() -> String { let l = RefCell::new(String::new()); tail(&l); l.into_inner() }
"#;
    vec![
        case_of_f("a crate below a directory called registry counts", "#[memoize] fn f(x: i64) -> i64 { dep::go(x) }")
        .depends("dep = { path = \"registry/src/dep-1.0.0\" }")
        .file("registry/src/dep-1.0.0/Cargo.toml", MANIFEST)
        .file("registry/src/dep-1.0.0/src/lib.rs", "pub fn go(x: i64) -> i64 { x + 1 }")
        .edit_wide("registry/src/dep-1.0.0/src/lib.rs", "x + 1", "x + 2", &["f"]),
        case_of_f("the edition of a vendored crate counts", "#[memoize] fn f(_: i64) -> String { dep::order() }")
        .library("dep", NOISY)
.file("dep/.cargo-checksum.json", "{\"files\":{}}")
.file("dep/Cargo.toml", MANIFEST)
        .edit_wide("dep/Cargo.toml", "2021", "2024", &["f"]),
        case_of_f("swapping two packages of one name counts", "#[memoize] fn f(x: i64) -> i64 { one::go(x) * 100 - two::go(x) }")
        .depends("one = { package = \"dep\", path = \"one\" }\ntwo = { package = \"dep\", path = \"two\" }")
        .manifest("[workspace]\nexclude = [\"one\", \"two\"]")
        .file("one/Cargo.toml", MANIFEST)
        .file("two/Cargo.toml", "[package]\nname = \"dep\"\nversion = \"2.0.0\"\nedition = \"2021\"\n")
        .file("one/src/lib.rs", "pub fn go(x: i64) -> i64 { x + 1 }")
        .file("two/src/lib.rs", "pub fn go(x: i64) -> i64 { x + 2 }")
        .step(crate::case::exchange("one/src/lib.rs", "two/src/lib.rs").changes(&["f"]))
        .undone(),
        case_of_f("a native library of a crate beside counts", "#[memoize] fn f(x: i64) -> i64 { native::go(x) }")
        .library("native", "unsafe extern \"C\" { fn native_go(x: i64) -> i64; }
pub fn go(x: i64) -> i64 { unsafe { native_go(x) } }")
.file("native/Cargo.toml", "links = \"gonative\"\nbuild = \"build.rs\"\n")
.file("native/build.rs", r#"
use std::process::Command;
fn main() {
    println!("cargo:rerun-if-changed=go.c");
    let out = std::env::var("OUT_DIR").unwrap();
    assert!(Command::new("cc").args(["-c", "go.c", "-o", &format!("{out}/go.o")]).status().unwrap().success());
    assert!(Command::new("ar").args(["crs", &format!("{out}/libgonative.a"), &format!("{out}/go.o")]).status().unwrap().success());
    println!("cargo:rustc-link-search=native={out}");
    println!("cargo:rustc-link-lib=static=gonative");
}
"#)
.file("native/go.c", "long long native_go(long long x) { return x + 1; }\n")
        .edit_wide("native/go.c", "x + 1", "x + 2", &["f"]),
    ]
}

fn text() -> Vec<Case> {
    vec![
        case_of_f(
            "raw identifiers count",
            "
mod r#loop;
fn go(x: i64) -> i64 { x + 1 }
#[memoize] fn f(x: i64) -> i64 { r#go(x) + r#loop::r#match(x) }
",
        )
        .file("src/loop.rs", "pub fn r#match(x: i64) -> i64 { x + 5 }")
        .edit("src/main.rs", "x + 1", "x + 2", &["f"])
        .edit("src/loop.rs", "x + 5", "x + 6", &["f"]),
        case_of_f(
            "a name that is written in two forms of Unicode counts",
            "
fn caf\u{e9}(x: i64) -> i64 { x + 1 }
#[memoize] fn f(x: i64) -> i64 { cafe\u{301}(x) }
",
        )
        .edit("src/main.rs", "x + 1", "x + 2", &["f"]),
        case_of_f(
            "a file with a mark at its start and other line ends counts",
            "
mod marked;
#[memoize] fn f(x: i64) -> i64 { marked::go(x) }
",
        )
        .file(
            "src/marked.rs",
            "\u{feff}#![allow(dead_code)]\r\npub fn go(x: i64) -> i64 {\r\n    x + 1\r\n}\r\n",
        )
        .edit("src/marked.rs", "x + 1", "x + 2", &["f"]),
    ]
}

fn targets() -> Vec<Case> {
    let target = &["--target", "x86_64-unknown-linux-gnu"];
    vec![
        case_of_f(
            "a crate with a derive keeps what is not reached where a target is named",
            "#[memoize] fn f(x: i64) -> i64 { dep::go(x) }",
        )
        .needs("makes", MAKES)
        .library(
            "dep",
            "#[derive(makes::Maker)] pub struct Model { #[start = 7] n: i64 }
pub fn go(x: i64) -> i64 { x + 1 }
pub fn idle(x: i64) -> i64 { x + 5 }",
        )
        .file(
            "dep/Cargo.toml",
            "edition = \"2021\"\n[dependencies]\nmakes = { path = \"../makes\" }\n",
        )
        .first(run(target))
        .step(
            run(target)
                .and(Edit::Replace("dep/src/lib.rs", "x + 1", "x + 2"))
                .only(&["f"]),
        )
        .step(
            run(target)
                .and(Edit::Replace("dep/src/lib.rs", "x + 5", "x + 6"))
                .only(&[]),
        ),
    ]
}

fn files() -> Vec<Case> {
    const FRESH: &str = "rm -rf $TARGET/debug/deps/app-* $TARGET/debug/.fingerprint/app-* $TARGET/debug/incremental/app-*";
    vec![
        case_of_f(
            "a directory with a link in it that a macro is given counts",
            r#"#[memoize] fn f(_: i64) -> String { makes::all!("assets").to_string() }"#,
        )
        .needs("makes", MAKES)
        .file("assets/one.txt", "one")
        .file("shared/two.txt", "two")
        .first(again().after("ln -sfn ../shared assets/linked"))
        .step(
            edit("shared/two.txt", "two", "three")
                .after(FRESH)
                .changes(&["f"]),
        ),
        case_of_f(
            "a directory with a link that leads nowhere compiles",
            r#"#[memoize] fn f(_: i64) -> String { makes::all!("assets").to_string() }"#,
        )
        .needs("makes", MAKES)
        .file("assets/one.txt", "one")
        .first(again().after("ln -sfn user@host.1 assets/.#one.txt"))
        .edit("assets/one.txt", "one", "two", &["f"]),
        case_of_f(
            "a route that is a directory of the machine keeps what was computed",
            r#"
#[makes::route("/tmp")] fn home() -> i64 { 7 }
#[memoize] fn f(x: i64) -> i64 { home() + x }
"#,
        )
        .needs("makes", MAKES)
        .step(
            again()
                .after("echo $$ > /tmp/joblib-unkind-test; touch src/main.rs")
                .keeps(&["f"]),
        ),
        case_of_f(
            "a text that is the name of the target directory keeps what was computed",
            r#"
#[makes::route("target")] fn home() -> i64 { 7 }
#[memoize] fn f(x: i64) -> i64 { home() + x }
"#,
        )
        .needs("makes", MAKES)
        .first(again().by(How::Script(
            "CARGO_TARGET_DIR=target $CARGO run -q --offline",
        )))
        .step(
            again()
                .after("touch src/main.rs")
                .by(How::Script(
                    "CARGO_TARGET_DIR=target $CARGO run -q --offline",
                ))
                .keeps(&["f"]),
        ),
    ]
}

/// Procedural macros that create items next to the ones they are attached to, and read
/// files.
const MAKES: Files = &[
    ("makes/Cargo.toml", PROC_MACRO),
    (
        "makes/src/lib.rs",
        r##"
use proc_macro::TokenStream;

fn word_after(text: &str, word: &str) -> String {
    let mut words = text.split(|c: char| !c.is_alphanumeric() && c != '_').filter(|w| !w.is_empty());
    words.find(|w| *w == word);
    words.next().unwrap().to_owned()
}

/// For `struct Model` the type `ModelMaker` with what `start` says.
#[proc_macro_derive(Maker, attributes(start))]
pub fn maker(item: TokenStream) -> TokenStream {
    let text = item.to_string();
    let (name, start) = (word_after(&text, "struct"), word_after(&text, "start"));
    format!("pub struct {name}Maker; impl {name}Maker {{ pub fn first() -> i64 {{ {start} }} }}").parse().unwrap()
}

/// A function with `_twice` behind its name, which calls the one it is attached to.
#[proc_macro_attribute]
pub fn twice(_: TokenStream, item: TokenStream) -> TokenStream {
    let name = word_after(&item.to_string(), "fn");
    let more = format!("pub fn {name}_twice(x: i64) -> i64 {{ {name}(x) * 2 }}");
    item.into_iter().chain(more.parse::<TokenStream>().unwrap()).collect()
}

/// The same for a method.
#[proc_macro_attribute]
pub fn twice_here(_: TokenStream, item: TokenStream) -> TokenStream {
    let name = word_after(&item.to_string(), "fn");
    let more = format!("pub fn {name}_twice(x: i64) -> i64 {{ Self::{name}(x) * 2 }}");
    item.into_iter().chain(more.parse::<TokenStream>().unwrap()).collect()
}

/// The same for the first method of an impl.
#[proc_macro_attribute]
pub fn all_twice(_: TokenStream, item: TokenStream) -> TokenStream {
    let text = item.to_string();
    let (owner, name) = (word_after(&text, "impl"), word_after(&text, "fn"));
    let more = format!("impl {owner} {{ pub fn {name}_twice(x: i64) -> i64 {{ Self::{name}(x) * 2 }} }}");
    item.into_iter().chain(more.parse::<TokenStream>().unwrap()).collect()
}

/// A function of the name that is given, which calls the one it is attached to.
#[proc_macro_attribute]
pub fn named(given: TokenStream, item: TokenStream) -> TokenStream {
    let name = word_after(&item.to_string(), "fn");
    let more = format!("fn {given}(x: i64) -> i64 {{ {name}(x) }}");
    item.into_iter().chain(more.parse::<TokenStream>().unwrap()).collect()
}

/// Replaces 1000 by its argument.
#[proc_macro_attribute]
pub fn becomes(told: TokenStream, item: TokenStream) -> TokenStream {
    item.to_string().replace("1000", &told.to_string()).parse().unwrap()
}

/// The same as `Maker`.
#[proc_macro_derive(Debug, attributes(start))]
pub fn debug(item: TokenStream) -> TokenStream {
    maker(item)
}

/// Leaves everything as it is.
#[proc_macro_attribute]
pub fn route(_: TokenStream, item: TokenStream) -> TokenStream {
    item
}

/// What stands in the file `NAME.sql` of the package.
#[proc_macro]
pub fn load(name: TokenStream) -> TokenStream {
    let dir = std::env::var("CARGO_MANIFEST_DIR").unwrap();
    format!("include_str!(\"{dir}/{name}.sql\")").parse().unwrap()
}

/// What stands in all files of a directory.
#[proc_macro]
pub fn all(dir: TokenStream) -> TokenStream {
    let package = std::env::var("CARGO_MANIFEST_DIR").unwrap();
    let mut queue = vec![format!("{package}/{}", dir.to_string().trim_matches('"'))];
    let mut files = Vec::new();
    while let Some(dir) = queue.pop() {
        for entry in std::fs::read_dir(dir).unwrap() {
            let path = entry.unwrap().path();
            match (path.is_dir(), path.is_file()) {
                (true, _) => queue.push(path.display().to_string()),
                (_, true) => files.push(format!("include_str!(\"{}\")", path.display())),
                _ => {}
            }
        }
    }
    files.sort();
    format!("[{}].concat()", files.join(",")).parse().unwrap()
}
"##,
    ),
];
