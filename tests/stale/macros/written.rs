//! Cases about macros that expand to names that are not among their arguments: in the
//! macro's own code, in macros that shadow those of the standard library, and in macros
//! that are called by a name that another macro takes. Each case runs with a crate that
//! the engine follows and with one that counts as a whole.

use crate::case::{Case, Files, MAIN, PROC_MACRO, case, case_of_f, edit};

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

/// The crates. Vendored crates count as a whole.
const CRATES: Files = &[
    ("writing/src/lib.rs", PROCEDURAL),
    ("rules/src/lib.rs", RULES),
    ("below/src/lib.rs", "pub fn written() -> i64 { 10 }\n"),
];

const SUMS: Files = &[
    ("writing/.cargo-checksum.json", "{\"files\":{}}"),
    ("rules/.cargo-checksum.json", "{\"files\":{}}"),
];

/// The items that the macros name. The edit changes the number.
const NAMED: &str = "
pub const TEN: i64 = 10;
pub fn written() -> i64 { TEN }
pub fn written_3() -> i64 { TEN }
pub fn written7last() -> i64 { TEN }
pub fn written_for() -> i64 { TEN }
pub const THREE: i64 = TEN - 7;
pub struct Other;
impl Other { pub fn written() -> i64 { TEN } }
";

/// One module per function: its name, the items before the function, and the body of
/// the function.
const FUNCTIONS: &[(&str, &str, &str)] = &[
    ("go", "", "x + writing::go!()"),
    ("renamed", "use writing::go as come;", "x + come!()"),
    ("numbered", "", "x + writing::numbered!()"),
    ("formatted", "", "x + writing::formatted!()"),
    ("pattern", "", "i64::from(matches!(x, writing::pattern!()))"),
    (
        "attribute",
        "#[writing::attach] fn one(x: i64) -> i64 { x + 1 }",
        "one(x)",
    ),
    (
        "imported",
        "use writing::*;\n    #[attach] fn two(x: i64) -> i64 { x + 1 }",
        "two(x)",
    ),
    (
        "item",
        "writing::item!(); use crate::written;",
        "x + made()",
    ),
    (
        "implement",
        "use crate::written; struct Own; trait Step { fn step(&self) -> i64; }\n    writing::implement!();",
        "x + Own.step()",
    ),
    (
        "derived",
        "#[derive(writing::Stepping)] struct Stepped(i64);",
        "Stepped(x).step()",
    ),
    (
        "cloned",
        "use writing::Clone;\n    #[derive(Clone)] struct Cloned(i64);",
        "Cloned(x).clone().0",
    ),
    (
        "local",
        "use writing::Clone;",
        "#[derive(Clone)] struct Local(i64); Local(x).clone().0",
    ),
    (
        "handed_on",
        "mod prelude { pub use writing::Clone; }\n    use crate::handed_on::prelude::Clone;\n    #[derive(Clone)] struct Handed(i64);",
        "Handed(x).clone().0",
    ),
    ("vector", "use writing::vec;", "x + vec![]"),
    (
        "text",
        "use writing::format; use crate::written_for;",
        r#"x + format!("written for")()"#,
    ),
    (
        "by_its_name",
        "macro_rules! call { ($name:ident) => { writing::$name!() } }",
        "x + call!(go)",
    ),
    (
        "by_its_crate",
        "macro_rules! call_in { ($krate:ident, $name:ident) => { $krate::$name!() } }",
        "x + call_in!(writing, go)",
    ),
    (
        "rules_by_name",
        "macro_rules! call_rules { ($name:ident) => { rules::$name!() } }",
        "x + call_rules!(by_crate)",
    ),
    (
        "derive_in_macro",
        "macro_rules! define { ($name:ident) => { #[derive(writing::Clone)] struct $name(i64); } }\n    define!(Defined);",
        "Defined(x).clone().0",
    ),
    (
        "derive_by_name",
        "macro_rules! derive { ($derive:ident) => { #[derive(writing::$derive)] struct Named(i64); } }\n    derive!(Clone);",
        "Named(x).clone().0",
    ),
    (
        "attribute_by_name",
        "macro_rules! with { ($(#[$with:meta])* $name:ident) => { $(#[$with])* fn $name(x: i64) -> i64 { x + 1 } } }\n    with!(#[writing::attach] three);",
        "three(x)",
    ),
    ("rules_by_crate", "", "x + rules::by_crate!()"),
    (
        "rules_by_bare_name",
        "use crate::written;",
        "x + rules::by_name!()",
    ),
    (
        "rules_by_self",
        "mod deep { use crate::written; pub fn four() -> i64 { rules::by_self!() } }",
        "x + deep::four()",
    ),
    (
        "rules_by_method",
        "struct Methodical; trait Writes { fn written(&self) -> i64; }\n    impl Writes for Methodical { fn written(&self) -> i64 { crate::TEN } }",
        "x + rules::by_method!(Methodical)",
    ),
    ("rules_by_another", "", "x + rules::by_another!()"),
];

