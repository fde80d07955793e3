//! Parses the annotated item, which must be a function with a body.

use proc_macro2::{Delimiter, Group, Ident, Span, TokenStream, TokenTree};
use syn::parse::{Parse, ParseStream};
use syn::spanned::Spanned;
use syn::{Attribute, Item, Meta, Path, Signature, TraitItemFn, Visibility};

use crate::errors::ErrorList;

/// A function with an unparsed body, so that the compiler reports the errors in
/// it.
#[derive(Clone)]
pub(crate) struct AnnotatedFn {
    pub(crate) attrs: Vec<Attribute>,
    pub(crate) vis: Visibility,
    pub(crate) sig: Signature,
    /// The body with its braces.
    pub(crate) body: Group,
    /// All original tokens of the function.
    pub(crate) tokens: TokenStream,
    /// The names of arguments that a `cfg` removes.
    pub(crate) absent: Vec<Ident>,
}

impl Parse for AnnotatedFn {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let mut attrs = input.call(Attribute::parse_outer)?;
        let vis = input.parse()?;
        let sig = input.parse()?;
        let mut body = body(input.parse()?)?;
        if starts_with_hash(&body.stream()) {
            let inner = |input: ParseStream<'_>| {
                attrs.extend(input.call(Attribute::parse_inner)?);
                input.parse()
            };
            let rest: TokenStream = syn::parse::Parser::parse2(inner, body.stream())?;
            let mut bare = Group::new(Delimiter::Brace, rest);
            bare.set_span(body.span());
            body = bare;
        }
        Ok(AnnotatedFn {
            attrs,
            vis,
            sig,
            body,
            tokens: TokenStream::new(),
            absent: Vec::new(),
        })
    }
}

/// Returns whether the tokens may start with an attribute.
fn starts_with_hash(tokens: &TokenStream) -> bool {
    let first = tokens.clone().into_iter().next();
    matches!(first, Some(TokenTree::Punct(punct)) if punct.as_char() == '#')
}

/// Returns the group of a body. `macro_rules!` passes a fragment (`$body:block`)
/// in an additional group without delimiters.
fn body(token: TokenTree) -> syn::Result<Group> {
    let missing = syn::Error::new(token.span(), "expected the body of the function");
    let TokenTree::Group(group) = token else {
        return Err(missing);
    };
    match group.delimiter() {
        Delimiter::Brace => Ok(group),
        Delimiter::None => group.stream().into_iter().next().map_or(Err(missing), body),
        _ => Err(missing),
    }
}

/// Returns the `cfg` attributes among `attributes`.
pub(crate) fn conditions(attributes: &[Attribute]) -> impl Iterator<Item = &Attribute> {
    let is_condition = |it: &&Attribute| it.path().is_ident("cfg");
    attributes.iter().filter(is_condition)
}

/// Parses `item` as a function.
///
/// # Errors
///
/// `item` is not a function with a body. The error names the kind of item and
/// points to its keyword.
pub(crate) fn parse(item: &TokenStream, annotation: &str) -> syn::Result<AnnotatedFn> {
    match syn::parse2::<AnnotatedFn>(item.clone()) {
        Ok(function) => Ok(AnnotatedFn {
            tokens: item.clone(),
            ..function
        }),
        Err(_) => {
            let (span, hint) = wrong_item(item);
            let message = format!("`#[{annotation}]` belongs on a function with a body{hint}");
            Err(syn::Error::new(span, message))
        }
    }
}

/// Reports `mod name;` items in the body. The compiler does not pass the files of
/// such modules to macros.
pub(crate) fn has_no_file_module(body: &Group, errors: &mut ErrorList) {
    let tokens: Vec<TokenTree> = body.stream().into_iter().collect();
    for (at, token) in tokens.iter().enumerate() {
        match token {
            TokenTree::Group(group) if !is_of_macro(&tokens[..at]) => {
                has_no_file_module(group, errors);
            }
            TokenTree::Ident(word) if word == "mod" => {
                if let [TokenTree::Ident(name), TokenTree::Punct(end), ..] = &tokens[at + 1..]
                    && end.as_char() == ';'
                {
                    errors.at(
                        name.span(),
                        format!(
                            "`mod {name};` in an annotated function is not supported, because the \
                             macro cannot see the file of the module; declare it outside of the \
                             function, or write the module inline in braces"
                        ),
                    );
                }
            }
            _ => {}
        }
    }
}

