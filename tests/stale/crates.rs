//! Small crates that imitate well-known ones.

use crate::case::{Files, PROC_MACRO};

/// Cargo configuration for a registry whose crates are in the directory `vendor`.
pub(crate) const SHELF: &str = r#"
[registries.shelf]
index = "sparse+https://shelf.invalid/"
[source.shelf]
registry = "sparse+https://shelf.invalid/"
replace-with = "vendored"
[source.vendored]
directory = "vendor"
"#;

/// Imitates `paste::paste!`: `[<a b>]` becomes `ab`, and `[<a b:upper>]` becomes `AB`.
pub(crate) const PASTE: Files = &[
    ("paste/Cargo.toml", PROC_MACRO),
    (
        "paste/src/lib.rs",
        r#"
use proc_macro::{Delimiter, Group, Ident, Span, TokenStream, TokenTree};

#[proc_macro]
pub fn paste(input: TokenStream) -> TokenStream {
    let each = |tree| match tree {
        TokenTree::Group(group) => match pasted(&group) {
            Some(ident) => TokenTree::Ident(ident),
            None => TokenTree::Group(Group::new(group.delimiter(), paste(group.stream()))),
        },
        tree => tree,
    };
    input.into_iter().map(each).collect()
}

fn pasted(group: &Group) -> Option<Ident> {
    let text: String = group.stream().into_iter().map(|tree| tree.to_string()).collect();
    let name = text.strip_prefix('<')?.strip_suffix('>')?;
    let name = match name.strip_suffix(":upper") {
        Some(name) => name.to_uppercase(),
        None => name.to_owned(),
    };
    (group.delimiter() == Delimiter::Bracket).then(|| Ident::new(&name, Span::call_site()))
}
"#,
    ),
];

/// Procedural macros that build the names of items by formatting text.
pub(crate) const NAMING: Files = &[
    ("naming/Cargo.toml", PROC_MACRO),
    (
        "naming/src/lib.rs",
        r#"
use proc_macro::{TokenStream, TokenTree};

fn words(input: TokenStream) -> Vec<String> {
    input.into_iter().map(|tree| tree.to_string()).collect()
}

/// `call!("add_one")` is a call of `add_one` with 3.
#[proc_macro]
pub fn call(input: TokenStream) -> TokenStream {
    format!("crate::{}(3)", input.to_string().trim_matches('"')).parse().unwrap()
}

/// `numbered!(step, 3)` is the sum of `step_0(3)` to `step_2(3)`.
#[proc_macro]
pub fn numbered(input: TokenStream) -> TokenStream {
    let words = words(input);
    let count: usize = words[2].parse().unwrap();
    let calls: Vec<String> = (0..count).map(|n| format!("{}_{n}(3)", words[0])).collect();
    calls.join("+").parse().unwrap()
}

/// Beside the function `name` there is `name_twice`, which adds it to itself.
#[proc_macro_attribute]
pub fn twice(_: TokenStream, item: TokenStream) -> TokenStream {
    let name = words(item.clone())[1].clone();
    let more: TokenStream =
        format!("fn {name}_twice(x: i64) -> i64 {{ {name}(x) + {name}(x) }}").parse().unwrap();
    [item, more].into_iter().collect()
}

/// `fn name` calls `crate::hooks::on_name`, whatever its body says.
#[proc_macro_attribute]
pub fn hooked(_: TokenStream, item: TokenStream) -> TokenStream {
    let name = words(item)[1].clone();
    format!("fn {name}(x: i64) -> i64 {{ crate::hooks::on_{name}(x) }}").parse().unwrap()
}

/// The method `value` is the sum of `crate::defaults::FIELD()` of the fields,
/// or of the function that `#[with = "path"]` says.
#[proc_macro_derive(Value, attributes(with))]
pub fn value(item: TokenStream) -> TokenStream {
    let trees: Vec<TokenTree> = item.into_iter().collect();
    let name = trees[1].to_string();
    let fields = match &trees[2] {
        TokenTree::Group(group) => words(group.stream()),
        _ => panic!("a struct has fields"),
    };
    let mut sum = String::from("0");
    let mut with = None;
    for (at, word) in fields.iter().enumerate() {
        if let Some(path) = word.strip_prefix("[with = \"") {
            with = Some(path.trim_end_matches("\"]").to_owned());
        } else if fields.get(at + 1).is_some_and(|next| next == ":") {
            let path = with.take().unwrap_or(format!("crate::defaults::{word}"));
            sum += &format!("+ {path}()");
        }
    }
    format!("impl {name} {{ fn value() -> i64 {{ {sum} }} }}").parse().unwrap()
}

/// How many files a directory of the package has.
#[proc_macro]
pub fn files_in(input: TokenStream) -> TokenStream {
    let dir = std::env::var("CARGO_MANIFEST_DIR").unwrap();
    let path = format!("{dir}/{}", input.to_string().trim_matches('"'));
    std::fs::read_dir(path).unwrap().count().to_string().parse().unwrap()
}

/// `render()` is the text of the file in `templates` that `#[template]` names.
#[proc_macro_derive(Template, attributes(template))]
pub fn template(item: TokenStream) -> TokenStream {
    let text = item.to_string();
    let file = text.split('"').nth(1).unwrap();
    let name = words(item).into_iter().skip_while(|word| word != "struct").nth(1).unwrap();
    let path = format!("{}/templates/{file}", std::env::var("CARGO_MANIFEST_DIR").unwrap());
    let text = std::fs::read_to_string(&path).unwrap();
    format!(
        "impl {name} {{ fn render() -> &'static str {{
            const _: &[u8] = include_bytes!({path:?});
            {text:?}
        }} }}"
    )
    .parse()
    .unwrap()
}

/// The number in a file, which is reported to the compiler.
#[proc_macro]
pub fn number_in(input: TokenStream) -> TokenStream {
    let dir = std::env::var("CARGO_MANIFEST_DIR").unwrap();
    let path = format!("{dir}/{}", input.to_string().trim_matches('"'));
    let number = std::fs::read_to_string(&path).unwrap();
    format!("{{ const _: &str = include_str!({path:?}); {} }}", number.trim()).parse().unwrap()
}
"#,
    ),
];