/// Functions that call macros that `#[macro_use]` imports.
const OF_MACRO_USE: &[(&str, &str, &str)] = &[
    (
        "cloned",
        "#[derive(Clone)] struct Cloned(i64);",
        "Cloned(x).clone().0",
    ),
    ("vector", "", "x + vec![]"),
    ("matched", "", "x + matches!()"),
    ("lined", "", "x + line!()"),
];

/// Creates a program with these functions. The edited number counts for each of them.
fn written(promise: &str, root: &str, functions: &[(&str, &str, &str)], is_vendored: bool) -> Case {
    let kind = if is_vendored { "vendored" } else { "followed" };
    let promise = format!("{promise} counts, of a {kind} crate");
    let mut main = format!("#![allow(unused_imports, dead_code)]\n{root}\n{NAMED}");
    let mut calls: Vec<&str> = Vec::new();
    let mut names: Vec<&str> = Vec::new();
    for (name, before, body) in functions {
        let function = format!("of_{name}");
        main += &format!(
            "mod {name} {{\n    use joblib::memoize;\n    {before}\n    \
             #[memoize] pub fn {function}(x: i64) -> i64 {{ {body} }}\n}}\nuse {name}::{function};\n"
        );
        calls.push(format!("{function}(3)").leak());
        names.push(function.leak());
    }
    let manifest = |name| &*MANIFEST.replace("NAME", name).leak();
    let procedural = format!("{}[lib]\nproc-macro = true\n", manifest("writing"));
    case(promise.leak(), calls.leak(), main.leak())
        .files(CRATES)
        .files(if is_vendored { SUMS } else { &[] })
        .needs("writing", &[])
        .needs("rules", &[])
        .file("writing/Cargo.toml", procedural.leak())
        .file("rules/Cargo.toml", manifest("rules"))
        .step(edit(MAIN, "10", "11").changes(names.leak()))
}

pub(crate) fn cases() -> Vec<Case> {
    let both = [false, true].into_iter();
    let all = both.flat_map(|is_vendored| {
        let brought = "#[macro_use] extern crate writing;\n#[macro_use] extern crate rules;";
        [
            written("what macros write", "", FUNCTIONS, is_vendored),
            written(
                "what brought macros write",
                brought,
                OF_MACRO_USE,
                is_vendored,
            ),
        ]
    });
    let beside = case_of_f(
        "a crate that a procedural macro names counts",
        "\n#[memoize] fn f(x: i64) -> i64 { x + writing::beside!() }\n",
    )
    .files(CRATES)
    .needs("writing", &[])
    .needs("below", &[])
    .file("writing/Cargo.toml", PROC_MACRO)
    .step(edit("below/src/lib.rs", "10", "11").only(&["f"]));
    all.chain([beside]).collect()
}
