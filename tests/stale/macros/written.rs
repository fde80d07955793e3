//! Macros that name what they are not given: in their own code, in place of the
//! standard library's, or called by names that others are given. Each is tried
//! from a crate that is followed and from one that counts as a whole.

use crate::case::{Case, Files, MAIN, case};

const PROCEDURAL: &str = r#"
use proc_macro::{TokenStream, TokenTree};

fn name(item: &TokenStream) -> String {
    let trees: Vec<TokenTree> = item.clone().into_iter().collect();
    let is_struct = |pair: &&[TokenTree]| pair[0].to_string() == "struct";
    trees.windows(2).find(is_struct).unwrap()[1].to_string()
}

#[proc_macro]
pub fn go(_: TokenStream) -> TokenStream { "crate::written()".parse().unwrap() }

#[proc_macro]
pub fn beside(_: TokenStream) -> TokenStream { "::below::written()".parse().unwrap() }

#[proc_macro]
pub fn numbered(_: TokenStream) -> TokenStream {
    let name = String::from("crate::written_");
    (name + &(1 + 2).to_string() + "()").parse().unwrap()
}

#[proc_macro]
pub fn formatted(_: TokenStream) -> TokenStream {
    let number = 1 + 6;
    std::format!("{}::written{number}last()", "crate").parse().unwrap()
}

#[proc_macro]
pub fn pattern(_: TokenStream) -> TokenStream { "crate::THREE".parse().unwrap() }

#[proc_macro]
pub fn vec(_: TokenStream) -> TokenStream { "crate::written()".parse().unwrap() }

#[proc_macro]
pub fn format(input: TokenStream) -> TokenStream {
    input.to_string().trim_matches('"').replace(' ', "_").parse().unwrap()
}

#[proc_macro]
pub fn item(_: TokenStream) -> TokenStream { "pub fn made() -> i64 { written() }".parse().unwrap() }

#[proc_macro]
pub fn implement(_: TokenStream) -> TokenStream {
    "impl Step for Own { fn step(&self) -> i64 { written() } }".parse().unwrap()
}

#[proc_macro_attribute]
pub fn attach(_: TokenStream, item: TokenStream) -> TokenStream {
    item.to_string().replace("1", "crate::written()").parse().unwrap()
}

#[proc_macro_derive(Clone)]
pub fn clone(item: TokenStream) -> TokenStream {
    let name = name(&item);
    let body = std::format!("fn clone(&self) -> Self {{ {name}(self.0 + crate::written()) }}");
    std::format!("impl Clone for {name} {{ {body} }}").parse().unwrap()
}

#[proc_macro_derive(Stepping)]
pub fn stepping(item: TokenStream) -> TokenStream {
    let name = name(&item);
    let body = "fn step(&self) -> i64 { self.0 + crate::Other::written() }";
    std::format!("impl {name} {{ {body} }}").parse().unwrap()
}
"#;

const RULES: &str = r#"
#[macro_export] macro_rules! by_crate { () => { crate::written() } }
#[macro_export] macro_rules! by_name { () => { written() } }
#[macro_export] macro_rules! by_self { () => { self::written() } }
#[macro_export] macro_rules! by_method { ($own:expr) => { $own.written() } }
#[macro_export] macro_rules! by_another { () => { $crate::by_crate!() } }
#[macro_export] macro_rules! matches { () => { crate::written() } }
#[macro_export] macro_rules! line { () => { crate::written() } }
"#;

const MANIFEST: &str = "[package]\nname = \"NAME\"\nversion = \"1.0.0\"\nedition = \"2024\"\n";

/// The crates; vendored ones count as a whole.
const CRATES: Files = &[
    ("writing/src/lib.rs", PROCEDURAL),
    ("rules/src/lib.rs", RULES),
    ("below/src/lib.rs", "pub fn written() -> i64 { 10 }\n"),
];

const SUMS: Files = &[
    ("writing/.cargo-checksum.json", "{\"files\":{}}"),
    ("rules/.cargo-checksum.json", "{\"files\":{}}"),
];