/// Reports that an option of `function` names the argument `name`, which is not one of
/// `known`.
pub(crate) fn has_no_argument(
    function: &Ident,
    name: &Ident,
    known: &[String],
    errors: &mut ErrorList,
) {
    let known = match known {
        [] => "it has none".to_owned(),
        names => format!("it has `{}`", names.join("`, `")),
    };
    let message = format!("`{function}` has no argument named `{name}`; {known}");
    errors.at(name.span(), message);
}

/// Returns whether a group after these tokens is the input of a macro call.
fn is_of_macro(before: &[TokenTree]) -> bool {
    let is_bang = |token: &TokenTree| matches!(token, TokenTree::Punct(it) if it.as_char() == '!');
    match before {
        [.., bang] if is_bang(bang) => true,
        [.., bang, TokenTree::Ident(_)] => is_bang(bang),
        _ => false,
    }
}

/// An attribute on the same item, which the current macro expands too.
pub(crate) struct SiblingAttribute {
    /// Its path. The expansion must name it once, or the compiler reports an unused
    /// import.
    pub(crate) path: Path,
    pub(crate) arguments: TokenStream,
}

/// Returns the first attribute of `item` whose path ends in `name`, and the item
/// without it.
pub(crate) fn take_attribute(
    item: TokenStream,
    name: &str,
) -> (Option<SiblingAttribute>, TokenStream) {
    if !starts_with_hash(&item) {
        return (None, item);
    }
    let mut rest = TokenStream::new();
    let mut tokens = item.into_iter().peekable();
    while let Some(token) = tokens.next() {
        let is_hash = matches!(&token, TokenTree::Punct(punct) if punct.as_char() == '#');
        match tokens.peek() {
            Some(TokenTree::Group(group)) if is_hash => {
                if let Some(attribute) = parse_attribute(group.stream(), name) {
                    tokens.next();
                    rest.extend(tokens);
                    return (Some(attribute), rest);
                }
                rest.extend([token]);
                rest.extend(tokens.next());
            }
            // No attribute follows the first other token.
            _ => {
                rest.extend([token]);
                rest.extend(tokens);
                break;
            }
        }
    }
    (None, rest)
}

/// Parses the tokens of an attribute, if its path ends in `name`.
fn parse_attribute(attribute: TokenStream, name: &str) -> Option<SiblingAttribute> {
    let (path, arguments) = match syn::parse2(attribute).ok()? {
        Meta::Path(path) => (path, TokenStream::new()),
        Meta::List(list) => (list.path, list.tokens),
        _ => return None,
    };
    let is_named = path.segments.last().is_some_and(|it| it.ident == name);
    is_named.then_some(SiblingAttribute { path, arguments })
}

/// Returns the span of the error for an item of the wrong kind, and the end of
/// its message.
fn wrong_item(item: &TokenStream) -> (Span, &'static str) {
    if let Ok(declared) = syn::parse2::<TraitItemFn>(item.clone()) {
        let hint =
            "; this one has none, so annotate its implementation or a function that calls it";
        return (declared.sig.ident.span(), hint);
    }
    match syn::parse2::<Item>(item.clone()) {
        Ok(Item::Struct(item)) => (item.struct_token.span, ", not on a struct"),
        Ok(Item::Enum(item)) => (item.enum_token.span, ", not on an enum"),
        Ok(Item::Impl(item)) => (
            item.impl_token.span,
            "; annotate the functions inside this `impl` one by one",
        ),
        Ok(Item::Trait(item)) => (
            item.trait_token.span,
            "; annotate the functions inside this trait or its `impl`s one by one",
        ),
        Ok(Item::Mod(item)) => (
            item.mod_token.span,
            "; annotate the functions inside this module one by one",
        ),
        Ok(Item::Const(item)) => (
            item.const_token.span,
            "; a constant is evaluated once, at compile time",
        ),
        _ => (item.span(), ""),
    }
}