fn written(promise: &str, is_vendored: bool, main: &str, file: &'static str) -> Case {
    let promise = match is_vendored {
        true => format!("{promise}, of a vendored crate"),
        false => promise.to_owned(),
    };
    let main = format!("#![allow(unused_imports, dead_code)]\n{main}");
    let manifest = |name| &*MANIFEST.replace("NAME", name).leak();
    let procedural = format!("{}[lib]\nproc-macro = true\n", manifest("writing"));
    let case = case(promise.leak(), &["f(3)"], main.leak())
        .files(CRATES)
        .files(if is_vendored { SUMS } else { &[] })
        .needs("writing", &[])
        .needs("rules", &[])
        .needs("below", &[])
        .file("writing/Cargo.toml", procedural.leak())
        .file("rules/Cargo.toml", manifest("rules"))
        .file("below/Cargo.toml", manifest("below"));
    case.edit_wide(file, "{ 10 }", "{ 11 }", &["f"])
}

/// What each promises, and a program in which `{ 10 }` stands once.
const PROGRAMS: &[(&str, &str)] = &[
    ("a function that a procedural macro calls counts", "
pub fn written() -> i64 { 10 }
#[memoize] fn f(x: i64) -> i64 { x + writing::go!() }
"),
    ("a function that a macro by another name calls counts", "
use writing::go as come;
pub fn written() -> i64 { 10 }
#[memoize] fn f(x: i64) -> i64 { x + come!() }
"),
    ("a function that a procedural macro numbers counts", "
pub fn written_3() -> i64 { 10 }
#[memoize] fn f(x: i64) -> i64 { x + writing::numbered!() }
"),
    ("a function that a procedural macro formats counts", "
pub fn written7last() -> i64 { 10 }
#[memoize] fn f(x: i64) -> i64 { x + writing::formatted!() }
"),
    ("a constant that a macro in a pattern names counts", "
const THREE: i64 = { 10 } - 7;
#[memoize] fn f(x: i64) -> bool { matches!(x, writing::pattern!()) }
"),
    ("a function that an attribute's macro calls counts", "
pub fn written() -> i64 { 10 }
#[writing::attach] fn go(x: i64) -> i64 { x + 1 }
#[memoize] fn f(x: i64) -> i64 { go(x) }
"),
    ("a function that an imported attribute's macro calls counts", "
use writing::*;
pub fn written() -> i64 { 10 }
#[attach] fn go(x: i64) -> i64 { x + 1 }
#[memoize] fn f(x: i64) -> i64 { go(x) }
"),
    ("a function that the macro of an item calls counts", "
writing::item!();
pub fn written() -> i64 { 10 }
#[memoize] fn f(x: i64) -> i64 { x + made() }
"),
    ("a function that the macro of an impl calls counts", "
struct Own;
trait Step { fn step(&self) -> i64; }
writing::implement!();
pub fn written() -> i64 { 10 }
#[memoize] fn f(x: i64) -> i64 { x + Own.step() }
"),
    ("a function that a derive calls counts", "
pub struct Other;
impl Other { pub fn written() -> i64 { 10 } }
#[derive(writing::Stepping)] struct Own(i64);
#[memoize] fn f(x: i64) -> i64 { Own(x).step() }
"),
    ("a derive in the place of the compiler's counts", "
use writing::Clone;
pub fn written() -> i64 { 10 }
#[derive(Clone)] struct Own(i64);
#[memoize] fn f(x: i64) -> i64 { Own(x).clone().0 }
"),
    ("a derive in the place of the compiler's counts within a function", "
use writing::Clone;
pub fn written() -> i64 { 10 }
#[memoize] fn f(x: i64) -> i64 { #[derive(Clone)] struct Own(i64); Own(x).clone().0 }
"),
    ("a derive in the place of the compiler's counts by an import of an import", "
mod prelude { pub use writing::Clone; }
use crate::prelude::Clone;
pub fn written() -> i64 { 10 }
#[derive(Clone)] struct Own(i64);
#[memoize] fn f(x: i64) -> i64 { Own(x).clone().0 }
"),
    ("a derive in the place of the compiler's counts by #[macro_use]", "
#[macro_use] extern crate writing;
pub fn written() -> i64 { 10 }
#[derive(Clone)] struct Own(i64);
#[memoize] fn f(x: i64) -> i64 { Own(x).clone().0 }
"),
    ("a macro in the place of the standard library's counts", "
use writing::vec;
pub fn written() -> i64 { 10 }
#[memoize] fn f(x: i64) -> i64 { x + vec![] }
"),
    ("what a macro in the place of the standard library's makes a name of counts", "
use writing::format;
pub fn written_for() -> i64 { 10 }
#[memoize] fn f(x: i64) -> i64 { x + format!(\"written for\")() }
"),
    ("a macro in the place of the standard library's counts by #[macro_use]", "
#[macro_use] extern crate writing;
pub fn written() -> i64 { 10 }
#[memoize] fn f(x: i64) -> i64 { x + vec![] }
"),
    ("a macro by example in the place of the standard library's counts", "
#[macro_use] extern crate rules;
pub fn written() -> i64 { 10 }
#[memoize] fn f(x: i64) -> i64 { x + matches!() + line!() }
"),
    ("a procedural macro that a macro is given by its name counts", "
macro_rules! call { ($name:ident) => { writing::$name!() } }
pub fn written() -> i64 { 10 }
#[memoize] fn f(x: i64) -> i64 { x + call!(go) }
"),
    ("a procedural macro that a macro is given with its crate counts", "
macro_rules! call { ($krate:ident, $name:ident) => { $krate::$name!() } }
pub fn written() -> i64 { 10 }
#[memoize] fn f(x: i64) -> i64 { x + call!(writing, go) }
"),
    ("a macro by example that a macro is given by its name counts", "
macro_rules! call { ($name:ident) => { rules::$name!() } }
pub fn written() -> i64 { 10 }
#[memoize] fn f(x: i64) -> i64 { x + call!(by_crate) }
"),
    ("a derive within a macro counts", "
macro_rules! define { ($name:ident) => { #[derive(writing::Clone)] struct $name(i64); } }
define!(Own);
pub fn written() -> i64 { 10 }
#[memoize] fn f(x: i64) -> i64 { Own(x).clone().0 }
"),
    ("a derive that a macro is given by its name counts", "
macro_rules! define { ($derive:ident) => { #[derive(writing::$derive)] struct Own(i64); } }
define!(Clone);
pub fn written() -> i64 { 10 }
#[memoize] fn f(x: i64) -> i64 { Own(x).clone().0 }
"),
    ("an attribute that a macro is given counts", "
macro_rules! define { ($(#[$with:meta])* $name:ident) => { $(#[$with])* fn $name(x: i64) -> i64 { x + 1 } } }
define!(#[writing::attach] go);
pub fn written() -> i64 { 10 }
#[memoize] fn f(x: i64) -> i64 { go(x) }
"),
    ("a function that a macro by example calls counts", "
pub fn written() -> i64 { 10 }
#[memoize] fn f(x: i64) -> i64 { x + rules::by_crate!() }
"),
    ("a function that a macro by example calls by its name counts", "
pub fn written() -> i64 { 10 }
#[memoize] fn f(x: i64) -> i64 { x + rules::by_name!() }
"),
    ("a function that a macro by example calls in a module counts", "
mod deep { pub fn written() -> i64 { 10 } pub fn go() -> i64 { rules::by_self!() } }
#[memoize] fn f(x: i64) -> i64 { x + deep::go() }
"),
    ("a method that a macro by example calls counts", "
struct Own;
trait Writes { fn written(&self) -> i64; }
impl Writes for Own { fn written(&self) -> i64 { 10 } }
#[memoize] fn f(x: i64) -> i64 { x + rules::by_method!(Own) }
"),
    ("a function that a macro by example calls through another one counts", "
pub fn written() -> i64 { 10 }
#[memoize] fn f(x: i64) -> i64 { x + rules::by_another!() }
"),
];

pub(crate) fn cases() -> Vec<Case> {
    let of_program = |&(promise, main): &(&str, &str)| {
        [false, true].map(|is_vendored| written(promise, is_vendored, main, MAIN))
    };
    let beside = "
#[memoize] fn f(x: i64) -> i64 { x + writing::beside!() }
";
    let promise = "a crate that a procedural macro names counts";
    let of_crate = [false, true].map(|is| written(promise, is, beside, "below/src/lib.rs"));
    PROGRAMS
        .iter()
        .flat_map(of_program)
        .chain(of_crate)
        .collect()
}
